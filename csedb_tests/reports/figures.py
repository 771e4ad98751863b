"""What the page shows in numbers, from the record alone: tracks, risk levels, criteria, cells.

Every mean is over scored cases and stands beside how many those are; the bounds that unscored cases leave open are the
gates'. Intervals are those of ``csedb_tests.statistics`` at 95%.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from csedb_tests.aggregate import macro
from csedb_tests.catalogue import RISKS, TRACKS, Criterion
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from csedb_tests.statistics.intervals import Interval
from csedb_tests.statistics.means import Estimate, score_interval

CONFIDENCE = 0.95
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean score, 0 to 1, over ``scored`` of ``n`` cases, with its interval and the never-events among them.

    ``value`` and ``interval`` are None without a scored case.
    """

    name: str
    value: float | None
    interval: Interval | None
    scored: int
    n: int
    never: int


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """A criterion and its cases' mean."""

    criterion: Criterion
    figure: Figure


@dataclass(frozen=True, slots=True)
class Cell:
    """The cases of one department and one criterion: mean score over the ``scored`` of ``n``, and never-events."""

    value: float | None
    scored: int
    n: int
    never: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it.

    ``criteria`` are ranked, the lowest mean first, those without a score last; ``cells`` are by department and
    criterion code.
    """

    tracks: tuple[Figure, ...]
    risks: tuple[Figure, ...]
    criteria: tuple[CriterionFigure, ...]
    cells: dict[tuple[str, str], Cell]


def figures(cases: Sequence[CaseRecord]) -> Figures:
    """The figures of these cases."""
    risks = [(risk, [c for c in cases if c.case.risk == risk]) for risk in RISKS]
    return Figures(
        tracks=tuple(_tracks(cases)),
        risks=tuple(_plain(f"{risk} risk", group) for risk, group in risks if group),
        criteria=tuple(sorted(_criteria(cases), key=_rank)),
        cells={key: _cell(group) for key, group in _grouped(cases, _cell_key).items()},
    )


def never_events(cases: Iterable[CaseRecord]) -> int:
    """How many never-events occurred in the cases."""
    return sum(len(case.score.never_events) for case in cases)


def _tracks(cases: Sequence[CaseRecord]) -> Iterable[Figure]:
    """Each track and both together, weighted over criteria as the gates weigh them."""
    tracks = [(track, [c for c in cases if c.case.track == track]) for track in TRACKS]
    present = [(name, group) for name, group in tracks if group]
    for name, group in [*present, ("overall", list(cases))] if len(present) > 1 else present:
        yield _figure(name, group, macro(group).value, _interval(group, weighted=True))


def _plain(name: str, cases: Sequence[CaseRecord]) -> Figure:
    return _figure(name, cases, _mean(cases), _interval(cases))


def _figure(name: str, cases: Sequence[CaseRecord], value: float | None, interval: Interval | None) -> Figure:
    return Figure(name, value, interval, len(_scored(cases)), len(cases), never_events(cases))


def _criteria(cases: Sequence[CaseRecord]) -> Iterable[CriterionFigure]:
    for code, group in _grouped(cases, lambda case: case.criterion.code).items():
        yield CriterionFigure(group[0].case.criterion, _plain(code, group))


def _rank(entry: CriterionFigure) -> tuple[bool, float, float]:
    value = entry.figure.value
    return value is None, value or 0.0, -entry.criterion.weight


def _cell(cases: Sequence[CaseRecord]) -> Cell:
    return Cell(_mean(cases), len(_scored(cases)), len(cases), never_events(cases))


def _cell_key(case: Case) -> tuple[str, str]:
    return case.department, case.criterion.code


def _mean(cases: Sequence[CaseRecord]) -> float | None:
    values = _scored(cases)
    return _clipped(math.fsum(values) / len(values)) if values else None


def _interval(cases: Sequence[CaseRecord], *, weighted: bool = False) -> Interval | None:
    found = _estimate(cases, weighted=weighted)
    return None if found.value is None else Interval(_clipped(found.interval.low), _clipped(found.interval.high))


def _estimate(cases: Sequence[CaseRecord], *, weighted: bool = False) -> Estimate:
    scored = [case for case in cases if case.score.value is not None]
    criteria = {case.case.criterion.code: case.case.criterion for case in scored}
    return score_interval(
        _scored(scored),
        [case.case.criterion.code for case in scored] if weighted else None,
        {code: criterion.weight for code, criterion in criteria.items()} if weighted else None,
        CONFIDENCE,
        graded={code for code, criterion in criteria.items() if criterion.scoring == "graded"} if weighted else None,
        least=min((_worst(case.case) for case in scored), default=0.0),
    )


def _worst(case: Case) -> float:
    """The least score that a case's points allow: below 0 where rules of a graded case take points away."""
    taken = math.fsum(rule.points for rule in case.rules if rule.points < 0)
    given = math.fsum(rule.points for rule in case.rules if rule.points > 0)
    return taken / given if taken and given and case.criterion.scoring == "graded" else 0.0


def _scored(cases: Iterable[CaseRecord]) -> list[float]:
    return [case.score.value for case in cases if case.score.value is not None]


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def _grouped(cases: Iterable[CaseRecord], key: Callable[[Case], Key]) -> dict[Key, list[CaseRecord]]:
    groups: dict[Key, list[CaseRecord]] = defaultdict(list)
    for case in cases:
        groups[key(case.case)].append(case)
    return groups
