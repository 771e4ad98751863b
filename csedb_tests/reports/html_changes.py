"""The page's comparison with a baseline: in figures, and both answers of every case that changed, side by side."""

from collections.abc import Iterator

from csedb_tests.comparison.values import ChangeKind, Comparison, Outcome
from csedb_tests.record import RunRecord
from csedb_tests.reports.comparison_answers import ChangedCase, answer_pairs, changed_cases
from csedb_tests.reports.comparison_text import (
    HEADER,
    drop_text,
    headline,
    never_text,
    outcome_text,
    problem_lines,
    row_cells,
    shown_rows,
)
from csedb_tests.reports.html_parts import head_row, scrolling, section, text_html

_KINDS: dict[ChangeKind, tuple[str, str]] = {
    "never-event": ("New never-event", "alarm"),
    "broken": ("Broken", "fail"),
    "fixed": ("Fixed", "pass"),
}


def changes_html(record: RunRecord) -> str:
    """The section; nothing without a baseline."""
    found = record.comparison
    if found is None:
        return ""
    title = f"Against the baseline (run {text_html(found.baseline_run)})"
    return section("baseline", title, "".join((*_figures(found), *_unpaired(found), *_changes(record))))


def _figures(found: Comparison) -> Iterator[str]:
    yield f"<p>{text_html(_sentence(headline(found)))}</p>"
    for line in problem_lines(found):
        color = "fail" if line.startswith("blocked") else "doubt"
        yield f'<p class="csedb-remark csedb-{color}">{text_html(_sentence(line))}</p>'
    if found.rows:
        rows = "".join(_row(row_cells(row)) for row in shown_rows(found))
        table = f"<table>{head_row([name.capitalize() for name in HEADER])}<tbody>{rows}</tbody></table>"
        yield scrolling("Parts of the bank against the baseline", table)
    if found.drop is not None:
        yield f"<p>{text_html(_sentence(drop_text(found.drop)))}</p>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _row(cells: tuple[str, ...]) -> str:
    name, *rest = map(text_html, cells)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'


def _unpaired(found: Comparison) -> Iterator[str]:
    """New never-events of cases that make no pair: there is nothing to set beside them."""
    paired = {change.case_id for change in found.changes}
    for event in found.never_events:
        if event.case_id not in paired:
            link = f'<a href="#case={text_html(event.case_id)}">the case</a>'
            yield f"<p><b>New never-event</b>: {text_html(never_text(event))} {link}</p>"


def _changes(record: RunRecord) -> Iterator[str]:
    changed = changed_cases(record)
    if record.comparison is not None and record.comparison.rows and not changed:
        yield "<p>No case went differently.</p>"
    yield from map(_change, changed)


def _change(found: ChangedCase) -> str:
    change = found.change
    name, color = _KINDS[change.kind]
    became = f"{outcome_text(change.baseline)} before, {outcome_text(change.candidate)} now"
    place = f"{change.case_id} [{change.criterion}, {change.risk} risk]: {became}"
    answers = "".join(
        f"{_answer('Baseline', change.baseline, before)}{_answer('This run', change.candidate, now)}"
        for before, now in answer_pairs(found)
    )
    return (
        f'<details class="csedb-change" data-kind="{change.kind}"><summary>'
        f'<span class="csedb-chip csedb-{color}">{name}</span> {text_html(change.title)} '
        f'<small>{text_html(place)}</small></summary><p><a href="#case={text_html(change.case_id)}">'
        f'The case in this run</a></p><div class="csedb-pair">{answers}</div></details>'
    )


def _answer(run: str, outcome: Outcome, text: str) -> str:
    heading = f"<h3>{run}: {text_html(outcome_text(outcome))}</h3>"
    return f'<div>{heading}<div class="csedb-text">{text_html(text)}</div></div>'
