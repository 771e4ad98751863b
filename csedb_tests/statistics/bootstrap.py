"""The stratified bootstrap over cases: seeded, vectorised, one pass for all averages of a run.

It serves what has no formula, and differences of large groups. Gates decide on ``means.score_interval`` and
``differences``: percentile intervals cover too little below some hundred cases (docs/STATISTICS.md has the figures),
as resampling 12 perfect answers can only give 12 perfect answers; BCa intervals resample the same answers.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csedb_tests.statistics.intervals import Interval, check_confidence
from csedb_tests.statistics.layout import Layout, as_values, lay_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Replicates:
    """Resampled stratum means, (resamples, h), their strata in the order of ``keys``."""

    keys: tuple[Hashable, ...]
    means: "NDArray[np.float64]"

    def average(self, weights: Mapping[Hashable, float] | None = None) -> "NDArray[np.float64]":
        """The weighted average of every resample over the strata in ``weights`` (a track, say); all alike without it.

        Raises ValueError when the weights name no stratum that was resampled, or sum to no positive number.
        """
        import numpy as np

        weight = np.array([1.0 if weights is None else float(weights.get(key, 0.0)) for key in self.keys])
        if (weight < 0).any() or not 0 < weight.sum() < np.inf:
            raise ValueError("the weights of the resampled strata must be at least 0 and sum to a positive number")
        average: NDArray[np.float64] = self.means @ (weight / weight.sum())
        return average


def stratum_replicates(
    values: Sequence[float], strata: Sequence[Hashable] | None = None, *, resamples: int = RESAMPLES, seed: int = 0
) -> Replicates:
    """Resample cases inside every stratum; one value per case, repeats averaged before.

    Of n cases n - 1 are drawn, with replacement: the means then scatter by s^2 / n, where n drawn ones would scatter by
    (n - 1) / n of it, half of it for two cases. A stratum of one case cannot be resampled; it varies by the deviations
    of the other strata's cases from their means, times sqrt(n / (n - 1)), or, when every stratum has one case, by all
    cases' deviations from their common mean, which is too much rather than too little.

    Source: Rao and Wu, J. Am. Stat. Assoc. 83 (1988) 231-241; the bootstrap: Efron, Ann. Stat. 7 (1979) 1-26.
    Raises ValueError for no value, values that are not finite, strata of another length, or no resample.
    """
    import numpy as np

    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    array = as_values(values, -np.inf, np.inf)
    layout = lay_out(len(array), strata)
    random = np.random.default_rng(seed)
    deviations = _single_deviations(array, layout)
    groups = (array[layout.index == h] for h in range(len(layout.keys)))
    means = [_resampled_means(group, deviations, resamples, random) for group in groups]
    return Replicates(layout.keys, np.stack(means, axis=-1))


def _resampled_means(
    group: "NDArray[np.float64]", deviations: "NDArray[np.float64]", resamples: int, random: "np.random.Generator"
) -> "NDArray[np.float64]":
    n = len(group)
    drawn = (
        group + random.choice(deviations, (resamples, 1))
        if n == 1
        else group[random.integers(n, size=(resamples, n - 1))]
    )
    means: NDArray[np.float64] = drawn.mean(axis=1)
    return means


def _single_deviations(values: "NDArray[np.float64]", layout: Layout) -> "NDArray[np.float64]":
    import numpy as np

    sizes = layout.sizes[layout.index]
    if (sizes == 1).all():
        n = len(values)
        around: NDArray[np.float64] = (values - values.mean()) * np.sqrt(n / max(n - 1, 1))
        return around
    repeated = sizes > 1
    centred = values - (layout.sums(values) / layout.sizes)[layout.index]
    found: NDArray[np.float64] = centred[repeated] * np.sqrt(sizes[repeated] / (sizes[repeated] - 1))
    return found


def stratified_bootstrap(
    values: Sequence[float],
    strata: Sequence[Hashable] | None = None,
    weights: Mapping[Hashable, float] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> "NDArray[np.float64]":
    """Replicates (resamples) of the weighted macro-average; of a plain mean without strata.

    Of paired differences by case it gives replicates of the paired difference. Every stratum needs a weight when
    weights are given (ValueError); the rest is as ``stratum_replicates`` has it.
    """
    lay_out(len(values), strata, weights)
    return stratum_replicates(values, strata, resamples=resamples, seed=seed).average(weights)


def bootstrap_difference(
    first: Sequence[float], second: Sequence[float], *, resamples: int = RESAMPLES, seed: int = 0
) -> "NDArray[np.float64]":
    """Replicates (resamples) of mean(first) - mean(second), the two groups being different cases."""
    both = stratum_replicates([*first, *second], [0] * len(first) + [1] * len(second), resamples=resamples, seed=seed)
    if len(both.keys) < 2:
        raise ValueError("a difference needs at least one value in each group")
    difference: NDArray[np.float64] = both.means[:, 0] - both.means[:, 1]
    return difference


def percentile_interval(replicates: "Sequence[float] | NDArray[np.float64]", confidence: float = 0.95) -> Interval:
    """The two-sided percentile interval: the quantiles (1 - confidence) / 2 and (1 + confidence) / 2 of the replicates.

    Source: Efron (1981), Can. J. Stat. 9, 139-158. Raises ValueError without replicates.
    """
    import numpy as np

    check_confidence(confidence)
    if len(replicates) == 0:
        raise ValueError("a percentile interval needs at least one replicate")
    low, high = np.quantile(np.asarray(replicates), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
