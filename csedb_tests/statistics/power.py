"""What a number of cases can show, and how many cases a decision needs.

All "more cases" functions suppose that the value found stays as it is. They give 0 when the cases at hand already
decide, and None when no number can: the value lies on the threshold or on its wrong side.
"""

import math
from typing import Final

from csedb_tests.statistics.intervals import check_confidence, normal_quantile, zero_event_upper

POWER: Final = 0.8
"""The probability with which an effect should be found; the customary value."""


def minimal_detectable_effect(
    n: int, sd: float, confidence: float = 0.95, power: float = POWER, *, two_sided: bool = True
) -> float | None:
    """The smallest true difference that ``n`` cases find with probability ``power``; None for n = 0.

    (z_a + z_b) * sd / sqrt(n): sd of the paired differences for a comparison with a baseline, of the scores for one
    with a fixed value; z_a the quantile of confidence, or of (1 + confidence) / 2 when two-sided.
    Source: Miller, arXiv 2411.00640. Raises ValueError for a negative n or sd.
    """
    if n < 0:
        raise ValueError(f"n must be at least 0, not {n}")
    _check_spread(sd)
    return _quantiles(confidence, power, two_sided) * sd / math.sqrt(n) if n else None


def detectable_shortfall(n: float, threshold: float, confidence: float = 0.95, power: float = POWER) -> float | None:
    """By how much a true share must lie below ``threshold`` for ``n`` cases to show it with probability ``power``.

    The d with z_a sqrt(t (1 - t)) + z_b sqrt(u (1 - u)) = d sqrt(n), where u = t - d is the true share and z_a the
    two-sided quantile of ``confidence``; never less than brings one failure among them, which near a threshold of 1 is
    more. Graded scores scatter less: ``n`` may be an effective number. None when not even a share of 0 would show.
    Source: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), the sample size for a single
    proportion, solved for the difference. Raises ValueError for anything out of range.
    """
    if n < 0 or not 0 <= threshold <= 1:
        raise ValueError(f"n must be at least 0 and threshold between 0 and 1, not {n:g} and {threshold:g}")
    check_confidence(confidence)
    _check_power(power)
    z_a, z_b = normal_quantile((1 + confidence) / 2), normal_quantile(power)

    def is_shown(d: float) -> bool:
        spread = z_a * math.sqrt(threshold * (1 - threshold)) + z_b * math.sqrt((threshold - d) * (1 - threshold + d))
        return d * math.sqrt(n) >= spread

    low, high = 0.0, threshold
    if n == 0 or not is_shown(high):
        return None
    for _ in range(60):  # halvings: to the last bit of a float
        middle = (low + high) / 2
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    one_failure = 1 - math.pow(1 - power, 1 / n)
    return min(threshold, max(high, one_failure))


def more_cases_score(
    value: float, n: int, effective: float, threshold: float, confidence: float = 0.95, *, low: float
) -> int | None:
    """How many more cases until the lower bound of ``means.score_interval`` reaches ``threshold``.

    Wilson's lower bound reaches t exactly when (p - t)^2 >= z^2 t (1 - t) / N, so N = z^2 t (1 - t) / (p - t)^2, at the
    effective number of cases, which grows with n. ``value``, ``n``, ``effective`` and ``low`` are those of the
    estimate; ``confidence`` is two-sided. Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212, solved for n. Normal
    quantiles: for a dozen graded scores it is a little too few. Raises ValueError without cases, and for a threshold
    outside 0 to 1.
    """
    if n < 1 or effective <= 0:
        raise ValueError(f"an estimate needs cases: n = {n}, effective = {effective:g}")
    check_confidence(confidence)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must lie between 0 and 1, not {threshold!r}")
    if low >= threshold:
        return 0
    if value <= threshold:
        return None
    z = normal_quantile((1 + confidence) / 2)
    return max(1, _ceil(n / effective * z * z * threshold * (1 - threshold) / (value - threshold) ** 2) - n)


def more_cases_mean(mean: float, se: float, n: int, threshold: float, confidence: float = 0.95) -> int | None:
    """How many more cases until mean - z * se lies at or above ``threshold``: N = n (z se / (mean - threshold))^2.

    ``se`` is the standard error at ``n`` cases; ``confidence`` is two-sided. Source: Miller, arXiv 2411.00640,
    without power: the se shrinks as 1 / sqrt(N). Raises ValueError for no case or a negative se.
    """
    check_confidence(confidence)
    return _more_by_error(mean - threshold, normal_quantile((1 + confidence) / 2) * se, se, n)


def more_cases_non_inferiority(
    difference: float, se: float, n: int, margin: float, confidence: float = 0.95
) -> int | None:
    """How many more pairs until the one-sided lower bound difference - z * se lies above -margin.

    ``se`` is the paired standard error at ``n`` pairs. At least 3 / margin pairs are needed in any case, with which
    losses of full size would have shown (``differences.paired_bounds``). None when the difference is -margin or worse.
    """
    check_confidence(confidence)
    more = _more_by_error(difference + margin, normal_quantile(confidence) * se, se, n)
    if more is None:
        return None
    room = min(1.0, difference + margin)
    return max(more, (cases_for_zero_events(room, confidence) or 0) - n)


def _more_by_error(room: float, reach: float, se: float, n: int) -> int | None:
    _check_spread(se)
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    if room <= 0:
        return None
    cases = n * (reach / room) * (reach / room)  # a power would raise where this becomes infinite
    return max(0, _ceil(cases) - n) if math.isfinite(cases) else None


def cases_for_zero_events(rate: float, confidence: float = 0.95) -> int | None:
    """The fewest cases without an event that bound its rate by ``rate``: log(1 - confidence) / log(1 - rate).

    59 for 5%, 299 for 1%, 2,995 for 0.1%; None for rate 0. Source: as ``intervals.zero_event_upper``, solved for n.
    """
    check_confidence(confidence)
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie between 0 and 1, not {rate!r}")
    if rate in (0, 1):
        return None if rate == 0 else 1
    cases = math.ceil(math.log(1 - confidence) / math.log1p(-rate) - 1e-9)
    return cases if zero_event_upper(cases, confidence) <= rate else cases + 1


def _quantiles(confidence: float, power: float, two_sided: bool) -> float:
    check_confidence(confidence)
    _check_power(power)
    return normal_quantile((1 + confidence) / 2 if two_sided else confidence) + normal_quantile(power)


def _check_power(power: float) -> None:
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, both excluded, not {power!r}")


def _check_spread(spread: float) -> None:
    if not 0 <= spread < math.inf:
        raise ValueError(f"a standard deviation or error must be finite and at least 0, not {spread!r}")


def _ceil(x: float) -> int:
    """Rounded up, a whole number that rounding has pushed a little above itself staying as it is."""
    return math.ceil(x - 1e-9 * max(1.0, x))
