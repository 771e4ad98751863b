"""Scripted jurors on loopback, told apart by the name of the model that is asked, and runs over them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csedb_tests.assembly import Findings
from csedb_tests.bank import load_bank
from csedb_tests.plan import make_plan
from csedb_tests.record import RunRecord, SampleRecord
from csedb_tests.run import Run
from csedb_tests.verdict import Verdict
from tests.conftest import MINI_BANK
from tests.loopback import BankScript, Reply, Seen, answer_in, completion, statements, verdicts

CASES = load_bank(MINI_BANK).cases
VERAPAMIL = "cardiology-S03-01"
_TEXTS = {statement.text: (case.id, statement.id) for case in CASES for statement in case.statements}
Votes = Mapping[str, str]
"""A juror's verdicts by statement id; the others are a careful reader's."""


@dataclass
class Jury:
    """The script of a loopback server: jurors by model name, each with its votes, or with a reply of its own."""

    jurors: dict[str, Votes | Callable[[Seen], Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _reader: BankScript = field(default_factory=lambda: BankScript(CASES))

    def __call__(self, seen: Seen) -> Reply:
        name = seen.body["model"]
        self.asked.append(name)
        script = self.jurors[name]
        return script(seen) if callable(script) else self._voted(seen, script)

    def _voted(self, seen: Seen, votes: Votes) -> Reply:
        entries = json.loads(self._reader(seen).body["choices"][0]["message"]["content"])
        for number, text in statements(seen.user).items():
            statement = _TEXTS.get(text, ("", ""))[1]
            if statement in votes:
                quote = answer_in(seen.user)[:30] if votes[statement] == "met" else ""
                entries[number] = {"quote": quote, "reason": f"says {seen.body['model']}", "verdict": votes[statement]}
        return completion(json.dumps(entries))


def broken(_: Seen) -> Reply:
    """A juror whose server fails every time."""
    return Reply({"error": "out of order"}, 500)


def babbling(_: Seen) -> Reply:
    """A juror whose replies are no verdicts."""
    return completion("The answer looks fine to me.")


def gullible(seen: Seen) -> Reply:
    """A juror that says met to everything, the canary included."""
    return completion(json.dumps(verdicts(statements(seen.user), "met", answer_in(seen.user)[:30])))


def panel(*names: str) -> list[str]:
    """The value of ``judge`` for openai jurors of these names."""
    return [f"openai:{name}" for name in names]


def run_of(directory: Path, url: str, judge: Any, case: str = VERAPAMIL, **options: Any) -> RunRecord:
    """One run over one case of the small bank, in this process."""
    settings = {"cases": str(MINI_BANK), "judge": judge, "judge_base_url": url, "retries": 0, **options}
    plan = make_plan(settings, directory)
    run = Run(plan)
    try:
        run.start([plan.bank.case(case)], attended=True)
        record = run.result(case, lambda: None)
        run.stop()
        return run.record(Findings([case], [case], {case: record}, {}, False), ())
    finally:
        run.close()


def only_sample(record: RunRecord) -> SampleRecord:
    """The one answer of a run over one case."""
    (sample,) = record.cases[0].samples
    return sample


def verdict_on(record: RunRecord, statement: str) -> Verdict:
    """The verdict on a statement of that answer."""
    return next(verdict for verdict in only_sample(record).verdicts if verdict.statement == statement)
