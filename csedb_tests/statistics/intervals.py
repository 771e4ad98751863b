"""Confidence intervals of a proportion, from counts."""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval: ``low`` <= ``high``, in the units of what it is an interval of."""

    low: float
    high: float


def check_confidence(confidence: float) -> None:
    """Raise ValueError unless ``confidence`` lies between 0 and 1, both excluded."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, both excluded, not {confidence!r}")


def normal_quantile(probability: float) -> float:
    """The standard normal's value below which ``probability`` (0 to 1, both excluded) of it lies: 1.96 for 0.975."""
    return NormalDist().inv_cdf(probability)


@cache
def student_quantile(probability: float, degrees: int) -> float:
    """The value below which ``probability`` (0.5 to 1, excluded) of Student's t with ``degrees`` (1 or more) lies.

    Newton's method from the normal quantile, which lies below: the distribution is concave there, so every step stays
    below and comes closer. It needs no scipy, whose import takes longer than a whole report.

    Source: the distribution for whole degrees of freedom, Abramowitz and Stegun, Handbook of Mathematical Functions
    (1964), 26.7.3 and 26.7.4. Raises ValueError for anything outside these ranges.
    """
    if not 0.5 < probability < 1 or degrees < 1:
        raise ValueError(f"probability must lie between 0.5 and 1, degrees be 1 or more, not {probability}, {degrees}")
    scale = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - math.log(degrees * math.pi) / 2
    t, step = normal_quantile(probability), math.inf
    while step > 1e-12 * t:
        density = math.exp(scale - (degrees + 1) / 2 * math.log1p(t * t / degrees))
        step = (probability - _student_share(t, degrees)) / density
        t += step
    return t


def _student_share(t: float, degrees: int) -> float:
    """The share of Student's t below ``t`` > 0."""
    angle = math.atan(t / math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = degrees % 2
    total, term = 0.0, math.cos(angle) if odd else 1.0
    for n in range(1 + odd, 1 + odd + 2 * (degrees // 2), 2):
        total += term
        term *= square * n / (n + 1)
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return (1 + within) / 2


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion, two-sided, 0 to 1; the whole of [0, 1] for n = 0.

    With p = successes / n and z the normal quantile of (1 + confidence) / 2: centre (p + z^2 / 2n) / (1 + z^2 / n),
    half width z / (1 + z^2 / n) * sqrt(p (1 - p) / n + z^2 / 4n^2). Its coverage averages the nominal one and swings
    around it; ``clopper_pearson`` never falls below. One of its bounds is a one-sided bound at (1 + confidence) / 2.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212; Brown, Cai, DasGupta, Stat. Sci. 16 (2001) 101-133.
    Raises ValueError for counts that are none (0 <= successes <= n) or a confidence outside 0 to 1.
    """
    _check(successes, n, confidence)
    if n == 0:
        return Interval(0.0, 1.0)
    z = normal_quantile((1 + confidence) / 2)
    p, shrink = successes / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    return Interval(
        0.0 if successes == 0 else max(0.0, centre - half), 1.0 if successes == n else min(1.0, centre + half)
    )


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """The exact interval of a proportion, two-sided, 0 to 1; the whole of [0, 1] for n = 0.

    Its bounds are the proportions at which the binomial tail reaches (1 - confidence) / 2: beta quantiles. It covers at
    least as often as it says, whatever the proportion and n, and usually more often.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413. Raises ValueError as ``wilson`` does.
    """
    from scipy.special import betaincinv

    _check(successes, n, confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return Interval(low, high)


def zero_event_upper(n: int, confidence: float = 0.95) -> float:
    """The one-sided upper bound of a rate after no event in ``n`` cases: 1 - (1 - confidence)^(1/n); 1 for n = 0.

    The rate at which n cases without an event have probability 1 - confidence, so exact: 59 cases bound the rate by 5%,
    299 by 1%, 2,995 by 0.1% (about 3/n, the rule of three: Hanley and Lippman-Hand, JAMA 249 (1983) 1743-1745).

    Raises ValueError for a negative n or a confidence outside 0 to 1.
    """
    _check(0, n, confidence)
    return -math.expm1(math.log1p(-confidence) / n) if n else 1.0


def _check(successes: int, n: int, confidence: float) -> None:
    check_confidence(confidence)
    if isinstance(successes, float) or isinstance(n, float):
        raise ValueError(f"counts must be whole numbers, not {successes!r} of {n!r}")
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n, not {successes!r} of {n!r}")
