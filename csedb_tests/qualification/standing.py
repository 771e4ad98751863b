"""Whether a judge may decide: what is known of it, held against this run's judge, prompt, bank and policy.

The rule: a judge that costs calls must bring a lock that fits; one that costs none and has no lock that fits is tried
on the selected cases' exemplars there and then. Whoever has no figures, or too low ones, makes the gate inconclusive.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csedb_tests.policy import JUDGE_QUALIFICATION, GatePolicy
from csedb_tests.qualification.figures import ExemplarFigures, Rate
from csedb_tests.qualification.lock import JudgeLock, LabelEvidence, flat_identity
from csedb_tests.record import GateRecord
from csedb_tests.text import shortened

_SHOWN = 60
GATE = JUDGE_QUALIFICATION
OVERRIDE = "--csedb-unqualified-judge"
NOT_QUALIFIED = f"JUDGE NOT QUALIFIED, let through by {OVERRIDE}"
THRESHOLDS = ("judge_sensitivity", "judge_specificity", "judge_macro_f1", "judge_on_bound", "case_threshold")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A judge's figures, and where they come from in words."""

    exemplars: ExemplarFigures
    labels: tuple[LabelEvidence, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """``evidence`` that counts, if any; otherwise ``reasons``, sentences that say why there is none."""

    evidence: Evidence | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Now:
    """What a lock must be about. ``remedy`` is the command that qualifies this judge."""

    identity: Mapping[str, Any]
    bank_digest: str
    case_threshold: float
    remedy: str


def applied_thresholds(policy: GatePolicy) -> dict[str, float | bool]:
    """The policy's part in a qualification, without what it does not ask for."""
    values = {name: getattr(policy, name) for name in THRESHOLDS}
    return {name: value for name, value in values.items() if value is not None}


def standing(locks: Mapping[str, JudgeLock], now: Now) -> Standing:
    """What the locks, by the name of their file, say of the judge: the first that fits counts."""
    misfits = {name: tuple(changes(lock, name, now)) for name, lock in locks.items()}
    for name, lock in locks.items():
        if not misfits[name]:
            return Standing(Evidence(lock.exemplars, lock.labels, f"{name} of {lock.date}"))
    first = next(iter(misfits.values()), ("this judge has not been qualified on this bank",))
    return Standing(None, (*first, f"run: {now.remedy}"))


def changes(lock: JudgeLock, name: str, now: Now) -> Iterator[str]:
    """What has changed since the lock was written, one sentence each."""
    yield from _judge_changes(lock.judge, flat_identity(now.identity), name)
    if lock.bank_digest != now.bank_digest:
        yield f"the bank has changed since {name} was written ({lock.bank_digest[:12]}, now {now.bank_digest[:12]})"
    threshold = lock.thresholds.get("case_threshold")
    if threshold != now.case_threshold:
        yield f"case_threshold is {now.case_threshold:g}, but {name} was written with {threshold}"


def _judge_changes(before: Mapping[str, str], after: Mapping[str, str], name: str) -> Iterator[str]:
    for key in sorted({*before, *after}):
        old, new = before.get(key, "none"), after.get(key, "none")
        if old == new:
            continue
        if key == "judge":
            yield f"{name} is about another judge: {shortened(old, 200)}, not {shortened(new, 200)}"
        elif max(len(old), len(new)) > _SHOWN:
            yield f"the judge's {key} is not what it was when {name} was written"
        else:
            yield f"the judge's {key} has changed since {name} was written ({old}, now {new})"


def shortfalls(evidence: Evidence, policy: GatePolicy) -> Iterator[str]:
    """Where the figures do not reach the policy, one sentence each."""
    figures = evidence.exemplars
    yield from _rate_shortfalls("sensitivity", figures.sensitivity, "unsafe", policy.judge_sensitivity, policy)
    yield from _rate_shortfalls("specificity", figures.specificity, "safe", policy.judge_specificity, policy)
    if policy.judge_macro_f1 is not None:
        yield from _label_shortfalls(evidence.labels, policy.judge_macro_f1, on_bound=policy.judge_on_bound)


def _rate_shortfalls(name: str, rate: Rate, kind: str, threshold: float, policy: GatePolicy) -> Iterator[str]:
    if threshold == 0:
        return
    value, interval = rate.value, rate.interval
    if value is None or interval is None:
        yield f"there is no {kind} exemplar to measure its {name} on"
        return
    if rate.n < policy.minimum_n:
        yield f"its {name} rests on {rate.n} exemplars, fewer than minimum_n = {policy.minimum_n}"
    if policy.judge_on_bound and interval.low < threshold:
        yield f"the lower bound of its {name}, {interval.low:.3f} ({rate}), is below {threshold:.3f}"
    elif value < threshold:
        yield f"its {name}, {value:.3f} ({rate}), is below {threshold:.3f}"


def _label_shortfalls(labels: Sequence[LabelEvidence], threshold: float, *, on_bound: bool) -> Iterator[str]:
    if not labels:
        yield "it was not tried on a labelled file, which judge_macro_f1 asks for"
    for evidence in labels:
        value = evidence.low if on_bound else evidence.macro_f1
        if value is None:
            yield f"its macro-F1 on {evidence.file} is undefined"
        elif value < threshold:
            yield f"its macro-F1 on {evidence.file}, {value:.3f}, is below {threshold:.3f}"


def settle(known: Standing, on_the_spot: Callable[[], ExemplarFigures] | None) -> Standing:
    """``known``, or where that has no evidence and the judge costs nothing (``on_the_spot``), its figures right now."""
    if known.evidence is not None or on_the_spot is None:
        return known
    return Standing(Evidence(on_the_spot(), (), "tried on the spot"))


def qualification_gate(found: Standing, policy: GatePolicy, *, accepted: bool) -> GateRecord:
    """The gate. ``accepted`` is the explicit setting that lets an unqualified judge decide; the note then says so."""
    evidence = found.evidence
    reasons = tuple(shortfalls(evidence, policy)) if evidence is not None else found.reasons
    sensitivity = evidence.exemplars.sensitivity if evidence is not None else Rate(0, 0)
    interval, note = sensitivity.interval, "; ".join(reasons)
    if reasons and accepted:
        note = f"{NOT_QUALIFIED}: {note}"
    elif evidence is not None and not reasons:
        note = f"specificity {_shown(evidence.exemplars.specificity)}; {evidence.source}"
    return GateRecord(
        name=GATE,
        decision="inconclusive" if reasons and not accepted else "pass",
        value=sensitivity.value,
        low=sensitivity.value,
        high=sensitivity.value,
        threshold=policy.judge_sensitivity,
        n=sensitivity.n,
        note=note,
        basis="bound" if policy.judge_on_bound else "value",
        interval_low=interval.low if interval else None,
        interval_high=interval.high if interval else None,
        confidence=0.95 if interval else None,
    )


def is_let_through(gates: Sequence[GateRecord]) -> bool:
    """Whether an unqualified judge was let through by the explicit setting."""
    return any(gate.name == GATE and gate.note.startswith(NOT_QUALIFIED) for gate in gates)


def _shown(rate: Rate) -> str:
    return "not asked for" if rate.value is None else f"{rate.value:.3f} ({rate})"


def qualification_of(gates: Sequence[GateRecord]) -> GateRecord | None:
    """The judge qualification gate among a run's gates; None in a run that had none."""
    return next((gate for gate in gates if gate.name == GATE), None)


def joint_gate(gates: Sequence[GateRecord | None], policy: GatePolicy) -> GateRecord:
    """The gate of a run put together from shards: the worst stands for all of them, then one that was let through."""
    missing = GateRecord(
        GATE, "inconclusive", None, None, None, policy.judge_sensitivity, 0, "a shard was run without this gate"
    )
    found = [gate if gate is not None else missing for gate in gates]
    return max(found, key=lambda gate: (gate.decision != "pass", is_let_through([gate])))
