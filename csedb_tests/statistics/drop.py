"""The high-risk drop: by how much a model does worse where an error would do the most harm."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.statistics.bootstrap import RESAMPLES, bootstrap_difference, percentile_interval
from csedb_tests.statistics.differences import difference_interval
from csedb_tests.statistics.intervals import Interval
from csedb_tests.statistics.means import score_interval

_EXACT = 8
"""Most cases of the smaller group for which the exact distribution is taken."""


@dataclass(frozen=True, slots=True)
class HighRiskDrop:
    """mean(non-high) - mean(high), -1 to 1; positive where the model does worse in high-risk cases.

    ``interval`` holds at any size and is the one to decide on; ``bootstrap`` is the percentile interval, for comparison
    with published figures, and too narrow in small groups. ``p`` is the one-sided Mann-Whitney probability of so low
    scores in high-risk cases if risk made no difference: a small p speaks for a drop, a large one for nothing. All
    but the counts are None where a group has no case.
    """

    drop: float | None
    interval: Interval | None
    bootstrap: Interval | None
    p: float | None
    high: int
    other: int


def high_risk_drop(
    high: Sequence[float],
    other: Sequence[float],
    confidence: float = 0.95,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> HighRiskDrop:
    """The drop from the scores (0 to 1, one per case) of high-risk cases and of all others; 0 resamples: no bootstrap.

    Source: the drop as CSEDB reports it (arXiv 2507.23486); the interval ``differences.difference_interval``; Mann and
    Whitney, Ann. Math. Stat. 18 (1947) 50-60. Raises ValueError for scores outside 0 to 1.
    """
    of_high, of_other = score_interval(high, confidence=confidence), score_interval(other, confidence=confidence)
    if of_high.value is None or of_other.value is None:
        return HighRiskDrop(None, None, None, None, len(high), len(other))
    return HighRiskDrop(
        of_other.value - of_high.value,
        difference_interval(of_other, of_high),
        _bootstrap(high, other, confidence, resamples, seed) if resamples else None,
        _mann_whitney(high, other),
        len(high),
        len(other),
    )


def _bootstrap(high: Sequence[float], other: Sequence[float], confidence: float, resamples: int, seed: int) -> Interval:
    return percentile_interval(bootstrap_difference(other, high, resamples=resamples, seed=seed), confidence)


def _mann_whitney(high: Sequence[float], other: Sequence[float]) -> float:
    """The p of "high is lower than other"; 1 when all scores are equal.

    Exact where a group has 8 cases or fewer and no two scores are equal, else by the normal approximation with the
    corrections for ties and for continuity, as scipy's ``mannwhitneyu`` does, whose import takes a second.
    """
    both = Counter([*high, *other])
    if len(both) == 1:
        return 1.0
    below = _pairs_below(high, other)
    if min(len(high), len(other)) <= _EXACT and max(both.values()) == 1:
        return _exact_share(round(below), len(high), len(other))
    n = both.total()
    ties = sum(count**3 - count for count in both.values()) / (n * (n - 1))
    spread = math.sqrt(len(high) * len(other) / 12 * (n + 1 - ties))
    z = (len(high) * len(other) / 2 - below - 0.5) / spread
    return min(1.0, math.erfc(z / math.sqrt(2)) / 2)


def _pairs_below(high: Sequence[float], other: Sequence[float]) -> float:
    """U of the high-risk group: how many pairs have the other case's score below its own, ties counting half."""
    ordered = sorted(other)
    return math.fsum((bisect_left(ordered, score) + bisect_right(ordered, score)) / 2 for score in high)


def _exact_share(below: int, m: int, n: int) -> float:
    """The share of the C(m + n, m) orders of m and n scores whose U is ``below`` or less.

    The numbers of orders by U are the coefficients of the Gaussian binomial, the product over i = 1..m of
    (1 - q^(n+i)) / (1 - q^i). Source: Mann and Whitney (1947).
    """
    m, n = min(m, n), max(m, n)
    orders = [1] + [0] * (m * n)
    for i in range(1, m + 1):
        for u in range(m * n, n + i - 1, -1):
            orders[u] -= orders[u - n - i]
        for u in range(i, m * n + 1):
            orders[u] += orders[u - i]
    return sum(orders[: below + 1]) / math.comb(m + n, m)
