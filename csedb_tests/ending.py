"""From what a run found to its record: accounted for, compared, decided.

Loaded when it is needed, or a little earlier, while a run's first replies are on their way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.assembly import Findings, account, assemble, environment
from csedb_tests.comparison.compare import compare
from csedb_tests.comparison.sides import Baseline, Candidate
from csedb_tests.comparison.values import Comparison
from csedb_tests.coverage import Coverage, coverage_gate
from csedb_tests.judges.base import Judge
from csedb_tests.models.base import Model
from csedb_tests.plan import Plan
from csedb_tests.qualification.of_run import run_gate
from csedb_tests.qualification.standing import Standing
from csedb_tests.record import Identity, RunRecord, Selection


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run was, beside what it found."""

    plan: Plan
    started: str
    model: Model
    judge: Judge
    standing: Standing
    coverage: Coverage
    baseline: Baseline | None


def recorded(ran: Ran, findings: Findings, expressions: Sequence[str], problems: Sequence[str]) -> RunRecord:
    """The record of a run. ``expressions`` say what narrowed its selection."""
    plan, planned = ran.plan, findings.planned
    cases, identity = account(findings, plan.bank), _identity(ran)
    selection = _selection(plan, len(cases), planned, expressions)
    coverage = coverage_gate(ran.coverage, len(set(planned)), plan.policy)
    asked = [plan.bank.case(case_id) for case_id in planned]
    return assemble(
        run_id=plan.run_id,
        started=ran.started,
        identity=identity,
        selection=selection,
        cases=cases,
        policy=plan.policy,
        qualification=run_gate(ran.standing, ran.judge, asked, plan.settings, plan.policy),
        further_gates=(coverage,) if coverage else (),
        problems=problems,
        comparison=_compared(ran, Candidate(identity, selection, cases)),
    )


def _selection(plan: Plan, selected: int, planned: Sequence[str], expressions: Sequence[str]) -> Selection:
    shard, bank = plan.settings.shard or "", len(plan.bank.cases)
    return Selection(
        selected, bank, tuple(expressions) or _unnamed(selected, bank), shard, tuple(planned) if shard else ()
    )


def _unnamed(selected: int, bank: int) -> tuple[str, ...]:
    """What to call a selection that no option asked for."""
    return () if selected == bank else ("no option: a file argument, a plugin or a conftest.py left cases out",)


def _compared(ran: Ran, candidate: Candidate) -> Comparison | None:
    if ran.baseline is None:
        return None
    return compare(candidate, ran.baseline, ran.plan.policy.baseline, ran.plan.policy.case_threshold)


def _identity(ran: Ran) -> Identity:
    return Identity(
        model=dict(ran.model.identity),
        judge=dict(ran.judge.identity),
        bank=ran.plan.bank.root.name,
        bank_digest=ran.plan.bank.digest,
        policy=ran.plan.policy.model_dump(mode="json"),
        environment=environment(),
    )
