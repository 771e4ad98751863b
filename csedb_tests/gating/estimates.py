"""What a group of cases could have scored: by chance of sampling, and by what was left unscored."""

from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.aggregate import Aggregate, macro
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from csedb_tests.statistics.means import Estimate, score_interval

TOLERANCE = 1e-9
"""Rounding of sums: a score this close to its threshold has reached it."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A group's score with what bounds it.

    ``low`` and ``high`` (0 to 1) are the interval: from the lower bound of the scores with every unscored case at its
    worst, to the upper bound with every one at its best. ``worst`` is the estimate behind ``low``.
    """

    score: Aggregate
    low: float
    high: float
    confidence: float
    worst: Estimate


def sampled(cases: Sequence[CaseRecord], confidence: float) -> Sampled:
    """The weighted macro-average over criteria of at least one case, and its interval at ``confidence``, two-sided."""
    score = macro(cases)
    worst = _estimate(cases, [case.score.low for case in cases], confidence)
    best = worst
    if score.scored < score.n:
        best = _estimate(cases, [case.score.high for case in cases], confidence)
    # Clipping criterion by criterion, as the score does, only raises a mean: the bounds give way to it.
    low = max(0.0, min(worst.interval.low, score.low or 0.0))
    high = min(1.0, max(best.interval.high, score.high or 0.0))
    return Sampled(score, low, high, confidence, worst)


def _estimate(cases: Sequence[CaseRecord], values: Sequence[float], confidence: float) -> Estimate:
    criteria = {case.case.criterion.code: case.case.criterion for case in cases}
    return score_interval(
        values,
        [case.case.criterion.code for case in cases],
        {code: criterion.weight for code, criterion in criteria.items()},
        confidence,
        graded={code for code, criterion in criteria.items() if criterion.scoring == "graded"},
        least=min(_least(case.case) for case in cases),
    )


def _least(case: Case) -> float:
    """The lowest score that the points of a case allow: 0 unless some are negative and the criterion is graded."""
    if case.criterion.scoring == "binary":
        return 0.0
    lost = sum(rule.points for rule in case.rules if rule.points < 0)
    return lost / sum(rule.points for rule in case.rules if rule.points > 0) if lost else 0.0
