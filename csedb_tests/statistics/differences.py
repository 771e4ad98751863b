"""Intervals of differences: between two groups of cases, and between two answers to the same cases.

Both are put together from the intervals of their parts, which stay honest where nothing scatters: two models that agree
on all of 12 cases have differences without any variance, and still nobody knows them to be equal.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from csedb_tests.statistics.beta import beta_quantile
from csedb_tests.statistics.intervals import Interval, normal_quantile
from csedb_tests.statistics.layout import Layout
from csedb_tests.statistics.means import Bounds, Estimate, score_bounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def difference_interval(first: Estimate, second: Estimate) -> Interval | None:
    """The interval of first - second for two means of different cases; None when either has no case.

    With estimates m and bounds l, u: low = d - sqrt((m1 - l1)^2 + (u2 - m2)^2), high = d + sqrt((u1 - m1)^2 +
    (m2 - l2)^2), d = m1 - m2. The confidence is that of the two intervals.

    Source: Newcombe, Stat. Med. 17 (1998) 873-890, method 10; Zou and Donner, Stat. Med. 27 (2008) 1693-1702.
    """
    if first.value is None or second.value is None:
        return None
    below = math.hypot(first.value - first.interval.low, second.interval.high - second.value)
    above = math.hypot(first.interval.high - first.value, second.value - second.interval.low)
    difference = first.value - second.value
    return Interval(difference - below, difference + above)


def paired_bounds(differences: "NDArray[np.float64]", layout: Layout, confidence: float = 0.95) -> Bounds:
    """The weighted mean of paired differences, -1 to 1, of shape (..., n), and its two-sided bounds of shape (...).

    A mean difference is the mean gain (of max(d, 0)) less the mean loss (of max(-d, 0)). Each is a mean score with
    bounds of its own (``means.score_bounds``), and they are combined as in ``difference_interval`` with the correlation
    r of the two means, negative as no case both gains and loses: low = d - sqrt(g^2 + l^2 - 2 r g l), g from the gain
    to its lower bound, l from the loss to its upper bound. The upper bounds are raised where caution asks for it: to
    ``_rare_upper``, and to the exact bound of the full losses at Kish's number of cases (of none among graded ones, so
    that too few cases never show that there are none). ``effective`` is the losses'.

    Source: Newcombe, Stat. Med. 17 (1998) 2635-2650; Zou and Donner, Stat. Med. 27 (2008) 1693-1702; exact bounds at
    effective numbers: Korn and Graubard, Surv. Methodol. 24 (1998) 193-201.
    """
    import numpy as np

    gains, losses = np.maximum(differences, 0), np.maximum(-differences, 0)
    gain, loss = _cautious_bounds(gains, layout, confidence), _cautious_bounds(losses, layout, confidence)
    joint = (layout.sums(gains) / layout.sizes * layout.sums(losses) / layout.sizes) @ layout.factors
    correlation = _correlation(joint, gain.variance * loss.variance)
    value = gain.value - loss.value
    low = value - _side(gain.value - gain.low, loss.high - loss.value, correlation)
    high = value + _side(gain.high - gain.value, loss.value - loss.low, correlation)
    return Bounds(value, np.maximum(low, -1.0), np.minimum(high, 1.0), loss.effective)


def _cautious_bounds(values: "NDArray[np.float64]", layout: Layout, confidence: float) -> Bounds:
    import numpy as np

    found, n, one_sided = score_bounds(values, layout, confidence), 1 / layout.factors.sum(), (1 + confidence) / 2
    whole = np.where(np.all((values == 0) | (values == 1), axis=-1), found.value * n, 0.0)
    raised = np.maximum(_rare_upper(found, n, one_sided), _exact_upper(whole, n, one_sided))
    return replace(found, high=np.clip(raised, found.high, 1.0))


def _rare_upper(found: Bounds, n: float, confidence: float) -> "NDArray[np.float64]":
    """An upper bound of a mean loss that reckons with rare losses of full size among frequent small ones.

    What the mean m lacks of the truth t is taken to be losses of 1 that were not seen, so the variance at t is
    s^2 + t - m: solving (t - m)^2 = z^2 (s^2 + t - m) / n gives t = m + z^2 / 2n + sqrt(z^4 / 4n^2 + z^2 s^2 / n).
    """
    import numpy as np

    reach = normal_quantile(confidence) ** 2 / (2 * n)
    upper: NDArray[np.float64] = found.value + reach + np.sqrt(reach**2 + 2 * n * reach * found.variance)
    return upper


def _exact_upper(count: "NDArray[np.float64]", n: float, confidence: float) -> "NDArray[np.float64]":
    """The exact upper bound after ``count`` losses of 1 in n cases; without any, 1 - (1 - confidence)^(1/n)."""
    import numpy as np

    if np.ndim(count) == 0:  # one decision; scipy is for the thousands of a simulation
        return np.asarray(beta_quantile(confidence, float(count) + 1, float(n - count)) if count < n else 1.0)
    from scipy.special import betaincinv

    upper: NDArray[np.float64] = np.where(
        count < n, betaincinv(count + 1, np.maximum(n - count, 1e-9), confidence), 1.0
    )
    return upper


def _correlation(joint: "NDArray[np.float64]", variances: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Of the mean gain and the mean loss: their covariance is -(mean gain x mean loss) in every stratum."""
    import numpy as np

    known = variances > 0
    found: NDArray[np.float64] = np.where(
        known, np.maximum(-1.0, -joint / np.sqrt(np.where(known, variances, 1.0))), 0.0
    )
    return found


def _side(
    a: "NDArray[np.float64]", b: "NDArray[np.float64]", correlation: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    import numpy as np

    side: NDArray[np.float64] = np.sqrt(np.maximum(a**2 + b**2 - 2 * correlation * a * b, 0.0))
    return side
