"""The high-risk drop: by how much a model does worse where an error would do the most harm."""

from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.statistics.bootstrap import RESAMPLES, bootstrap_difference, percentile_interval
from csedb_tests.statistics.differences import difference_interval
from csedb_tests.statistics.intervals import Interval
from csedb_tests.statistics.means import score_interval


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
    """The drop from the scores (0 to 1, one per case) of high-risk cases and of all others.

    Source: the drop as CSEDB reports it (arXiv 2507.23486); the interval ``differences.difference_interval``; Mann and
    Whitney, Ann. Math. Stat. 18 (1947) 50-60. Raises ValueError for scores outside 0 to 1.
    """
    of_high, of_other = score_interval(high, confidence=confidence), score_interval(other, confidence=confidence)
    if of_high.value is None or of_other.value is None:
        return HighRiskDrop(None, None, None, None, len(high), len(other))
    replicates = bootstrap_difference(other, high, resamples=resamples, seed=seed)
    return HighRiskDrop(
        of_other.value - of_high.value,
        difference_interval(of_other, of_high),
        percentile_interval(replicates, confidence),
        _mann_whitney(high, other),
        len(high),
        len(other),
    )


def _mann_whitney(high: Sequence[float], other: Sequence[float]) -> float:
    """The p of "high is lower than other"; 1 when all scores are equal. Exact for small groups without ties."""
    from scipy.stats import mannwhitneyu

    if len({*high, *other}) == 1:
        return 1.0
    return float(mannwhitneyu(high, other, alternative="less").pvalue)
