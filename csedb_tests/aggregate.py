"""Track scores from case scores. Pure arithmetic.

Macro-average, as CSEDB aggregates: sum over criteria of weight x mean case score / sum of weights, over the criteria
that the selection holds (arXiv 2507.23486, per secondary sources). The mean over a criterion's cases is clipped to
[0, 1], as HealthBench clips the mean of its signed scores.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from csedb_tests.catalogue import Criterion
from csedb_tests.record import CaseRecord


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A score over ``n`` cases, ``scored`` of them with a value.

    ``value`` is over scored cases (None without any); ``low`` and ``high`` are over all of them, unscored cases at
    their least and their greatest possible score. All are 0 to 1.
    """

    n: int
    scored: int
    value: float | None
    low: float | None
    high: float | None


def macro(cases: Sequence[CaseRecord]) -> Aggregate:
    """The weighted macro-average over criteria."""
    return _aggregate(cases, _weighted_macro)


def micro(cases: Sequence[CaseRecord]) -> Aggregate:
    """The plain mean over cases."""
    return _aggregate(cases, lambda pairs: _clipped_mean([score for _, score in pairs]))


_Pairs = Sequence[tuple[Criterion, float]]


def _aggregate(cases: Sequence[CaseRecord], average: Callable[[_Pairs], float | None]) -> Aggregate:
    scored = [(case.case.criterion, case.score.value) for case in cases if case.score.value is not None]
    return Aggregate(
        n=len(cases),
        scored=len(scored),
        value=average(scored),
        low=average([(case.case.criterion, case.score.low) for case in cases]),
        high=average([(case.case.criterion, case.score.high) for case in cases]),
    )


def _weighted_macro(pairs: _Pairs) -> float | None:
    by_criterion: dict[str, list[float]] = defaultdict(list)
    weights: dict[str, float] = {}
    for criterion, score in pairs:
        by_criterion[criterion.code].append(score)
        weights[criterion.code] = criterion.weight
    means = {code: _clipped_mean(scores) or 0.0 for code, scores in by_criterion.items()}
    return weighted_mean((weights[code], mean) for code, mean in means.items())


def weighted_mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Sum of weight x score / sum of weights over (weight, score) pairs; None without any."""
    listed = list(pairs)
    total = math.fsum(weight for weight, _ in listed)
    return math.fsum(weight * score for weight, score in listed) / total if listed else None


def _clipped_mean(scores: Sequence[float]) -> float | None:
    return min(1.0, max(0.0, math.fsum(scores) / len(scores))) if scores else None
