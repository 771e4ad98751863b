"""What a group of cases could have scored: by chance of sampling, and by what was left unscored."""

from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.aggregate import Aggregate, macro
from csedb_tests.record import CaseRecord
from csedb_tests.score import least_score
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
    worst = estimate(cases, [case.score.low for case in cases], confidence)
    best = worst
    if score.scored < score.n:
        best = estimate(cases, [case.score.high for case in cases], confidence)
    # Clipping criterion by criterion, as the score does, only raises a mean: the bounds give way to it.
    low = max(0.0, min(worst.interval.low, score.low or 0.0))
    high = min(1.0, max(best.interval.high, score.high or 0.0))
    return Sampled(score, low, high, confidence, worst)


def estimate(cases: Sequence[CaseRecord], values: Sequence[float], confidence: float) -> Estimate:
    """The weighted macro-average of ``values``, one per case, and its interval at ``confidence``, two-sided."""
    criteria = {case.case.criterion.code: case.case.criterion for case in cases}
    return score_interval(
        values,
        [case.case.criterion.code for case in cases],
        {code: criterion.weight for code, criterion in criteria.items()},
        confidence,
        graded={code for code, criterion in criteria.items() if criterion.scoring == "graded"},
        least=min((least_score(case.case) for case in cases), default=0.0),
    )
