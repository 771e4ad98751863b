"""A candidate against a baseline that answered the same cases."""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from csedb_tests.statistics.differences import paired_bounds
from csedb_tests.statistics.intervals import Interval, check_confidence
from csedb_tests.statistics.layout import as_values, lay_out

Decision = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Differences candidate - baseline of the cases both have scores of, and the cases only one has, all sorted."""

    cases: tuple[str, ...]
    differences: tuple[float, ...]
    only_candidate: tuple[str, ...]
    only_baseline: tuple[str, ...]


def pair_up(candidate: Mapping[str, float], baseline: Mapping[str, float]) -> Pairs:
    """Pair the scores of two runs by case id. What to make of cases that only one run has is the caller's to decide."""
    both = sorted(candidate.keys() & baseline.keys())
    return Pairs(
        tuple(both),
        tuple(candidate[case] - baseline[case] for case in both),
        tuple(sorted(candidate.keys() - baseline.keys())),
        tuple(sorted(baseline.keys() - candidate.keys())),
    )


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """The decision with what it rests on.

    ``difference`` is the mean of candidate - baseline (None without pairs), ``interval`` its two one-sided bounds,
    each at ``confidence``. ``se`` is the paired standard error (None below two pairs).
    """

    decision: Decision
    difference: float | None
    interval: Interval
    se: float | None
    n: int
    margin: float
    confidence: float


def non_inferiority(
    differences: Sequence[float],
    margin: float,
    confidence: float = 0.95,
    *,
    strata: Sequence[Hashable] | None = None,
    weights: Mapping[Hashable, float] | None = None,
    graded: Collection[Hashable] | None = None,
    span: float = 1.0,
) -> NonInferiority:
    """Whether a candidate is at most ``margin`` worse than the baseline, from paired differences by case.

    Pass iff the one-sided lower bound of the (weighted) mean difference lies above -margin; fail iff the upper bound
    lies below -margin; else inconclusive: no finding of a difference is no proof that there is none. The bounds are
    ``differences.paired_bounds``; a candidate that is exactly margin worse passes in at most 1 - confidence of runs
    (docs/STATISTICS.md measures it). ``strata``, ``weights`` and ``graded`` are those of
    ``means.score_interval``. ``span`` is the largest difference possible, greatest score - least.

    Source: CONSORT extension for non-inferiority trials, Piaggio et al., JAMA 308 (2012) 2594-2604. Raises ValueError
    for a margin that is not positive and finite, a confidence outside 0.5 to 1, differences beyond the span.
    """
    check_confidence(confidence)
    if confidence <= 0.5:
        raise ValueError(f"the confidence of a one-sided bound must lie above 0.5, not {confidence!r}")
    for name, number in (("margin", margin), ("span", span)):
        if not 0 < number < math.inf:
            raise ValueError(f"{name} must be positive, not {number!r}")
    scaled = as_values(differences, -span, span) / span
    if len(scaled) == 0:
        return NonInferiority("inconclusive", None, Interval(-span, span), None, 0, margin, confidence)
    found = paired_bounds(scaled, lay_out(len(scaled), strata, weights, graded), 2 * confidence - 1)
    interval = Interval(span * float(found.low), span * float(found.high))
    return NonInferiority(
        decide(interval, margin),
        span * float(found.value),
        interval,
        standard_error(differences),
        len(scaled),
        margin,
        confidence,
    )


def decide(interval: Interval, margin: float) -> Decision:
    """The decision from the two one-sided bounds: pass above -margin, fail below it, else inconclusive."""
    if interval.low > -margin:
        return "pass"
    return "fail" if interval.high < -margin else "inconclusive"


def standard_error(values: Sequence[float]) -> float | None:
    """The standard error of a mean, sd / sqrt(n) with n - 1 in the sd; of paired differences, the paired one.

    None below two values.

    Source: Miller, arXiv 2411.00640.
    """
    n = len(values)
    if n < 2:
        return None
    mean = math.fsum(values) / n
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n)


def clustered_standard_error(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """The standard error of a mean whose values come in clusters (turns of one dialogue, variants of one case).

    SE^2 = sd^2 / n + n^-2 * sum over clusters of sum over i != j of (s_i - m)(s_j - m). None below two clusters, where
    nothing tells clusters apart. Source: Miller, arXiv 2411.00640. Raises ValueError for lists of
    different lengths.
    """
    if len(values) != len(clusters):
        raise ValueError(f"every value needs a cluster: {len(values)} values, {len(clusters)} clusters")
    plain = standard_error(values)
    if plain is None or len(set(clusters)) < 2:
        return None
    n = len(values)
    mean = math.fsum(values) / n
    groups: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        groups.setdefault(cluster, []).append(value - mean)
    shared = math.fsum(math.fsum(group) ** 2 - math.fsum(r * r for r in group) for group in groups.values())
    return math.sqrt(max(0.0, plain**2 + shared / n**2))


@dataclass(frozen=True, slots=True)
class McNemar:
    """Discordant pairs, and the exact probabilities of so uneven a split if both models were equally good.

    ``lost`` cases the baseline passed and the candidate failed, ``gained`` the reverse. ``p`` is two-sided, ``p_worse``
    one-sided, of so many losses or more; both are 1 without a discordant pair. A large p is no evidence of safety.
    """

    lost: int
    gained: int
    p: float
    p_worse: float


def mcnemar_exact(lost: int, gained: int) -> McNemar:
    """McNemar's test in its exact form: discordant pairs fall either way like a fair coin.

    Source: McNemar, Psychometrika 12 (1947) 153-157. Raises ValueError for negative counts.
    """
    if lost < 0 or gained < 0:
        raise ValueError(f"counts of discordant pairs cannot be negative: {lost} lost, {gained} gained")
    return McNemar(lost, gained, min(1.0, 2 * _coin(lost + gained, max(lost, gained))), _coin(lost + gained, lost))


def _coin(n: int, least: int) -> float:
    """P(at least ``least`` heads in ``n`` throws), from whole numbers: the sum of C(n, k) for k >= least, over 2^n."""
    ways = tail = 1
    for k in range(n, least, -1):
        ways = ways * k // (n - k + 1)
        tail += ways
    return float(Fraction(tail, 2**n))
