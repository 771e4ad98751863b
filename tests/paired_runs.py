"""Pairs of runs with given outcomes, made in memory: two rules of 1 point, one never-event, a case per outcome."""

from collections.abc import Mapping, Sequence

from csedb_tests.answer import Answer
from csedb_tests.catalogue import RISKS, catalogue
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.outcome import case_record, unscored_record
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, Identity, RunRecord, SampleRecord, Selection
from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict, VerdictValue

RULES = (Rule(id="first", text="Says the first.", points=1), Rule(id="second", text="Says the second.", points=1))
NEVER = (NeverEvent(id="gives-it", text="Gives it.", hazard="Bleeding"),)
OUTCOMES: Mapping[str, tuple[VerdictValue, VerdictValue, VerdictValue]] = {
    "pass": ("met", "met", "not_met"),
    "half": ("met", "not_met", "not_met"),
    "miss": ("not_met", "not_met", "not_met"),
    "never": ("met", "met", "met"),
    "unsure": ("met", "met", "cannot_tell"),
}


def some_cases(n: int, criteria: Sequence[str] | None = None, *, risk: str | None = None) -> list[Case]:
    """``n`` cases, by turns of every criterion, risk and department."""
    known = catalogue()
    codes, departments = list(criteria or known.criteria), list(known.departments)
    return [
        Case(
            id=f"case-{number:04}",
            title=f"Case {number}",
            risk=risk or RISKS[number % 3],
            question=f"Question {number}?",
            rules=RULES,
            never=NEVER,
            department=departments[number % len(departments)],
            criterion=known.criteria[codes[number % len(codes)]],
        )
        for number in range(n)
    ]


def judged(case: Case, outcome: str, answer: str = "An answer.") -> CaseRecord:
    """The record of a case with one of the `OUTCOMES`, or ``lost``: never answered."""
    if outcome == "lost":
        return unscored_record(case, "the endpoint was away")
    ids = [statement.id for statement in case.statements]
    verdicts = tuple(Verdict(name, value, answer) for name, value in zip(ids, OUTCOMES[outcome], strict=True))
    return case_record(case, [SampleRecord(Answer(answer), verdicts, score_case(case, verdicts))], 0.6)


def run_of(
    cases: Sequence[Case],
    outcomes: Sequence[str],
    run_id: str = "candidate",
    *,
    judge: str = "pattern:1",
    bank_digest: str = "d" * 64,
    bank: int | None = None,
    answer: str = "An answer.",
) -> RunRecord:
    """A finished run in which the cases went as ``outcomes`` say."""
    policy = GatePolicy.model_validate({}).model_dump(mode="json")
    return RunRecord(
        run_id=run_id,
        started="2026-01-02T03:04:05+00:00",
        finished="2026-01-02T03:14:05+00:00",
        identity=Identity({"model": f"openai:{run_id}"}, {"judge": judge}, "bank", bank_digest, policy, {}),
        selection=Selection(len(cases), bank or len(cases)),
        cases=tuple(judged(case, outcome, answer) for case, outcome in zip(cases, outcomes, strict=True)),
        gates=(),
        decision="pass",
        exit_code=0,
    )


def held_to(**keys: object) -> BaselinePolicy:
    """A policy with these keys, all others at their defaults."""
    return BaselinePolicy.model_validate(keys)
