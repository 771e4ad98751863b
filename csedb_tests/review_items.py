"""Which verdicts of a run a person should look at: two channels at odds, or a judge that could not tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.reviews import Subject, subject_of
from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.verdict import Verdict

Why = Literal["disagreement", "undecided"]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One verdict to settle. ``sample`` counts the case's answers from 1; ``second`` is None without a cross-check.

    A disagreement is one of met against not_met. A judge's cannot_tell is none: it is undecided, whatever the second
    opinion. A second opinion of cannot_tell says nothing, and makes no item.
    """

    case: Case
    sample: int
    answer: str
    statement: Rule | NeverEvent
    own: Verdict
    second: Verdict | None
    why: Why

    @property
    def subject(self) -> Subject:
        """What a review of it is about."""
        return subject_of(self.case, self.statement, self.answer)

    @property
    def kind(self) -> str:
        """``rule`` or ``never-event``."""
        return "never-event" if isinstance(self.statement, NeverEvent) else "rule"


def open_items(cases: Sequence[CaseRecord]) -> list[ReviewItem]:
    """What is not settled yet, in the order of the cases; an answer given twice is listed once."""
    found: dict[Subject, ReviewItem] = {}
    for record in cases:
        for number, sample in enumerate(record.samples, start=1):
            for item in _items(record.case, number, sample):
                found.setdefault(item.subject, item)
    return list(found.values())


def _items(case: Case, number: int, sample: SampleRecord) -> Iterator[ReviewItem]:
    if sample.answer is None:
        return
    statements = {statement.id: statement for statement in case.statements}
    second = {verdict.statement: verdict for verdict in sample.second_opinion}
    for verdict in sample.verdicts:
        why = None if verdict.source else _why(verdict, second.get(verdict.statement))
        if why is not None:
            statement = statements[verdict.statement]
            yield ReviewItem(case, number, sample.answer.text, statement, verdict, second.get(statement.id), why)


def _why(own: Verdict, second: Verdict | None) -> Why | None:
    if own.value == "cannot_tell":
        return "undecided"
    differs = second is not None and second.value not in ("cannot_tell", own.value)
    return "disagreement" if differs else None
