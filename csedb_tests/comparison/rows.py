"""The figures of each stratum: paired difference with its bounds, decision, McNemar's test, more cases needed."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from csedb_tests.aggregate import weighted_mean
from csedb_tests.comparison.pairing import Pair
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.comparison.strata import Stratum, strata_of
from csedb_tests.comparison.values import StratumRow
from csedb_tests.schema import Case
from csedb_tests.score import least_score
from csedb_tests.statistics.intervals import Interval, zero_event_upper
from csedb_tests.statistics.multiplicity import benjamini_hochberg, holm
from csedb_tests.statistics.paired import NonInferiority, decide, mcnemar_exact, non_inferiority
from csedb_tests.statistics.power import POWER, minimal_detectable_effect, more_cases_non_inferiority


def stratum_rows(cases: Sequence[Case], pairs: Sequence[Pair], policy: BaselinePolicy) -> tuple[StratumRow, ...]:
    """A row per stratum of ``cases``; one whose cases all lack a counterpart has a row that decides nothing.

    p-values are adjusted by Holm over the rows that block, by Benjamini and Hochberg over those that inform.
    """
    rows = [_row(stratum, policy) for stratum in strata_of(cases, pairs)]
    blocking, informing = [row for row in rows if row.blocks], [row for row in rows if not row.blocks]
    adjusted = dict(zip((row.name for row in blocking), holm([row.p for row in blocking]), strict=True))
    others = benjamini_hochberg([row.p for row in informing])
    adjusted |= zip((row.name for row in informing), others, strict=True)
    return tuple(_decided(replace(row, adjusted_p=adjusted[row.name]), policy) for row in rows)


def _decided(row: StratumRow, policy: BaselinePolicy) -> StratumRow:
    worse = policy.worse_blocks and row.blocks and row.worse_beyond_chance
    return replace(row, decision="fail", more_cases=None) if worse else row


def _row(stratum: Stratum, policy: BaselinePolicy) -> StratumRow:
    pairs = stratum.pairs
    scored = [pair for pair in pairs if pair.is_scored]
    worst = _non_inferiority(pairs, [pair.worst for pair in pairs], policy)
    best = worst if len(scored) == len(pairs) else _non_inferiority(pairs, [pair.best for pair in pairs], policy)
    bounds = Interval(worst.interval.low, best.interval.high)
    decision = decide(bounds, policy.margin) if pairs else "inconclusive"
    discordant = mcnemar_exact(_passed_only(scored, before=True), _passed_only(scored, before=False))
    now = _mean(scored, lambda pair: pair.record.score.value)
    before = _mean(scored, lambda pair: pair.past.score.value)
    blocks = stratum.name in policy.blocking
    return StratumRow(
        name=stratum.name,
        dimension=stratum.dimension,
        blocks=blocks,
        n=len(pairs),
        unscored=len(pairs) - len(scored),
        candidate=now,
        baseline=before,
        difference=None if now is None or before is None else now - before,
        worst=bounds.low if worst.difference is None else worst.difference,
        best=bounds.high if best.difference is None else best.difference,
        low=bounds.low,
        high=bounds.high,
        confidence=policy.confidence,
        margin=policy.margin,
        decision=decision,
        more_cases=_more_cases(pairs, worst) if decision == "inconclusive" and pairs else None,
        detectable=_detectable(pairs, worst),
        lost=discordant.lost,
        gained=discordant.gained,
        p=discordant.p_worse,
        adjusted_p=discordant.p_worse,
        adjustment="holm" if blocks else "benjamini-hochberg",
    )


def _non_inferiority(pairs: Sequence[Pair], differences: Sequence[float], policy: BaselinePolicy) -> NonInferiority:
    criteria = {pair.case.criterion.code: pair.case.criterion for pair in pairs}
    return non_inferiority(
        differences,
        policy.margin,
        policy.confidence,
        strata=[pair.case.criterion.code for pair in pairs],
        weights={code: criterion.weight for code, criterion in criteria.items()},
        graded={code for code, criterion in criteria.items() if criterion.scoring == "graded"},
        span=span_of(pairs),
    )


def span_of(pairs: Sequence[Pair]) -> float:
    """The largest difference between two scores of one case: 1, or more where rules have negative points."""
    return max((1.0 - least_score(pair.case) for pair in pairs), default=1.0)


def _passed_only(pairs: Sequence[Pair], *, before: bool) -> int:
    """How many cases passed in one run and not in the other: in the baseline, or in the candidate."""
    here = Counter((pair.was == "passed", pair.record.status == "passed") for pair in pairs)
    return here[(before, not before)]


def _mean(pairs: Sequence[Pair], score: Callable[[Pair], float | None]) -> float | None:
    """The weighted macro-average over criteria of one run's scores, as its track score is one."""
    scores: dict[str, list[float]] = defaultdict(list)
    weights: dict[str, float] = {}
    for pair in pairs:
        value, criterion = score(pair), pair.case.criterion
        if value is not None:
            scores[criterion.code].append(value)
            weights[criterion.code] = criterion.weight
    return weighted_mean((weights[code], math.fsum(values) / len(values)) for code, values in scores.items())


def _more_cases(pairs: Sequence[Pair], worst: NonInferiority) -> int | None:
    """How many more pairs at this difference would show that it lies inside the margin; None where no number would.

    The bound's distance from the difference shrinks as 1 / sqrt(n), or faster: N = n (distance / room)^2, room being
    what lies between difference and margin. Where all differences are equal it shrinks as 1 / n, and
    ``power.more_cases_non_inferiority`` knows the number, at Kish's number of cases.
    """
    if worst.difference is None:
        return None
    n, room = len(pairs), worst.difference + worst.margin
    if worst.se:
        reach = worst.difference - worst.interval.low
        return max(1, math.ceil(n * (reach / room) ** 2) - n) if room > 0 else None
    effective = _effective(pairs)
    more = more_cases_non_inferiority(worst.difference, 0.0, max(1, round(effective)), worst.margin, worst.confidence)
    return None if more is None else max(1, math.ceil(more * n / effective))


def _detectable(pairs: Sequence[Pair], worst: NonInferiority) -> float | None:
    """The true loss that so many pairs show: by their scatter, and without any by the first loss of full size."""
    if not pairs or worst.difference is None:
        return None
    if worst.se:
        return minimal_detectable_effect(1, worst.se, worst.confidence, two_sided=False)
    return zero_event_upper(max(1, round(_effective(pairs))), POWER)


def _effective(pairs: Sequence[Pair]) -> float:
    """Kish's number: 1 / sum of share^2 / n over the criteria."""
    sizes = Counter(pair.case.criterion.code for pair in pairs)
    weights = {pair.case.criterion.code: pair.case.criterion.weight for pair in pairs}
    total = math.fsum(weights.values())
    return 1 / math.fsum((weights[code] / total) ** 2 / n for code, n in sizes.items())
