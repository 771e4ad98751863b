"""Waivers: somebody's signed word that a gate may stay unpassed until a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from csedb_tests.policy import Waiver
from csedb_tests.record import GateRecord, Waived


def with_waivers(gates: Sequence[GateRecord], waivers: Sequence[Waiver], day: date) -> tuple[GateRecord, ...]:
    """The gates, each with its waiver as it stands on ``day`` (UTC).

    A waiver in force leaves the gate's decision as it is and takes away its effect. One that has expired fails its
    gate whatever the figures say, also where the run has no such gate: an exception that nobody looks after any more
    blocks until somebody takes it out or renews it.
    """
    by_gate = {waiver.gate: waiver for waiver in waivers}
    found = [_waived(gate, by_gate.pop(gate.name), day) if gate.name in by_gate else gate for gate in gates]
    return (*found, *_orphans(by_gate.values(), day))


def _waived(gate: GateRecord, waiver: Waiver, day: date) -> GateRecord:
    waived = _standing(waiver, day)
    decision = "fail" if waived.expired else gate.decision
    gate = replace(gate, decision=decision, waiver=waived)
    return replace(gate, note="; ".join(text for text in (_sentence(gate, waived), gate.note) if text))


def _standing(waiver: Waiver, day: date) -> Waived:
    return Waived(waiver.who, waiver.why, waiver.until.isoformat(), expired=day > waiver.until)


def _sentence(gate: GateRecord, waived: Waived) -> str:
    if waived.expired:
        return f"its waiver by {waived.who} expired on {waived.until}: take it out of the policy, or renew it"
    said = f"until {waived.until} by {waived.who}: {waived.why}"
    return f"waived {said}" if gate.is_waived else f"passes without its waiver ({said})"


def _orphans(waivers: Iterable[Waiver], day: date) -> Iterator[GateRecord]:
    for waiver in waivers:
        waived = _standing(waiver, day)
        if waived.expired:
            gate = GateRecord(waiver.gate, "fail", None, None, None, 0.0, 0, waiver=waived)
            yield replace(gate, note=_sentence(gate, waived))
