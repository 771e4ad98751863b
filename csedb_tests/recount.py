"""Counting a finished run again: from its verdicts to scores, gates and decision, against what it recorded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from csedb_tests.assembly import assemble
from csedb_tests.coverage import joint_coverage
from csedb_tests.gates import overall_decision
from csedb_tests.outcome import case_record
from csedb_tests.policy import BANK_COVERAGE, GatePolicy
from csedb_tests.qualification.standing import GATE as JUDGE
from csedb_tests.qualification.standing import joint_gate, qualification_of
from csedb_tests.record import CaseRecord, GateRecord, RunRecord
from csedb_tests.score import score_case

_COMPARED = ("decision", "effect", "value", "low", "high", "threshold", "n")
_DIGITS = 9
"""The drop's sums are taken in an order that is not fixed: its last digits may differ."""
_TAKEN_OVER = (JUDGE, BANK_COVERAGE)
"""Gates that rest on the locks: they are taken as they were recorded."""


@dataclass(frozen=True, slots=True)
class Recount:
    """``differences`` from what was recorded, one sentence each; ``uncounted`` gates, which rest on other files."""

    differences: tuple[str, ...]
    uncounted: tuple[str, ...]


def recount(record: RunRecord) -> Recount:
    """Count ``record`` again. Raises pydantic's ValidationError for a policy that this version does not know."""
    policy = GatePolicy(**record.identity.policy)
    found = _again(record, policy)
    names = {gate.name for gate in found.gates}
    others = [gate for gate in record.gates if gate.name not in names]
    differences = (
        *_cases(record, found),
        *_gates(record.gates, found.gates),
        *_figures(record, found),
        *_outcome(record, found, others),
    )
    taken = [gate for gate in record.gates if gate.name in _TAKEN_OVER]
    return Recount(differences, tuple(gate.name for gate in (*taken, *others)))


def _again(record: RunRecord, policy: GatePolicy) -> RunRecord:
    return assemble(
        run_id=record.run_id,
        started=record.started,
        identity=record.identity,
        selection=record.selection,
        cases=tuple(_case(case, policy.case_threshold) for case in record.cases),
        policy=policy,
        qualification=joint_gate([qualification_of(record.gates)], policy),
        further_gates=joint_coverage(record.gates),
        problems=record.problems,
        comparison=record.comparison,
    )


def _case(record: CaseRecord, threshold: float) -> CaseRecord:
    samples = [replace(sample, score=score_case(record.case, sample.verdicts)) for sample in record.samples]
    return replace(case_record(record.case, samples, threshold, record.usage), ran=record.ran)


def _cases(record: RunRecord, found: RunRecord) -> Iterator[str]:
    twice = [case_id for case_id, count in Counter(case.case.id for case in record.cases).items() if count > 1]
    yield from (f"case {case_id} stands in the record more than once" for case_id in twice)
    if len(record.cases) != record.selection.selected:
        yield f"{record.selection.selected} cases were selected, the record holds {len(record.cases)}"
    for before, now in zip(record.cases, found.cases, strict=True):
        scores = [[case.score, *(sample.score for sample in case.samples)] for case in (before, now)]
        if scores[0] != scores[1]:
            yield f"case {before.case.id}: its verdicts give score {now.score.value}, recorded is {before.score.value}"
        elif before.status != now.status:
            yield f"case {before.case.id}: its score makes it {now.status}, recorded is {before.status}"


def _gates(before: Sequence[GateRecord], now: Sequence[GateRecord]) -> Iterator[str]:
    recorded = {gate.name: gate for gate in before}
    for gate in now:
        old = recorded.get(gate.name)
        if old is None:
            yield f"gate {gate.name}: counted again it is {gate.decision}, and is not in the record"
            continue
        for name in _COMPARED:
            if getattr(old, name) != getattr(gate, name):
                yield f"gate {gate.name}: counted again its {name} is {getattr(gate, name)}, not {getattr(old, name)}"


def _figures(record: RunRecord, found: RunRecord) -> Iterator[str]:
    for name in sorted({*record.scores, *found.scores}):
        before, now = record.scores.get(name), found.scores.get(name)
        if before != now:
            yield f"score {name}: counted again it is {now}, not {before}"
    drops = [None if run.drop is None else round(run.drop.value, _DIGITS) for run in (record, found)]
    if drops[0] != drops[1]:
        yield f"high-risk drop: counted again it is {drops[1]}, not {drops[0]}"


def _outcome(record: RunRecord, found: RunRecord, others: Sequence[GateRecord]) -> Iterator[str]:
    decision = found.decision
    if others and not record.selection.shard:
        decision = overall_decision((*found.gates, *others))
    if decision != record.decision:
        yield f"decision: counted again it is {decision}, not {record.decision}"
    elif not others and found.exit_code != record.exit_code:
        yield f"exit code: counted again it is {found.exit_code}, not {record.exit_code}"
