"""Bootstrap intervals of agreement: whole answers are drawn again, with all their statements.

Statements on one answer hang together (clusters; Miller, arXiv 2411.00640, section 2.2), so an answer is the unit of
the draw; where every answer has one statement that is the item. 2,000 resamples, seeded, percentile interval.

All figures here are functions of sums over answers: a resample is a row of weights, and all of them are one product of
matrices. The formulas are those of `csedb_tests.statistics.agreement`, on counts; a test holds the two together.
"""

from collections.abc import Callable, Sequence
from typing import Any

from csedb_tests.statistics.intervals import Interval

RESAMPLES = 2_000
LEAST_DEFINED = 0.95
"""Share of resamples in which a figure must be defined (both classes drawn, say) for its interval to be shown."""

Table = tuple[int, int, int, int]
"""Pairs (met, met), (met, not met), (not met, met), (not met, not met) of two raters."""


def macro_f1_interval(tables: Sequence[Table], seed: int) -> Interval | None:
    """The 95% interval of the macro-F1 over the pairs of all tables, one table per answer; None if undefined."""
    return _interval(tables, _macro_f1, seed)


def kappa_interval(tables: Sequence[Table], seed: int) -> Interval | None:
    """The 95% interval of Cohen's kappa, as `macro_f1_interval`."""
    return _interval(tables, _kappa, seed)


def fleiss_interval(groups: Sequence[Sequence[tuple[int, int]]], seed: int) -> Interval | None:
    """The 95% interval of Fleiss' kappa; per answer its items' (met, not met) counts, each of two raters or more."""
    return _interval([_fleiss_sums(rows) for rows in groups], _fleiss, seed)


def _interval(sums: Sequence[Sequence[float]], figure: Callable[[Any], Any], seed: int) -> Interval | None:
    if len(sums) < 2:
        return None
    import numpy as np

    counts = np.asarray(sums, dtype=float)
    n = len(counts)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = figure(weights @ counts)
    values = values[np.isfinite(values)]
    if len(values) < LEAST_DEFINED * RESAMPLES:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def _macro_f1(sums: Any) -> Any:
    both, first, second, neither = sums.T
    return (_f1(both, first, second) + _f1(neither, first, second)) / 2


def _f1(hits: Any, over: Any, missed: Any) -> Any:
    """2 TP / (2 TP + FP + FN), which is 2PR / (P + R), and not a number where precision or recall is undefined."""
    import numpy as np

    defined = (hits + over > 0) & (hits + missed > 0)
    return np.where(defined, 2 * hits / (2 * hits + over + missed), np.nan)


def _kappa(sums: Any) -> Any:
    both, first, second, neither = sums.T
    n = sums.sum(axis=1)
    chance = (both + first) * (both + second) + (neither + first) * (neither + second)
    return ((both + neither) * n - chance) / (n * n - chance)


def _fleiss_sums(rows: Sequence[tuple[int, int]]) -> tuple[float, float, float]:
    """Items, their agreement summed, their shares of met summed."""
    agreements = ((m * (m - 1) + o * (o - 1)) / ((m + o) * (m + o - 1)) for m, o in rows)
    return len(rows), sum(agreements), sum(m / (m + o) for m, o in rows)


def _fleiss(sums: Any) -> Any:
    items, agreement, met = sums.T
    expected = (met / items) ** 2 + (1 - met / items) ** 2
    return (agreement / items - expected) / (1 - expected)
