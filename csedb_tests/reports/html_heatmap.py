"""The heat map of departments and criteria: a table of numbers, colored."""

from collections.abc import Sequence
from itertools import pairwise

from csedb_tests.catalogue import Criterion
from csedb_tests.record import CaseRecord
from csedb_tests.reports.figures import Cell, Figures
from csedb_tests.reports.html_parts import count, department_name, scrolling, section, share, text_html

_EDGES = (0.5, 0.7, 0.85, 0.95)
"""Means from which a cell takes the next color."""


def heatmap_html(cases: Sequence[CaseRecord], figures: Figures) -> str:
    """Mean scores by department and criterion, in percent; a cell leads to its cases."""
    criteria = sorted({case.case.criterion.code: case.case.criterion for case in cases}.items())
    criteria.sort(key=lambda entry: entry[1].track != "safety")
    departments = sorted({case.case.department for case in cases})
    head = "".join(_criterion_head(criterion) for _, criterion in criteria)
    body = "".join(_department_row(name, [criterion for _, criterion in criteria], figures) for name in departments)
    table = (
        '<table class="csedb-heat"><thead><tr><th scope="col">Department</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table>"
    )
    return section("heatmap", "Departments by criteria", _legend() + scrolling("Departments by criteria", table))


def _legend() -> str:
    edges = [0, *(round(edge * 100) for edge in _EDGES), 100]
    steps = [f"{low} to {high}" for low, high in pairwise(edges)]
    items = "".join(f'<li class="csedb-heat-{level}">{step}</li>' for level, step in enumerate(steps, start=1))
    return (
        "<p>Mean score in percent over the scored cases of a cell. ! marks a never-event, ? an unscored case, an empty "
        f'cell has no case. Arrow keys move from cell to cell.</p><ul class="csedb-legend">{items}</ul>'
    )


def _criterion_head(criterion: Criterion) -> str:
    name = text_html(criterion.name)
    return f'<th scope="col" title="{name}">{text_html(criterion.code)}<span class="csedb-unseen"> {name}</span></th>'


def _department_row(department: str, criteria: Sequence[Criterion], figures: Figures) -> str:
    cells = (
        _cell(department, criterion.code, figures.cells.get((department, criterion.code))) for criterion in criteria
    )
    return f'<tr><th scope="row">{text_html(department_name(department))}</th>{"".join(cells)}</tr>'


def _cell(department: str, code: str, cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    shown, said = _shown(cell), text_html(f"{department_name(department)}, {code}: {_said(cell)}")
    link = f"#department={text_html(department)}&amp;criterion={text_html(code)}"
    anchor = f'<a href="{link}" tabindex="-1" title="{said}" aria-label="{said}">{shown}</a>'
    return f'<td class="csedb-heat-{_level(cell.value)}">{anchor}</td>'


def _shown(cell: Cell) -> str:
    """The percentage, rounded down: 100 stands for nothing less."""
    value = "–" if cell.value is None else f"{int(cell.value * 100 + 1e-9)}"
    return f"{value}{'!' if cell.never else ''}{'?' if cell.scored < cell.n else ''}"


def _said(cell: Cell) -> str:
    parts = [f"mean {share(cell.value)} over {count(cell.scored, 'case')}"] if cell.scored else []
    parts += [f"{cell.n - cell.scored} unscored"] if cell.scored < cell.n else []
    parts += [count(cell.never, "never-event")] if cell.never else []
    return ", ".join(parts)


def _level(value: float | None) -> int:
    return 0 if value is None else 1 + sum(value >= edge for edge in _EDGES)
