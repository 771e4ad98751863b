"""``csedb coverage --html``: the same as one page without scripts that loads nothing."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from csedb_tests.bank_tools.coverage_counts import CoverageCounts, Row, percent
from csedb_tests.catalogue import RISKS, TRACKS, Criterion, Track
from csedb_tests.text import one_line, showable

_STYLE = """
:root{color-scheme:light dark;--line:#8a8a8a;--gap:#b3261e;--some:#cfe6ff;--more:#9cc9f5;--many:#5ea3e6}
@media (prefers-color-scheme:dark){:root{--line:#767676;--gap:#ff8f86;--some:#123250;--more:#1b4d7d;--many:#2a6fb0}}
body{font:14px/1.5 system-ui,sans-serif;margin:1rem;max-width:90rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin-bottom:1rem}
th,td{border:1px solid var(--line);padding:.2rem .5rem;text-align:right;white-space:nowrap}
th[scope=row],caption{text-align:left}
caption{padding:.3rem 0}
.gap{color:var(--gap)}
.some{background:var(--some)}.more{background:var(--more)}.many{background:var(--many)}
"""
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


def coverage_html(counts: CoverageCounts) -> str:
    """The whole page."""
    return "".join(f"{line}\n" for line in _lines(counts))


def _lines(counts: CoverageCounts) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    filled, cells = counts.filled
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest)}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>Case bank: coverage</title><style>{_STYLE}</style></head><body><main>"
    yield "<h1>Case bank: coverage</h1>"
    yield f"<p>Bank {_text(counts.name)}, digest <code>{_text(counts.digest[:12])}</code>: {counts.total.cases} cases,"
    yield f" {filled} of {cells} cells filled, {counts.total.reviewed} cases signed as they stand"
    yield f" ({percent(counts.total.reviewed, counts.total.cases)}). A red 0 is a gap.</p>"
    for track in TRACKS:
        if counts.criteria_of(track):
            yield from _matrix(counts, track)
    yield from _rows("Departments", counts.departments, counts.catalogue.departments)
    names = {code: f"{code} {criterion.name}" for code, criterion in counts.catalogue.criteria.items()}
    yield from _rows("Criteria", counts.criteria, names)
    yield from _populations(counts)
    yield from _gaps(counts)
    yield "</main></body></html>"


def _text(text: str) -> str:
    return escape(showable(one_line(text)))


def _table(caption: str, head: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{_text(caption)}">'
    yield f"<table><caption>{_text(caption)}</caption><thead><tr>{''.join(head)}</tr></thead><tbody>"
    yield from rows
    yield "</tbody></table></div>"


def _head(names: Sequence[str]) -> list[str]:
    return [f'<th scope="col">{_text(name)}</th>' for name in names]


def _matrix(counts: CoverageCounts, track: Track) -> Iterator[str]:
    criteria = counts.criteria_of(track)
    titled = [f'<th scope="col" title="{_text(c.name)}">{_text(c.code)}</th>' for c in criteria]
    head = [*_head(["Department"]), *titled, *_head(["All"])]
    rows = [_matrix_row(counts, key, name, criteria) for key, name in counts.catalogue.departments.items()]
    totals = [counts.criteria[criterion.code].cases for criterion in criteria]
    rows.append(_row("All", [*(_number(n) for n in totals), _number(sum(totals))]))
    yield f"<h2>{track.capitalize()}</h2>"
    yield from _table(f"Cases by department and {track} criterion", head, rows)


def _matrix_row(counts: CoverageCounts, key: str, name: str, criteria: Sequence[Criterion]) -> str:
    found = [counts.cells.get((key, criterion.code), 0) for criterion in criteria]
    return _row(name, [*(_cell(n) for n in found), _number(sum(found))])


def _row(name: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{_text(name)}</th>{"".join(cells)}</tr>'


def _cell(count: int) -> str:
    level = "gap" if count == 0 else "some" if count == 1 else "more" if count < 4 else "many"
    return f'<td class="{level}">{count}</td>'


def _number(count: int | str) -> str:
    return f"<td>{count}</td>"


def _rows(title: str, rows: Mapping[str, Row], names: Mapping[str, str]) -> Iterator[str]:
    head = _head([title, "Cases", *(f"{risk} risk" for risk in RISKS), "Signed"])
    body = [
        _row(
            names[key],
            [_number(row.cases), *(_share(row.risks[risk], row) for risk in RISKS), _share(row.reviewed, row)],
        )
        for key, row in rows.items()
    ]
    yield f"<h2>{title}</h2>"
    yield from _table(f"{title}: risk, and cases signed as they stand", head, body)


def _share(part: int, row: Row) -> str:
    return f"<td>{part} ({percent(part, row.cases).replace('<', '&lt;')})</td>"


def _populations(counts: CoverageCounts) -> Iterator[str]:
    names = counts.catalogue.populations
    yield "<h2>Populations</h2>"
    head = _head(["Population", "Cases", "Share", "Meaning"])
    total = counts.total.cases
    yield from _table(
        "Cases by population",
        head,
        [
            _row(tag, [_cell(n), _number(percent(n, total).replace("<", "&lt;")), f"<td>{_text(names[tag])}</td>"])
            for tag, n in counts.populations.items()
        ],
    )


def _gaps(counts: CoverageCounts) -> Iterator[str]:
    yield "<h2>Gaps</h2><ul>"
    yield f"<li>Departments without a case: {_text(', '.join(counts.empty_departments) or 'none')}</li>"
    yield f"<li>Criteria without a case: {_text(', '.join(counts.empty_criteria) or 'none')}</li>"
    for department, codes in counts.gaps.items():
        if codes:
            name = counts.catalogue.departments[department]
            yield f"<li>{_text(name)} lacks {len(codes)}: {_text(', '.join(codes))}</li>"
    yield "</ul>"
