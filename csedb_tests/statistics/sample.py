"""The interval of one sample's mean, in plain Python: the end of a run needs no more, and numpy is dear to import.

It is the method that ``means.score_bounds`` describes and does for many samples at a time; a test holds them together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.statistics.intervals import normal_quantile, student_quantile
from csedb_tests.statistics.layout import Strata

BLEND = 2.0
"""How many cases' worth of the variance of its kind is mixed into a stratum's own (docs/STATISTICS.md shows why)."""

ROUNDING = 1e-9
"""Scores no further apart are equal: what rounding makes of equal ones is no scatter and gives no narrow interval."""


@dataclass(frozen=True, slots=True)
class SampleBounds:
    """The mean of a sample, its bounds, and the effective number of cases."""

    value: float
    low: float
    high: float
    effective: float


def sample_bounds(values: Sequence[float], strata: Strata, confidence: float) -> SampleBounds:
    """The bounds of the weighted mean of scores 0 to 1, one per case; the method is that of ``means.score_bounds``."""
    n = len(values)
    sums = _summed(values, strata)
    means = [total / size for total, size in zip(sums, strata.sizes, strict=True)]
    mean = min(1.0, max(0.0, math.fsum(m * share for m, share in zip(means, strata.shares, strict=True))))
    factors = [share**2 / size for share, size in zip(strata.shares, strata.sizes, strict=True)]
    scattered, binary = max(values) - min(values) > ROUNDING, all(value in (0.0, 1.0) for value in values)
    room, seen = mean * (1 - mean), _variance(values, means, mean, strata, factors) if scattered else 0.0
    effective = room / seen if seen > 0 and room > 0 else 1 / math.fsum(factors)
    if binary and scattered:
        effective *= n / (n - 1)
    likeness = 1.0 if binary else min(_variance_ratio(values), 1.0) if scattered else 0.0
    return _wilson(mean, effective, _quantile(likeness, n, confidence))


def _summed(values: Sequence[float], strata: Strata) -> list[float]:
    sums = [0.0] * len(strata.keys)
    for value, place in zip(values, strata.index, strict=True):
        sums[place] += value
    return sums


def _variance(
    values: Sequence[float], means: Sequence[float], mean: float, strata: Strata, factors: Sequence[float]
) -> float:
    """The variance of the weighted mean, every stratum's own blended with that of its kind."""
    squares = _summed([(value - means[h]) ** 2 for value, h in zip(values, strata.index, strict=True)], strata)
    graded = [value for value, h in zip(values, strata.index, strict=True) if strata.graded[h]]
    ratios = (len(values) / (len(values) - 1), _variance_ratio(graded))
    return math.fsum(
        factor * (square + BLEND * ratios[is_graded] * mean * (1 - mean)) / (size - 1 + BLEND)
        for factor, square, size, is_graded in zip(factors, squares, strata.sizes, strata.graded, strict=True)
    )


def _variance_ratio(scores: Sequence[float]) -> float:
    """The sample variance over mean (1 - mean), which is what 0/1 scores would have; 1 where nothing scatters."""
    n = len(scores)
    if n < 2 or max(scores) - min(scores) <= ROUNDING:
        return 1.0
    mean = math.fsum(scores) / n
    return math.fsum((score - mean) ** 2 for score in scores) / (n - 1) / (mean * (1 - mean))


def _quantile(likeness: float, n: int, confidence: float) -> float:
    """The normal's quantile for 0/1 scores, Student's for others, between the two as the scores are like 0/1 ones."""
    probability = (1 + confidence) / 2
    normal, student = normal_quantile(probability), student_quantile(probability, max(n - 1, 1))
    return student + likeness * (normal - student)


def _wilson(mean: float, n: float, z: float) -> SampleBounds:
    shrink = 1 + z**2 / n
    centre = (mean + z**2 / (2 * n)) / shrink
    half = z * math.sqrt(mean * (1 - mean) / n + z**2 / (4 * n**2)) / shrink
    return SampleBounds(mean, min(mean, max(0.0, centre - half)), max(mean, min(1.0, centre + half)), n)
