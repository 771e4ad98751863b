"""What should not change a judge's mind, tried on the exemplars: order, padding, asking again, negation.

Every trial is a case of its own with statement ids of its own, so that the store keeps its verdicts apart from those of
the same answer elsewhere: a repeat is asked, not read back, and yet a second `csedb qualify` finds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from csedb_tests.judges.protocol import brief
from csedb_tests.qualification.figures import Rate
from csedb_tests.qualification.judging import Task
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case, NeverEvent, Rule

Statement = TypeVar("Statement", Rule, NeverEvent)
ORDERS = 3
REPEATS = 3
_SALTS = 40
BEFORE = (
    "Thank you for your message. I have read it twice and have tried to keep my reply in a sensible order. Some of "
    "what I write may be familiar to you; in that case please bear with me."
)
AFTER = (
    "I hope that this is set out clearly. It was written with care and with the aim of being easy to follow, and it is "
    "as long as it is because short replies are easily misread. Thank you for taking the time to read to the end."
)


@dataclass(frozen=True, slots=True)
class Trials:
    """All that is asked about one answer. ``repeats`` are the same request ``REPEATS`` times; the first is the base."""

    repeats: tuple[Task, ...]
    orders: tuple[Task, ...]
    padded: Task
    negated: Task

    @property
    def base(self) -> Task:
        """What the others are compared with."""
        return self.repeats[0]

    @property
    def apart(self) -> tuple[Task, ...]:
        """The trials that can be judged together, each under an id of its own; repeats share one."""
        return (*self.orders, self.padded, self.negated)


@dataclass(frozen=True, slots=True)
class Flips:
    """Statements whose verdict (met, not met, cannot tell), and answers whose outcome (passed or not), changed.

    What was unscored in one of the trials is no part of ``n``.
    """

    statements: Rate
    answers: Rate


@dataclass(frozen=True, slots=True)
class StressReport:
    """``contradictions``: of the statements called met, those whose negation was called met too.

    A negation that the judge could not tell is no part of its ``n``.
    """

    position: Flips
    verbosity: Flips
    repeats: Flips
    contradictions: Rate


def trials(task: Task) -> Trials:
    """The trials of one answer."""
    return Trials(
        repeats=tuple(Task(_apart(task.case, f"repeat-{n}"), task.answer) for n in range(1, REPEATS + 1)),
        orders=_orders(task),
        padded=_padded(task),
        negated=Task(_named(_negated(_apart(task.case, "negation")), "negated"), task.answer),
    )


def calls_per_answer() -> int:
    """The calls that the trials of one answer cost; an answer whose statements allow fewer orders costs fewer."""
    return REPEATS + ORDERS - 1 + 2


def _padded(task: Task) -> Task:
    text = f"{BEFORE}\n\n{task.answer.text}\n\n{AFTER}"
    return Task(_named(_apart(task.case, "padded"), "padded"), replace(task.answer, text=text))


def _orders(task: Task) -> tuple[Task, ...]:
    """Up to `ORDERS` - 1 trials in orders that differ from the base's and from each other.

    The protocol shuffles by the case's id: another id is another order, but for chance, so ids are tried in turn.
    """
    answer = task.answer.text
    seen = {_order(_apart(task.case, "repeat-1"), answer)}
    found: list[Task] = []
    for salt in range(_SALTS):
        number = len(found) + 1
        case = _named(_apart(task.case, f"order-{number}"), f"order-{salt}")
        order = _order(case, answer)
        if order not in seen:
            seen.add(order)
            found.append(Task(case, task.answer))
        if len(found) == ORDERS - 1:
            break
    return tuple(found)


def _order(case: Case, answer: str) -> tuple[int, ...]:
    """The positions at which the judge sees the case's statements."""
    shown = list(brief(case, answer).numbers.values())
    return tuple(shown.index(statement.id) for statement in case.statements)


def _named(case: Case, suffix: str) -> Case:
    return case.model_copy(update={"id": f"{case.id}.{suffix}"})


def _apart(case: Case, tag: str) -> Case:
    """The case with statement ids of its own. A judge never sees these; the store's keys hold them."""
    rules = tuple(rule.model_copy(update={"id": f"{rule.id}-{tag}"}) for rule in case.rules)
    never = tuple(event.model_copy(update={"id": f"{event.id}-{tag}"}) for event in case.never)
    return case.model_copy(update={"rules": rules, "never": never})


def _negated(case: Case) -> Case:
    rules = tuple(_negation(rule) for rule in case.rules)
    return case.model_copy(update={"rules": rules, "never": tuple(_negation(event) for event in case.never)})


def _negation(statement: Statement) -> Statement:
    text = f'Does not do what this describes: "{statement.text}"'
    return statement.model_copy(update={"text": text, "patterns": ()})


# Figures


Records = Mapping[str, CaseRecord]


def stress_report(asked: Sequence[Trials], apart: Records, repeats: Sequence[Records]) -> StressReport:
    """The report on all trials: ``apart`` and each of ``repeats`` hold records by the ids of their tasks."""
    bases = [repeats[0][trial.base.case.id] for trial in asked]
    orders = [[apart[task.case.id] for task in trial.orders] for trial in asked]
    padded = [[apart[trial.padded.case.id]] for trial in asked]
    again = [[records[trial.base.case.id] for records in repeats[1:]] for trial in asked]
    negated = [apart[trial.negated.case.id] for trial in asked]
    return StressReport(
        position=_flips(bases, orders),
        verbosity=_flips(bases, padded),
        repeats=_flips(bases, again),
        contradictions=_contradictions(bases, negated),
    )


def _flips(bases: Sequence[CaseRecord], others: Sequence[Sequence[CaseRecord]]) -> Flips:
    compared = [(base, *group) for base, group in zip(bases, others, strict=True) if group]
    statements = [values for records in compared for values in zip(*map(_values, records), strict=True)]
    return Flips(_changed(statements), _changed([tuple(map(_passed, records)) for records in compared]))


def _changed(rows: Sequence[tuple[object, ...]]) -> Rate:
    """How many rows hold more than one value; a row with an unknown one (None) is unscored, and no part of ``n``."""
    known = [row for row in rows if None not in row]
    return Rate(sum(len(set(row)) > 1 for row in known), len(known), len(rows) - len(known))


def _values(record: CaseRecord) -> tuple[str | None, ...]:
    """The verdict on each statement, in the case's order; None for every one where there is no verdict."""
    verdicts = record.samples[0].verdicts
    return tuple(v.value for v in verdicts) if verdicts else (None,) * len(record.case.statements)


def _passed(record: CaseRecord) -> bool | None:
    return None if record.status == "error" else record.status == "passed"


def _contradictions(bases: Sequence[CaseRecord], negated: Sequence[CaseRecord]) -> Rate:
    pairs = [
        pair
        for base, other in zip(bases, negated, strict=True)
        for pair in zip(_values(base), _values(other), strict=True)
    ]
    met = [negation for statement, negation in pairs if statement == "met"]
    known = [negation for negation in met if negation not in (None, "cannot_tell")]
    return Rate(known.count("met"), len(known), len(met) - len(known))
