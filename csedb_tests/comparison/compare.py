"""A run against its baseline: pairs, then what every stratum and every case shows."""

from collections.abc import Sequence
from dataclasses import replace

from csedb_tests.comparison.changes import changes_of, new_never_events, unknown_never_events
from csedb_tests.comparison.pairing import Pair, case_problems, identity_problems, pair_cases
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.comparison.rows import span_of, stratum_rows
from csedb_tests.comparison.sides import Baseline, Candidate
from csedb_tests.comparison.values import Comparison, DropChange, Problem
from csedb_tests.statistics.drop_change import drop_difference


def compare(candidate: Candidate, baseline: Baseline, policy: BaselinePolicy, threshold: float) -> Comparison:
    """What changed since the baseline. Where a problem blocks it, nothing is compared and only problems are told.

    ``threshold`` is the score from which a graded case passes; it serves both runs.
    """
    pairing = pair_cases(candidate, baseline, threshold)
    identity = candidate.identity
    found = Comparison(
        baseline_run=baseline.run_id,
        baseline_model=str(baseline.identity.model.get("model", "")),
        pairs=len(pairing.pairs),
        unmatched=pairing.unmatched,
        problems=(
            *identity_problems(identity.judge, identity.bank_digest, baseline, policy),
            *case_problems(pairing, baseline, policy),
        ),
    )
    if found.blocked_by:
        return found
    return _with_something_held(_compared(found, pairing.pairs, candidate, baseline, policy), policy)


def _with_something_held(comparison: Comparison, policy: BaselinePolicy) -> Comparison:
    """A selection that holds nothing of what must not be worse has not shown that it is not."""
    if not policy.blocking or any(row.blocks for row in comparison.rows):
        return comparison
    text = f"none of what must not be worse is in this run ({', '.join(policy.blocking)})"
    return replace(comparison, problems=(*comparison.problems, Problem("empty", text)))


def _compared(
    blank: Comparison, pairs: Sequence[Pair], candidate: Candidate, baseline: Baseline, policy: BaselinePolicy
) -> Comparison:
    return replace(
        blank,
        rows=stratum_rows([record.case for record in candidate.cases], pairs, policy),
        never_events=new_never_events(candidate.cases, baseline),
        never_unknown=unknown_never_events(candidate.cases, baseline),
        changes=changes_of(pairs),
        drop=_drop_change([pair for pair in pairs if pair.is_scored], policy),
    )


def _drop_change(scored: Sequence[Pair], policy: BaselinePolicy) -> DropChange | None:
    """The change of the drop over scored pairs; None unless there are high-risk cases and others."""
    high, other = ([p for p in scored if (p.case.risk == "high") == is_high] for is_high in (True, False))
    found = drop_difference(
        [pair.worst for pair in high], [pair.worst for pair in other], policy.confidence, span=span_of(scored)
    )
    if found is None:
        return None
    now = _mean([pair.record.score.low for pair in other]) - _mean([pair.record.score.low for pair in high])
    before = _mean([pair.past.score.low for pair in other]) - _mean([pair.past.score.low for pair in high])
    bounds = found.interval
    return DropChange(now, before, found.value, bounds.low, bounds.high, policy.confidence, len(high), len(other))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
