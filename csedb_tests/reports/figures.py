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
from csedb_tests.gating.estimates import estimate
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from csedb_tests.score import clipped, least_score
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
    return clipped(math.fsum(values) / len(values)) if values else None


def _interval(cases: Sequence[CaseRecord], *, weighted: bool = False) -> Interval | None:
    found = _estimate(cases, weighted=weighted)
    return None if found.value is None else Interval(clipped(found.interval.low), clipped(found.interval.high))


def _estimate(cases: Sequence[CaseRecord], *, weighted: bool) -> Estimate:
    scored = [case for case in cases if case.score.value is not None]
    values = _scored(scored)
    if weighted:
        return estimate(scored, values, CONFIDENCE)
    least = min((least_score(case.case) for case in scored), default=0.0)
    return score_interval(values, confidence=CONFIDENCE, least=least)


def _scored(cases: Iterable[CaseRecord]) -> list[float]:
    return [case.score.value for case in cases if case.score.value is not None]


def _grouped(cases: Iterable[CaseRecord], key: Callable[[Case], Key]) -> dict[Key, list[CaseRecord]]:
    groups: dict[Key, list[CaseRecord]] = defaultdict(list)
    for case in cases:
        groups[key(case.case)].append(case)
    return groups
