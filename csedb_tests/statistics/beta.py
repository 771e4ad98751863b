"""The beta distribution in plain Python: exact bounds at the end of a run, without scipy's import of half a second."""

import math
from functools import cache

_TINY = 1e-300
_CLOSE = 1e-14


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The share of the beta distribution with ``a``, ``b`` > 0 below ``x``, 0 to 1.

    Source: the continued fraction of DLMF 8.17.22, evaluated by Lentz's method (Thompson and Barnett, J. Comput. Phys.
    64 (1986) 490-509). Raises ValueError for a or b not above 0.
    """
    _check(a, b)
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side of the mean only
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - math.log(a) - _log_beta(a, b))
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)), as ``incomplete_beta`` divides by it."""
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, 10_000):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        c, d = 1 + term / c or _TINY, 1 / (1 + term * d or _TINY)
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


@cache
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The value below which ``probability`` (0 to 1, both excluded) of the beta distribution with a, b > 0 lies.

    Newton's method, kept inside a bracket that every step narrows. Raises ValueError for anything outside these ranges.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, both excluded, not {probability!r}")
    _check(a, b)
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(200):
        error = incomplete_beta(x, a, b) - probability
        low, high = (low, x) if error > 0 else (x, high)
        flatness = _log_beta(a, b) - (a - 1) * math.log(x) - (b - 1) * math.log1p(-x)
        following = x - error * math.exp(min(flatness, 700.0))  # where it is flatter, any step leads out and is halved
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= _CLOSE * x:
            break
        x = following
    return x


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _check(a: float, b: float) -> None:
    if not (a > 0 and b > 0):
        raise ValueError(f"a and b must lie above 0, not {a!r} and {b!r}")
