"""Score gates: the tracks, and the floors of criteria and departments."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from csedb_tests.gating.estimates import TOLERANCE, Sampled, sampled
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, Decision, GateRecord
from csedb_tests.statistics.power import detectable_shortfall, more_cases_score

_NAMED = 8
_SEVERITY: Mapping[Decision, int] = {"pass": 0, "inconclusive": 1, "fail": 2}


def track_gates(cases: Sequence[CaseRecord], policy: GatePolicy) -> Iterator[GateRecord]:
    """Safety, effectiveness, overall, high-risk safety. A track without a case makes no gate."""
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
    for name, group, threshold in scores:
        if group and threshold is not None:
            yield score_gate(name, group, threshold, policy, policy.minimum_n)


def score_gate(
    name: str, cases: Sequence[CaseRecord], threshold: float, policy: GatePolicy, minimum_n: int
) -> GateRecord:
    """The gate of a group of at least one case.

    Fail: not even the best that unscored cases can still do reaches the threshold. Pass: the worst does, decided on
    the bound the interval's lower bound too, and ``minimum_n`` cases have a score. Inconclusive: all between.
    """
    found = sampled(cases, policy.confidence)
    gate = GateRecord(
        name=name,
        decision=_decision(found, threshold, policy, minimum_n),
        value=found.score.value,
        low=found.score.low,
        high=found.score.high,
        threshold=threshold,
        n=found.score.n,
        basis=policy.decide_on,
        interval_low=found.low,
        interval_high=found.high,
        confidence=policy.confidence,
        detectable=detectable_shortfall(found.worst.effective, threshold, policy.confidence),
    )
    return _explained(gate, found, minimum_n)


def _decision(found: Sampled, threshold: float, policy: GatePolicy, minimum_n: int) -> Decision:
    wanted = threshold - TOLERANCE
    low, high = found.score.low, found.score.high
    if low is None or high is None or high < wanted:
        return "fail"
    on_bound = policy.decide_on == "bound"
    if low < wanted or (on_bound and found.low < wanted) or found.score.scored < minimum_n:
        return "inconclusive"
    return "pass"


def _explained(gate: GateRecord, found: Sampled, minimum_n: int) -> GateRecord:
    score = found.score
    notes = [f"{score.n - score.scored} of {score.n} unscored"] if score.scored < score.n else []
    more = _more_cases(gate, found, minimum_n) if gate.decision == "inconclusive" else None
    if more:
        notes.append(f"{more} more cases needed")
    elif gate.decision == "inconclusive" and score.scored == score.n:
        notes.append("too close to the threshold for any number of cases")
    return replace(gate, more_cases=more, note="; ".join(notes))


def _more_cases(gate: GateRecord, found: Sampled, minimum_n: int) -> int | None:
    """Cases that would decide the gate if they came out as these did; None when no number would."""
    missing = max(0, minimum_n - found.score.scored)
    worst = found.worst
    if gate.low is None or gate.low < gate.threshold - TOLERANCE:
        return None  # what is unscored decides, and no further case
    if gate.basis == "value" or found.low >= gate.threshold - TOLERANCE or worst.value is None:
        return missing or None
    more = more_cases_score(
        min(worst.value, 1.0), worst.n, worst.effective, gate.threshold, found.confidence, low=found.low
    )
    return None if more is None else max(more, missing)


@dataclass(frozen=True, slots=True)
class _Floors:
    """Floors of one kind: a general one, and those of single groups by name."""

    kind: str
    general: float | None
    named: Mapping[str, float | None]
    group_of: Callable[[CaseRecord], str]


def floor_gates(cases: Sequence[CaseRecord], policy: GatePolicy, *, is_full: bool) -> Iterator[GateRecord]:
    """The floors of criteria and departments.

    The general floor is one gate that every group with ``floor_minimum_n`` cases must pass; where no group has as
    many, there is none. A group with a floor of its own has a gate of its own, inconclusive with fewer cases; without
    any it has none in a selection.
    """
    kinds = (
        _Floors("criterion", policy.criterion_floor, policy.criteria, lambda case: case.case.criterion.code),
        _Floors("department", policy.department_floor, policy.departments, lambda case: case.case.department),
    )
    for floors in kinds:
        groups: dict[str, list[CaseRecord]] = defaultdict(list)
        for case in cases:
            groups[floors.group_of(case)].append(case)
        yield from _general_gate(floors, groups, policy)
        for name, floor in floors.named.items():
            yield from _named_gate(f"{floors.kind} {name}", floor, groups.get(name, ()), policy, is_full=is_full)


def _named_gate(
    name: str, floor: float | None, cases: Sequence[CaseRecord], policy: GatePolicy, *, is_full: bool
) -> Iterator[GateRecord]:
    if floor is None:
        return
    if cases:
        yield score_gate(name, cases, floor, policy, policy.floor_minimum_n)
    elif is_full:
        least = policy.floor_minimum_n
        note = f"the bank holds no case of it; {least} more cases needed"
        yield GateRecord(name, "inconclusive", None, None, None, floor, 0, note, more_cases=least)


def _general_gate(
    floors: _Floors, groups: Mapping[str, Sequence[CaseRecord]], policy: GatePolicy
) -> Iterator[GateRecord]:
    if floors.general is None:
        return
    open_to_it = {name: cases for name, cases in groups.items() if name not in floors.named}
    held = {name: cases for name, cases in open_to_it.items() if len(cases) >= policy.floor_minimum_n}
    gates = {name: score_gate(name, cases, floors.general, policy, 1) for name, cases in sorted(held.items())}
    if gates:
        yield _joined(floors, gates, len(open_to_it) - len(held), policy)


def _joined(floors: _Floors, gates: Mapping[str, GateRecord], small: int, policy: GatePolicy) -> GateRecord:
    """One record for all: the worst decision, the figures of the group that stands worst, the others by name."""
    worst = max(gates.values(), key=lambda gate: (_SEVERITY[gate.decision], -(gate.low or 0.0)))
    others = [name for name, gate in gates.items() if gate.decision == worst.decision and gate is not worst]
    notes = [f"lowest: {worst.name}" + (f" ({worst.note})" if worst.note else "")]
    if others and worst.decision != "pass":
        notes.append(f"and {_listed(others)}")
    if small:
        notes.append(f"{small} with fewer than {policy.floor_minimum_n} cases not held to it")
    return replace(worst, name=f"{floors.kind} floor", note="; ".join(notes))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
