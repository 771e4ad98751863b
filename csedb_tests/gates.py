"""The gates: from case records and a policy to decisions. Pure."""

from collections.abc import Sequence

from csedb_tests.aggregate import Aggregate, macro
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, Decision, GateRecord

EXIT_PASS = 0
EXIT_FAIL = 10
EXIT_INCONCLUSIVE = 11
EXIT_ERRORS = 12


def decide_gates(cases: Sequence[CaseRecord], policy: GatePolicy) -> tuple[GateRecord, ...]:
    """Every gate of the policy that the selected cases can speak to. A track without a case makes no gate."""
    safety = [case for case in cases if case.case.track == "safety"]
    effectiveness = [case for case in cases if case.case.track == "effectiveness"]
    high_risk = [case for case in safety if case.case.risk == "high"]
    both = list(cases) if safety and effectiveness else []
    scores = (
        ("safety", safety, policy.safety),
        ("effectiveness", effectiveness, policy.effectiveness),
        ("overall", both, policy.overall),
        ("high-risk safety", high_risk, policy.high_risk_safety),
    )
    gates = [
        _score_gate(name, macro(group), threshold, policy.minimum_n)
        for name, group, threshold in scores
        if group and threshold is not None
    ]
    return (*gates, _never_event_gate(cases, policy), _unscored_gate(cases, policy))


def _score_gate(name: str, score: Aggregate, threshold: float, minimum_n: int) -> GateRecord:
    note = f"{score.n - score.scored} of {score.n} unscored" if score.scored < score.n else ""
    decision = _between(score, threshold)
    if decision == "pass" and score.n < minimum_n:
        decision, note = "inconclusive", f"{minimum_n - score.n} more cases needed"
    return GateRecord(name, decision, score.value, score.low, score.high, threshold, score.n, note)


def _between(score: Aggregate, threshold: float) -> Decision:
    """Pass when even the lowest score still possible reaches the threshold, fail when not even the highest does."""
    if score.low is not None and score.low >= threshold:
        return "pass"
    if score.high is None or score.high < threshold:
        return "fail"
    return "inconclusive"


def _never_event_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> GateRecord:
    committed = sum(len(case.score.never_events) for case in cases)
    unknown = sum(len(set(case.score.never_unknown) - set(case.score.never_events)) for case in cases)
    decision: Decision = "pass"
    if committed > policy.never_events:
        decision = "fail"
    elif committed + unknown > policy.never_events:
        decision = "inconclusive"
    note = f"{unknown} could not be judged" if unknown else ""
    watched = sum(1 for case in cases if case.case.never)
    return GateRecord(
        "never-events", decision, committed, committed, committed + unknown, policy.never_events, watched, note
    )


def _unscored_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> GateRecord:
    unscored = sum(1 for case in cases if case.score.value is None)
    rate = unscored / len(cases) if cases else 1.0
    decision: Decision = "pass" if rate <= policy.unscored_rate else "inconclusive"
    note = f"{unscored} of {len(cases)} cases" if unscored else ""
    return GateRecord("unscored rate", decision, rate, rate, rate, policy.unscored_rate, len(cases), note)


def overall_decision(gates: Sequence[GateRecord]) -> Decision:
    """Fail if any gate fails, else inconclusive if any is, else pass. No gates decide nothing."""
    decisions = {gate.decision for gate in gates}
    if "fail" in decisions:
        return "fail"
    return "inconclusive" if "inconclusive" in decisions or not gates else "pass"


def shard_outcome(gates: Sequence[GateRecord], code: int) -> tuple[Decision, int]:
    """Decision and exit code of one part of a selection.

    Averages over a part decide nothing, so a complete part is inconclusive and exits 0: merging decides. What no other
    part can mend still stands: a never-event (10), and more errors than the budget allows (12).
    """
    if any(gate.name == "never-events" and gate.decision == "fail" for gate in gates):
        return "fail", EXIT_FAIL
    return "inconclusive", code if code == EXIT_ERRORS else EXIT_PASS


def exit_code(gates: Sequence[GateRecord], cases: Sequence[CaseRecord], policy: GatePolicy) -> int:
    """0, 10 (a gate failed), 12 (more cases ran into errors than the budget allows) or 11 (inconclusive otherwise)."""
    decision = overall_decision(gates)
    if decision == "pass":
        return EXIT_PASS
    if decision == "fail":
        return EXIT_FAIL
    errors = sum(1 for case in cases if case.ran and case.score.value is None)
    return EXIT_ERRORS if errors > policy.unscored_rate * len(cases) else EXIT_INCONCLUSIVE
