"""What a number of cases can show, and how many cases a decision needs.

All "more cases" functions suppose that the value found stays as it is. They give 0 when the cases at hand already
decide, and None when no number can: the value lies on the threshold or on its wrong side.
"""

import math

from csedb_tests.statistics.intervals import check_confidence, normal_quantile, wilson, zero_event_upper


def minimal_detectable_effect(
    n: int, sd: float, confidence: float = 0.95, power: float = 0.8, *, two_sided: bool = True
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


def cases_for_effect(
    effect: float, sd: float, confidence: float = 0.95, power: float = 0.8, *, two_sided: bool = True
) -> int | None:
    """The number of cases that finds a true difference ``effect``: ((z_a + z_b) * sd / effect)^2; None for 0."""
    _check_spread(sd)
    quantiles = _quantiles(confidence, power, two_sided)
    return max(1, _ceil((quantiles * sd / effect) ** 2)) if effect else None


def paired_sd(
    between: float, within_first: float, within_second: float, samples_first: int = 1, samples_second: int = 1
) -> float:
    """The sd of paired differences: sqrt(w^2 + v_A / K_A + v_B / K_B).

    ``between`` (w^2) is the variance over cases of the difference of expected scores, ``within_first`` and
    ``within_second`` the mean variance of repeated answers to one case, K the answers per case.
    Source: Miller, arXiv 2411.00640. Raises ValueError for negative variances or no answer.
    """
    if min(between, within_first, within_second) < 0 or min(samples_first, samples_second) < 1:
        raise ValueError("variances cannot be negative, and every case needs at least one answer")
    return math.sqrt(between + within_first / samples_first + within_second / samples_second)


def more_cases_proportion(successes: int, n: int, threshold: float, confidence: float = 0.95) -> int | None:
    """How many more cases at the same share until Wilson's lower bound reaches ``threshold``.

    The lower bound reaches t exactly when (p - t)^2 >= z^2 t (1 - t) / N, so N = z^2 t (1 - t) / (p - t)^2. Source:
    Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212, solved for n. ``confidence`` is two-sided, as in ``wilson``; the
    share must lie above the threshold. Raises ValueError as ``wilson`` does, and for a threshold outside 0 to 1.
    """
    low = wilson(successes, n, confidence).low
    return more_cases_score(successes / n, n, n, threshold, confidence, low=low) if n else None


def more_cases_score(
    value: float, n: int, effective: float, threshold: float, confidence: float = 0.95, *, low: float
) -> int | None:
    """How many more cases until the lower bound of ``means.score_interval`` reaches ``threshold``.

    As ``more_cases_proportion`` at the effective number of cases, which grows with n; ``value``, ``n``, ``effective``
    and ``low`` are those of the estimate. Normal quantiles: for a dozen graded scores it is a little too few.
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
    return max(0, _ceil(n * (reach / room) ** 2) - n) if room > 0 else None


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


def more_cases_zero_events(events: int, n: int, rate: float, confidence: float = 0.95) -> int | None:
    """How many more cases without an event bound its rate by ``rate``; None once an event has occurred."""
    if events < 0 or n < events:
        raise ValueError(f"events must lie between 0 and n, not {events} of {n}")
    cases = cases_for_zero_events(rate, confidence)
    return None if events or cases is None else max(0, cases - n)


def _quantiles(confidence: float, power: float, two_sided: bool) -> float:
    check_confidence(confidence)
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, both excluded, not {power!r}")
    return normal_quantile((1 + confidence) / 2 if two_sided else confidence) + normal_quantile(power)


def _check_spread(spread: float) -> None:
    if not 0 <= spread < math.inf:
        raise ValueError(f"a standard deviation or error must be finite and at least 0, not {spread!r}")


def _ceil(x: float) -> int:
    """Rounded up, a whole number that rounding has pushed a little above itself staying as it is."""
    return math.ceil(x - 1e-9 * max(1.0, x))
