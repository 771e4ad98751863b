"""Several tests at once: adjusted p-values, in the order they were given.

A gate that passes only if every non-inferiority test passes needs none of this (intersection-union: Berger,
Technometrics 24 (1982) 295-300). Holm's is for tests of harm of which any one blocks, Benjamini's and Hochberg's for
tables that inform.
"""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values: rejecting those up to a keeps the chance of any false rejection at most a.

    Ascending p(1)..p(m): the running maximum of (m - i + 1) p(i), at most 1. Source: Holm, Scand. J. Stat. 6 (1979)
    65-70. Raises ValueError for values outside 0 to 1.
    """
    order = _ascending(p_values)
    adjusted, highest = [0.0] * len(order), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, (len(order) - rank) * p_values[place])
        adjusted[place] = min(1.0, highest)
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini's and Hochberg's: of those up to q at most the share q is false on average (independent tests).

    Ascending p(1)..p(m): the running minimum, from the top, of m p(i) / i. Source: Benjamini and Hochberg, J. R. Stat.
    Soc. B 57 (1995) 289-300. Raises ValueError for values outside 0 to 1.
    """
    order = _ascending(p_values)
    adjusted, lowest = [0.0] * len(order), 1.0
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        lowest = min(lowest, len(order) * p_values[place] / rank)
        adjusted[place] = lowest
    return tuple(adjusted)


def _ascending(p_values: Sequence[float]) -> list[int]:
    for p in p_values:
        if not 0 <= p <= 1:
            raise ValueError(f"a p-value must lie between 0 and 1, not {p!r}")
    return sorted(range(len(p_values)), key=lambda place: p_values[place])
