"""Having answers that are already there judged, by the engine and with the store of an ordinary run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from csedb_tests.answer import Answer
from csedb_tests.caller import Caller
from csedb_tests.drivers import InlineDriver
from csedb_tests.engine import Engine
from csedb_tests.judges.base import Judge
from csedb_tests.ledger import Ledger
from csedb_tests.models.base import Identity
from csedb_tests.qualification.figures import KINDS, exemplar_id
from csedb_tests.record import CaseRecord
from csedb_tests.results import verdict_key
from csedb_tests.schema import Case
from csedb_tests.store import Store


@dataclass(frozen=True, slots=True)
class Task:
    """An answer to be judged against the statements of ``case``, whose id is the task's own."""

    case: Case
    answer: Answer


@dataclass(frozen=True, slots=True)
class Means:
    """What judging draws on. ``threshold`` is the score from which a graded case passes."""

    caller: Callable[[], Caller]
    threshold: float
    ledger: Ledger = field(default_factory=Ledger)
    store: Store | None = None
    fresh: bool = False
    offline: bool = False


class Interrupted(Exception):
    """Judging ended before its end (a wrong key, a spent budget); what was paid for is in the store."""


@dataclass(frozen=True, slots=True)
class _GivenAnswers:
    """The "model": it knows the answer to every task."""

    answers: dict[str, Answer]
    paid = False
    host = None

    @property
    def identity(self) -> Identity:
        return {"model": "given answers"}

    async def answer(self, case: Case, sample: int) -> Answer:
        return self.answers[case.id]

    async def close(self) -> None:
        """Nothing to release."""


def exemplar_tasks(cases: Iterable[Case]) -> list[Task]:
    """One task per exemplar that the cases have."""
    return [
        Task(case.model_copy(update={"id": exemplar_id(case, kind)}), Answer(text, finish_reason="stop"))
        for case in cases
        for kind in KINDS
        if (text := getattr(case.exemplars, kind)) is not None
    ]


def judge_tasks(
    tasks: Sequence[Task], judge: Judge, means: Means, tick: Callable[[], None] = lambda: None
) -> dict[str, CaseRecord]:
    """The record of every task, by the id of its case. ``tick`` is called from time to time.

    A task that could not be judged has an unscored record. Raises Interrupted when judging could not go on.
    """
    engine = Engine(
        _GivenAnswers({task.case.id: task.answer for task in tasks}),
        judge,
        means.caller,
        driver=InlineDriver(),
        ledger=means.ledger,
        threshold=means.threshold,
        store=means.store,
        fresh=means.fresh,
        offline=means.offline,
    )
    engine.start([task.case for task in tasks])
    try:
        records = {task.case.id: engine.result(task.case.id, tick) for task in tasks}
    finally:
        engine.stop()
    if engine.fatal or engine.exhausted:
        raise Interrupted(engine.fatal or engine.exhausted)
    return records


def unpaid(tasks: Sequence[Task], judge: Judge, means: Means) -> int:
    """How many calls the tasks cost: one per answer and paid juror whose verdicts on it the store does not hold."""
    jurors = [juror for juror in getattr(judge, "jurors", (judge,)) if juror.paid]
    keys = {verdict_key(juror, task.case, task.answer) for juror in jurors for task in tasks}
    if means.store is None or means.fresh:
        return len(keys)
    return sum(means.store.get(key) is None for key in keys)
