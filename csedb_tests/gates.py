"""The gates: from case records and a policy to decisions. Pure."""

from collections.abc import Sequence

from csedb_tests.gating.drop import drop_gate
from csedb_tests.gating.events import never_event_gate, unscored_gate
from csedb_tests.gating.reviewed import reviewed_gate
from csedb_tests.gating.scores import floor_gates, track_gates
from csedb_tests.policy import BANK_COVERAGE, NEVER_EVENTS, GatePolicy
from csedb_tests.record import CaseRecord, Decision, GateRecord

EXIT_PASS = 0
EXIT_FAIL = 10
EXIT_INCONCLUSIVE = 11
EXIT_ERRORS = 12


def decide_gates(cases: Sequence[CaseRecord], policy: GatePolicy, *, is_full: bool = False) -> tuple[GateRecord, ...]:
    """Every gate of the policy that the selected cases can speak to; ``is_full`` says that they are the whole bank.

    The order of the cases decides nothing, to the last digit: sums are taken in the order of ids.
    """
    cases = sorted(cases, key=lambda case: case.case.id)
    return (
        *track_gates(cases, policy),
        *floor_gates(cases, policy, is_full=is_full),
        *never_event_gate(cases, policy),
        *drop_gate(cases, policy),
        *unscored_gate(cases, policy),
        *reviewed_gate(cases, policy),
    )


def overall_decision(gates: Sequence[GateRecord]) -> Decision:
    """Fail if any gate fails, else inconclusive if any is or none is there, else pass. Waived gates do not count."""
    decisions = {gate.effect for gate in gates}
    if "fail" in decisions:
        return "fail"
    return "inconclusive" if "inconclusive" in decisions or not gates else "pass"


def shard_outcome(gates: Sequence[GateRecord], code: int) -> tuple[Decision, int]:
    """Decision and exit code of one part of a selection.

    Averages over a part decide nothing, so a complete part is inconclusive and exits 0: merging decides. What no other
    part can mend still stands: a never-event, a bank that is not what its lock says or an expired waiver (10), and more
    errors than the budget allows (12).
    """
    if any(gate.decision == "fail" and _is_final(gate) for gate in gates):
        return "fail", EXIT_FAIL
    return "inconclusive", code if code == EXIT_ERRORS else EXIT_PASS


def _is_final(gate: GateRecord) -> bool:
    return gate.name in (NEVER_EVENTS, BANK_COVERAGE) or (gate.waiver is not None and gate.waiver.expired)


def exit_code(gates: Sequence[GateRecord], cases: Sequence[CaseRecord], policy: GatePolicy) -> int:
    """0, 10 (a gate failed), 12 (more cases ran into errors than the budget allows) or 11 (inconclusive otherwise)."""
    decision = overall_decision(gates)
    if decision == "pass":
        return EXIT_PASS
    if decision == "fail":
        return EXIT_FAIL
    errors = sum(1 for case in cases if case.ran and case.score.value is None)
    return EXIT_ERRORS if errors > policy.unscored_rate * len(cases) else EXIT_INCONCLUSIVE
