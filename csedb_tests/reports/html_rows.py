"""The rows of pytest-html's results table that are cases: what they say, in which order they stand.

pytest-html makes a row when a test reports; what a case came to is known when the run is decided. So cases get empty
cells first, and here, from the record, their contents. A case that never reported gets a row all the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_order import LABELS, in_order, standing_of
from csedb_tests.reports.html_parts import department_name, share, text_html

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""pytest-html's rows, by test."""

FIRST = ("status",)
AFTER_NAME = ("criterion", "department", "risk", "score")
UNSHOWN = "result"
"""pytest-html's own column of which our status takes the place."""

_TITLES = {"testId": "Case"}
_NAME = re.compile(r'class="col-(\w+)|data-column-type="(\w+)"')
_WORDS = re.compile(r"<[^>]*>")
_EMPTY = {name: f'<td class="col-{name}"></td>' for name in (*FIRST, *AFTER_NAME)}


def add_cells(cells: list[str]) -> None:
    """Add our empty cells to a row of pytest-html's: one in front, the others after the test's name."""
    cells[:] = [*(_EMPTY[n] for n in FIRST), *cells[:2], *(_EMPTY[n] for n in AFTER_NAME), *cells[2:]]


def add_headers(cells: list[str]) -> None:
    """Add our columns to pytest-html's head, in the same places."""
    ours = {name: f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in _EMPTY}
    cells[:] = [*(ours[n] for n in FIRST), *cells[:2], *(ours[n] for n in AFTER_NAME), *cells[2:]]


def finished_head(cells: Sequence[str]) -> list[str]:
    """The head for readers of every kind: columns named as such, sorted by buttons."""
    return [_head_cell(cell) for cell in cells if _column(cell) != UNSHOWN]


def _head_cell(cell: str) -> str:
    name, title = _column(cell), _WORDS.sub("", cell)
    if not name:
        links = ' class="csedb-links"' if title == "Links" else ""
        return f'<th scope="col"{links}>{title}</th>'
    button = f'<button type="button">{_TITLES.get(name, title)}</button>'
    return f'<th scope="col" class="sortable" data-column-type="{name}">{button}</th>'


def _column(cell: str) -> str:
    found = _NAME.search(cell)
    return (found[1] or found[2]) if found else ""


class CaseCells:
    """The contents of cases' cells, most of them made while the run waits for answers."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[CaseRecord, dict[str, str]]] = {}

    def keep(self, record: CaseRecord) -> None:
        """Make a case's cells."""
        self._kept[record.case.id] = record, dict(_case_cells(record))

    def of(self, record: CaseRecord) -> Mapping[str, str]:
        """A case's cells by column: as kept, unless what is recorded of it has changed since."""
        kept, cells = self._kept.get(record.case.id, (None, {}))
        return cells if kept is record else dict(_case_cells(record))


def finished_rows(
    rows: Mapping[str, Sequence[Row]],
    head: Sequence[str],
    case_ids: Mapping[str, str],
    cases: Sequence[CaseRecord],
    cells: CaseCells,
) -> Rows:
    """All rows: cases as they are read, then everything else, failures first.

    ``case_ids`` says which tests reported a case's result: the first row of such a test is the case's.
    """
    columns = [_column(cell) for cell in head]
    test_of = {case_id: test for test, case_id in reversed(list(case_ids.items()))}  # the first test that took the case
    owners = set(test_of.values())
    finished: Rows = defaultdict(list)
    others = [(test, row) for test, of_test in rows.items() for row in of_test[1 if test in owners else 0 :]]
    for case in in_order(cases):
        of_test = rows.get(test_of.get(case.case.id, ""), ())
        row = of_test[0] if of_test else _empty_row(columns)
        finished[case.case.id].append(_case_row(case, row, columns, cells.of(case)))
    for test, row in sorted(others, key=lambda other: other[1]["result"] not in ("Failed", "Error")):
        finished[f"other {test}"].append(_other_row(row))
    return dict(finished)


def _empty_row(columns: Sequence[str]) -> Row:
    cells = [f'<td class="col-{name or "links"}"></td>' for name in columns]
    return {"extras": [], "result": "Error", "testId": "", "log": "", "resultsTableRow": cells}


def _case_row(record: CaseRecord, row: Row, columns: Sequence[str], ours: Mapping[str, str]) -> Row:
    there = row["resultsTableRow"]
    named = zip(columns if len(columns) == len(there) else map(_column, there), there, strict=True)
    cells = [ours.get(name, cell) for name, cell in named if name != UNSHOWN]
    extras = {"extras": row["extras"]} if row["extras"] else {}
    return {"result": row["result"], "testId": record.case.id, "log": "", "resultsTableRow": cells, **extras}


def _shown(row: Row) -> Iterator[str]:
    return (cell for cell in row["resultsTableRow"] if _column(cell) != UNSHOWN)


def _case_cells(record: CaseRecord) -> Iterator[tuple[str, str]]:
    case, standing = record.case, standing_of(record)
    chip = f'<span class="csedb-chip csedb-{standing}">{LABELS[standing]}</span>'
    yield "status", f'<td class="col-status" data-case="{escape(case.id)}">{chip}</td>'
    button = f'<button type="button" aria-expanded="false">{text_html(case.title)}</button>'
    yield "testId", f'<td class="col-testId">{button} <small>{text_html(case.id)}</small></td>'
    yield "criterion", f'<td class="col-criterion">{text_html(case.criterion.code)}</td>'
    yield "department", f'<td class="col-department">{text_html(department_name(case.department))}</td>'
    yield "risk", f'<td class="col-risk">{case.risk}</td>'
    score = "unscored" if record.score.value is None else share(record.score.value)
    yield "score", f'<td class="col-score">{score}</td>'
    yield "duration", '<td class="col-duration"></td>'  # of the wait for an answer that others may have waited for too


def _other_row(row: Row) -> Row:
    """Another test's row, which opens by a button too."""
    result = escape(str(row["result"]))
    ours = {"status": f'<td class="col-status"><span class="csedb-chip">{result}</span></td>'}
    cells = [ours.get(_column(cell)) or _opened_by_button(cell) for cell in _shown(row)]
    return {**row, "resultsTableRow": cells}


def _opened_by_button(cell: str) -> str:
    if _column(cell) != "testId":
        return cell
    return f'<td class="col-testId"><button type="button" aria-expanded="false">{_WORDS.sub("", cell)}</button></td>'
