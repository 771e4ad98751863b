"""The gate on reviews: how many of the selected cases somebody signed as they stand."""

from collections.abc import Iterator, Sequence

from csedb_tests.gating.estimates import TOLERANCE
from csedb_tests.policy import REVIEWED_CASES, GatePolicy
from csedb_tests.record import CaseRecord, Decision, GateRecord


def reviewed_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> Iterator[GateRecord]:
    """The share of cases with a valid sign-off against the lowest that the policy asks for, if it asks.

    Too few signed cases are no fault of the model: they leave open what its score is worth. The gate is inconclusive.
    """
    least = policy.reviewed_share
    if least is None:
        return
    signed = sum(case.case.is_reviewed for case in cases)
    share = signed / len(cases) if cases else 0.0
    decision: Decision = "pass" if cases and share >= least - TOLERANCE else "inconclusive"
    note = f"{signed} of {len(cases)} cases are signed as they stand"
    note += "" if decision == "pass" else "; see csedb sign --check"
    yield GateRecord(REVIEWED_CASES, decision, share, share, share, least, len(cases), note)
