"""Labelled statements as cases of one rule, and what the judge said of them."""

from collections import Counter
from collections.abc import Mapping

from csedb_tests.answer import Answer
from csedb_tests.catalogue import Criterion
from csedb_tests.qualification.judging import Task
from csedb_tests.qualification.label_figures import Said
from csedb_tests.qualification.labels import Item, LabelFile
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case, Rule
from csedb_tests.text import one_line, shortened
from csedb_tests.verdict import Verdict

STATEMENT = "statement"
"""The id of the one rule, as a file of recorded verdicts names it."""
NO_QUESTION = "(The question was not recorded.)"
_CRITERION = Criterion("LABEL", "Labelled statement", "effectiveness", "binary", 1)


def label_tasks(file: LabelFile) -> list[Task]:
    """One task per item: a call sees one statement, so that no item lends another its context."""
    return [Task(_case(item), Answer(item.answer, finish_reason="stop")) for item in file.items]


def _case(item: Item) -> Case:
    # Placed by hand: an id or a long statement that a bank would refuse is no fault in a labelled file.
    return Case.model_construct(
        id=item.id,
        title=shortened(one_line(item.statement), 80),
        risk="low",
        question=item.question.strip() or NO_QUESTION,
        rules=(Rule(id=STATEMENT, text=item.statement, points=1),),
        department="labelled",
        criterion=_CRITERION,
    )


def said(file: LabelFile, records: Mapping[str, CaseRecord]) -> Said:
    """What the judge said of each item: True for met, None for whatever decides nothing."""
    verdicts = ((item.id, verdict_of(records[item.id])) for item in file.items)
    return {id_: None if v is None or v.value == "cannot_tell" else v.value == "met" for id_, v in verdicts}


def reasons(file: LabelFile, records: Mapping[str, CaseRecord]) -> dict[str, int]:
    """Why items are unscored, the commonest reason first."""
    decided = said(file, records)
    found = Counter(_reason(records[item.id]) for item in file.items if decided[item.id] is None)
    return dict(found.most_common())


def verdict_of(record: CaseRecord) -> Verdict | None:
    """The verdict on the one rule, or None where there is none."""
    return next((verdict for sample in record.samples for verdict in sample.verdicts), None)


def _reason(record: CaseRecord) -> str:
    verdict = verdict_of(record)
    return (verdict.reason or "cannot tell") if verdict is not None else record.error
