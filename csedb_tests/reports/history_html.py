"""Runs over time, as one page without scripts that loads nothing: a chart in SVG and a table that says the same."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from csedb_tests.history import Entry, History
from csedb_tests.reports.history_text import HEADER, entry_cells
from csedb_tests.text import one_line, showable

_WIDTH, _HEIGHT, _LEFT, _TOP = 800, 260, 44, 16
_INNER_WIDTH, _INNER_HEIGHT = _WIDTH - _LEFT - 16, _HEIGHT - _TOP - 36
_SERIES = (("safety", "safety", ""), ("effectiveness", "effectiveness", "6 4"))
_STYLE = """
:root{color-scheme:light dark;--safety:#0b5cad;--effectiveness:#8a4b00;--line:#8a8a8a}
@media (prefers-color-scheme:dark){:root{--safety:#7cb8ff;--effectiveness:#ffb861;--line:#767676}}
body{font:14px/1.5 system-ui,sans-serif;margin:1rem;max-width:75rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse}
th,td{border:1px solid var(--line);padding:.25rem .6rem;text-align:left;white-space:nowrap}
svg{width:100%;max-width:50rem;height:auto;font-size:12px}
svg text{fill:currentColor}
.grid{stroke:var(--line);stroke-opacity:.5}
polyline{fill:none;stroke-width:2}
.safety{stroke:var(--safety)}.effectiveness{stroke:var(--effectiveness)}
circle.safety{fill:var(--safety)}circle.effectiveness{fill:var(--effectiveness)}
"""
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


def history_html(history: History) -> str:
    """The whole page."""
    return "".join(f"{line}\n" for line in _lines(history))


def _lines(history: History) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest)}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>Clinical safety gate: history</title><style>{_STYLE}</style></head><body>"
    yield "<h1>Clinical safety gate: history</h1>"
    yield f"<p>{len(history.entries)} runs, oldest first. Solid line: safety; dashed: effectiveness; scored cases.</p>"
    yield from _chart(history.entries)
    yield from _table(history.entries)
    if history.skipped:
        yield "<h2>Skipped</h2><ul>"
        yield from (f"<li>{_text(line)}</li>" for line in history.skipped)
        yield "</ul>"
    yield "</body></html>"


def _text(text: str) -> str:
    return escape(showable(one_line(text)))


def _chart(entries: Sequence[Entry]) -> Iterator[str]:
    if not entries:
        return
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="chart-title chart-text">'
    yield '<title id="chart-title">Safety and effectiveness scores by run</title>'
    yield '<desc id="chart-text">The table below holds every value of this chart.</desc>'
    for step in range(0, 11, 2):
        y = _y(step / 10)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _INNER_WIDTH}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end" dominant-baseline="middle">{step / 10:.1f}</text>'
    for name, style, dashes in _SERIES:
        yield from _series(entries, name, style, dashes)
    yield from _labels(entries)
    yield "</svg>"


def _series(entries: Sequence[Entry], name: str, style: str, dashes: str) -> Iterator[str]:
    """The line, broken where a run has no score, and a point with its words for each run."""
    values: list[float | None] = [getattr(entry, name) for entry in entries]
    for piece in _pieces(values):
        points = " ".join(f"{_x(i, len(entries))},{_y(values[i] or 0.0)}" for i in piece)
        yield f'<polyline class="{style}" stroke-dasharray="{dashes}" points="{points}"/>'
    for i, (entry, value) in enumerate(zip(entries, values, strict=True)):
        if value is not None:
            title = f"<title>{_text(entry.run_id)}: {name} {value:.3f}</title>"
            yield f'<circle class="{style}" r="3.5" cx="{_x(i, len(entries))}" cy="{_y(value)}">{title}</circle>'


def _pieces(values: Sequence[float | None]) -> list[list[int]]:
    pieces: list[list[int]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(i)
    return [piece for piece in pieces if len(piece) > 1]


def _labels(entries: Sequence[Entry]) -> Iterator[str]:
    """The first run's day and the last's, below the chart."""
    places = [("start", 0)] if len(entries) == 1 else [("start", 0), ("end", len(entries) - 1)]
    for anchor, i in places:
        day = _text(entries[i].started[:10])
        yield f'<text x="{_x(i, len(entries))}" y="{_HEIGHT - 10}" text-anchor="{anchor}">{day}</text>'


def _x(i: int, count: int) -> str:
    return f"{_LEFT + (_INNER_WIDTH * i / (count - 1) if count > 1 else 0):.1f}"


def _y(score: float) -> str:
    return f"{_TOP + _INNER_HEIGHT * (1 - min(1.0, max(0.0, score))):.1f}"


def _table(entries: Sequence[Entry]) -> Iterator[str]:
    yield '<div class="scroll"><table><thead><tr>'
    yield "".join(f'<th scope="col">{name}</th>' for name in (*HEADER, "judge", "bank"))
    yield "</tr></thead><tbody>"
    for entry in entries:
        cells = [*entry_cells(entry), entry.judge, entry.bank]
        row = "".join(f"<td>{_text(cell)}</td>" for cell in cells[1:])
        yield f'<tr><th scope="row">{_text(cells[0])}</th>{row}</tr>'
    yield "</tbody></table></div>"
