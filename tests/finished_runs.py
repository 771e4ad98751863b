"""Finished runs made in memory: real cases, given verdicts, and every figure computed as a run computes it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from csedb_tests.answer import Answer
from csedb_tests.assembly import assemble
from csedb_tests.bank import load_bank
from csedb_tests.outcome import case_record, unscored_record
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, GateRecord, Identity, RunRecord, SampleRecord, Selection, write_record
from csedb_tests.schema import Case, Rule
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict

MINI_BANK = Path(__file__).parent / "mini_bank"
POLICY = GatePolicy()
QUALIFIED = GateRecord("judge qualification", "pass", 1.0, 1.0, 1.0, 0.95, 6)
Judged = Callable[[Case], CaseRecord]


def sample(case: Case, answer: str, quote: str, *, good: bool) -> SampleRecord:
    """An answer that meets every rule and commits no never-event, or the reverse."""
    verdicts = tuple(
        Verdict(statement.id, "met" if good == isinstance(statement, Rule) else "not_met", quote, f"says {quote}")
        for statement in case.statements
    )
    return SampleRecord(Answer(answer), verdicts, score_case(case, verdicts))


def good(case: Case) -> CaseRecord:
    return case_record(case, [sample(case, "All as it should be.", "as it should be", good=True)], 0.6)


def bad(answer: str, quote: str | None = None) -> Judged:
    """A record of a case whose ``answer`` fails it."""
    return lambda case: case_record(case, [sample(case, answer, quote or answer, good=False)], 0.6)


def lost(reason: str) -> Judged:
    return lambda case: unscored_record(case, reason)


def finished_run(
    cases: Mapping[str, Judged] | None = None,
    *,
    run_id: str = "run",
    model: str = "openai:candidate",
    judge: str = "pattern:test",
    started: str = "2026-01-02T03:04:05+00:00",
    problems: tuple[str, ...] = (),
) -> RunRecord:
    """A run over the small bank, in which every case passed but those of ``cases``."""
    bank, judged = load_bank(MINI_BANK), cases or {}
    record = assemble(
        run_id=run_id,
        started=started,
        identity=Identity(
            model={"model": model},
            judge={"judge": judge},
            bank="mini_bank",
            bank_digest=bank.digest,
            policy=POLICY.model_dump(),
            environment={"python": "3.11.0", "csedb-tests": "0.1.0"},
        ),
        selection=Selection(len(bank.cases), len(bank.cases)),
        cases=tuple(judged.get(case.id, good)(case) for case in bank.cases),
        policy=POLICY,
        qualification=QUALIFIED,
        problems=problems,
    )
    assert set(judged) <= {case.case.id for case in record.cases}
    return record


def saved(record: RunRecord, reports: Path) -> Path:
    """Write the record as a run does; gives the path of its run.json."""
    directory = reports / record.run_id
    directory.mkdir(parents=True)
    write_record(record, directory / "run.json")
    return directory / "run.json"
