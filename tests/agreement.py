"""How often the pattern judge agrees with a careful reading: ``python -m tests.agreement [SET ...]``.

``tests/data/fresh_answers*.jsonl`` hold answers written without sight of the patterns, each with the verdicts of a
careful literal reading. docs/JUDGES.md says how they
came about and what was tuned on which of them.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.outcome import status_of
from csedb_tests.policy import GatePolicy
from csedb_tests.schema import Case, Rule
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict

HERE = Path(__file__).parent
SOURCES = {
    HERE / "data" / "fresh_answers.jsonl": default_bank_root(),
    HERE / "data" / "fresh_answers_zh.jsonl": HERE / "chinese_bank",
}
"""Files of answers, and the banks that they answer."""


@dataclass(frozen=True)
class Reading:
    """One statement as the careful reader and as the judge saw it."""

    case: str
    kind: str
    statement: str
    is_rule: bool
    expected: str
    found: str
    quote: str


@dataclass(frozen=True)
class Outcome:
    """One answer's case status by the careful reading and by the judge."""

    case: str
    expected: str
    found: str


def rows(sets: tuple[str, ...]) -> Iterator[tuple[Case, dict[str, str], str, str]]:
    for file, root in SOURCES.items():
        bank = load_bank(root)
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if not sets or row["set"] in sets:
                yield bank.case(row["case"]), row["expected"], row["answer"], row["kind"]


def readings(*sets: str) -> list[Reading]:
    """Every statement of every answer; statements that a later review removed or added are left out."""
    judge, found = PatternJudge(), []
    for case, expected, answer, kind in rows(sets):
        verdicts = {verdict.statement: verdict for verdict in judge.verdicts(case, answer)}
        for statement in case.statements:
            if statement.id in expected:
                verdict = verdicts[statement.id]
                found.append(
                    Reading(
                        case.id,
                        kind,
                        statement.id,
                        isinstance(statement, Rule),
                        expected[statement.id],
                        verdict.value,
                        verdict.quote,
                    )
                )
    return found


def outcomes(*sets: str) -> list[Outcome]:
    """Whether the case passes, by either reading; answers whose case changed its statements since are left out."""
    judge, threshold, found = PatternJudge(), GatePolicy().case_threshold, []
    for case, expected, answer, _ in rows(sets):
        if {statement.id for statement in case.statements} == set(expected):
            careful = [Verdict(statement, value) for statement, value in expected.items()]
            by_reader = status_of(case, score_case(case, careful), threshold)
            by_judge = status_of(case, score_case(case, judge.verdicts(case, answer)), threshold)
            found.append(Outcome(case.id, by_reader, by_judge))
    return found


def agreement(found: list[Reading]) -> float:
    return sum(reading.expected == reading.found for reading in found) / len(found)


def main(*sets: str) -> None:
    found = readings(*sets)
    for name, group in (
        ("rules", [r for r in found if r.is_rule]),
        ("never-events", [r for r in found if not r.is_rule]),
    ):
        counts = Counter((reading.expected, reading.found) for reading in group)
        print(f"{name}: {agreement(group):.1%} of {len(group)} verdicts agree")
        for (expected, judged), count in sorted(counts.items()):
            print(f"    reader {expected:8} judge {judged:8} {count:4}")
    cases = Counter((o.expected == "passed", o.found == "passed") for o in outcomes(*sets))
    print("answers: reader pass, judge pass:", dict(sorted(cases.items())))
    for reading in found:
        if reading.expected != reading.found:
            print(
                f"{reading.case} ({reading.kind}) {reading.statement}: {reading.expected}, judge {reading.found}"
                f"{f': {reading.quote[:100]!r}' if reading.quote else ''}"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
