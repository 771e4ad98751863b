"""The engine: fetches answers and verdicts ahead of whoever reads the results, in one event loop.

Cases are taken in the order given, so the first result asked for is the first to arrive. Every paid result is in the
store before it is used. A result is a `CaseRecord`; a case that failed is one too, unscored and with its reason.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from csedb_tests.answer import Answer, Usage
from csedb_tests.assessment import assess
from csedb_tests.caller import Caller
from csedb_tests.drivers import Driver
from csedb_tests.failures import CallFailure, FatalFailure, NotAsked, Unscored
from csedb_tests.judges.base import Judge, Judgement
from csedb_tests.judges.panel import judgement_of
from csedb_tests.ledger import Ledger
from csedb_tests.models.base import Model
from csedb_tests.outcome import case_record, unscored_record
from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.results import answer_key, kept_answer, kept_judgement, read_answer, read_judgement, verdict_key
from csedb_tests.schema import Case
from csedb_tests.score import score_case
from csedb_tests.store import Store

# Cases worked on at once, per place in the limiter: one that pauses before a retry must not leave its place empty.
CASES_PER_CALL = 6
ANSWERS_AHEAD = 3
# An offline case awaits nothing. After so many seconds the reader gets results, and a request to stop comes through;
# sooner would cost: judging many answers in a row takes half the time of judging one between two tests.
LONGEST_BREATH = 0.1


class Engine:
    """Evaluates cases with a model and a judge. Make one, `start` it once, ask for results, `stop` it."""

    def __init__(
        self,
        model: Model,
        judge: Judge,
        caller: Callable[[], Caller],
        *,
        driver: Driver,
        ledger: Ledger,
        samples: int = 1,
        threshold: float,
        store: Store | None = None,
        fresh: bool = False,
        offline: bool = False,
        announce: Callable[[CaseRecord], None] | None = None,
        assess: Callable[[Case, Answer, Judgement], SampleRecord] = assess,
        ahead: int = 1,
    ) -> None:
        """``ahead`` is how many cases are worked on at once where nothing is paid for."""
        self._model, self._judge = model, judge
        self._make_caller = caller
        self._caller: Caller | None = None
        self._samples, self._threshold = samples, threshold
        self._store, self._fresh, self._offline = store, fresh, offline
        self._announce, self._assess, self._ahead = announce, assess, ahead
        self._ranks: dict[str, int] = {}
        self._records: dict[str, CaseRecord] = {}
        self._driver = driver
        self._ledger = ledger
        self.fatal: str | None = None
        self.exhausted: str | None = None

    def start(self, cases: Sequence[Case]) -> None:
        """Begin to evaluate ``cases``, in this order. Returns at once."""
        unique = list({case.id: case for case in cases}.values())
        self._ranks = {case.id: rank for rank, case in enumerate(unique)}
        self._driver.start(self._supervised(unique))

    def meanwhile(self, chore: Callable[[], None]) -> None:
        """Have a chore done while the first calls are on their way, where nothing waits for it."""
        self._driver.meanwhile(chore)

    def result(self, case_id: str, tick: Callable[[], None]) -> CaseRecord:
        """The record of a case that `start` was given; waits for it, calling ``tick`` from time to time."""
        assert case_id in self._ranks, f"{case_id} is not evaluated here"
        self._driver.wait(lambda: case_id in self._records, tick)
        return self._records[case_id]

    def finished(self, case_id: str) -> CaseRecord | None:
        """The record of a case if there is one by now."""
        return self._records.get(case_id)

    def stop(self) -> None:
        """End calls in flight and close connections; with every result there, only the latter."""
        self._driver.stop(cancel=len(self._records) < len(self._ranks))

    async def _supervised(self, cases: Sequence[Case]) -> None:
        try:
            await self._run(cases)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # a fault of ours must reach the reader, or it would wait for ever
            self.fatal = f"the engine failed: {type(error).__name__}: {error}"
        finally:
            self._settle_rest(cases)

    async def _run(self, cases: Sequence[Case]) -> None:
        self._caller = caller = self._make_caller()
        queue = iter(cases)
        waits = self._model.paid or self._judge.paid
        workers = min(len(cases), CASES_PER_CALL * caller.limiter.ceiling if waits else self._ahead)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._work(queue))
        except* FatalFailure as failures:
            self.fatal = str(failures.exceptions[0])
        finally:
            try:
                await self._model.close()
            finally:  # a stop may come while the model is being closed
                await self._judge.close()

    async def _work(self, queue: Iterator[Case]) -> None:
        breath = time.monotonic()
        for case in queue:
            self._settle(await self._evaluate(case))
            if time.monotonic() - breath > LONGEST_BREATH:
                await asyncio.sleep(0)
                breath = time.monotonic()

    def _settle(self, record: CaseRecord) -> None:
        if self._announce is not None:
            self._announce(record)
        self._records[record.case.id] = record
        self._driver.notify()

    def _settle_rest(self, cases: Sequence[Case]) -> None:
        reason = self.fatal or "the run was stopped"
        for case in cases:
            if case.id not in self._records:
                self._settle(unscored_record(case, reason))

    async def _evaluate(self, case: Case) -> CaseRecord:
        parts = [await self._sample(case, number) for number in range(self._samples)]
        self._ledger.verdicts += 1
        usage = sum((used for _, used in parts), Usage())
        record = case_record(case, [sample for sample, _ in parts], self._threshold, usage)
        return record if self.exhausted is None or record.status != "error" else replace(record, ran=False)

    async def _sample(self, case: Case, number: int) -> tuple[SampleRecord, Usage]:
        answer: Answer | None = None
        try:
            answer = await self._answer(case, number)
            self._ledger.answers += number == 0
            judgement = await self._judgement(case, answer, number)
        except (CallFailure, Unscored) as failure:
            return _unscored(case, answer, str(failure)), answer.usage if answer else Usage()
        return self._assess(case, answer, judgement), answer.usage + judgement.usage

    async def _answer(self, case: Case, number: int) -> Answer:
        if not self._model.paid:
            return await self._model.answer(case, number)
        key = answer_key(self._model, case, number)
        stored = self._stored(key)
        if stored is not None:
            return read_answer(stored)
        self._refuse_offline(self._model.host, "answer")
        answer: Answer = await self._call(self._ranks[case.id], lambda: self._model.answer(case, number))
        self._ledger.pay("model", answer.usage)
        self._keep(key, "answer", kept_answer(answer))
        return answer

    async def _judgement(self, case: Case, answer: Answer, number: int) -> Judgement:
        return await judgement_of(self._judge, case, lambda judge: self._verdicts(judge, case, answer, number))

    async def _verdicts(self, judge: Judge, case: Case, answer: Answer, number: int) -> Judgement:
        if not judge.paid:
            return await judge.judge(case, answer, number, partial(self._call, self._rank_of_verdict(case)))
        key = verdict_key(judge, case, answer)
        stored = self._stored(key)
        if stored is not None:
            return read_judgement(stored)
        self._refuse_offline(judge.host, "verdict")
        judgement = await judge.judge(case, answer, number, partial(self._call, self._rank_of_verdict(case)))
        self._ledger.pay("judge", judgement.usage)
        self._keep(key, "verdicts", kept_judgement(judgement))
        return judgement

    def _rank_of_verdict(self, case: Case) -> int:
        """Behind the answers of three times as many cases further on as there are places.

        So the last calls of a run are verdicts that fill every place, and an answer that the endpoint refuses at first
        is not waited for in the end.
        """
        assert self._caller is not None, "the caller is made when the loop starts"
        return self._ranks[case.id] + ANSWERS_AHEAD * self._caller.limiter.ceiling

    async def _call(self, rank: int, attempt: Callable[[], Any]) -> Any:
        assert self._caller is not None, "the caller is made when the loop starts"
        return await self._caller.call(partial(self._within_budget, attempt), rank)

    async def _within_budget(self, attempt: Callable[[], Any]) -> Any:
        if not self._ledger.allows_call:
            budget = self._ledger.budget
            self.exhausted = f"the budget of {budget.text if budget else ''} is spent"
            raise NotAsked(f"not run: {self.exhausted}")
        if self.fatal is not None:
            raise FatalFailure(self.fatal)
        try:
            return await attempt()
        except FatalFailure as failure:
            self.fatal = str(failure)  # before the next call gets this one's place
            raise

    def _refuse_offline(self, host: str | None, what: str) -> None:
        if self._offline and host is not None:
            raise Unscored(f"offline, and the store holds no {what} of {host}")

    def _stored(self, key: str) -> Any | None:
        return self._store.get(key) if self._store is not None and not self._fresh else None

    def _keep(self, key: str, kind: str, payload: Any) -> None:
        if self._store is not None:
            self._store.put(key, kind, payload)


def _unscored(case: Case, answer: Answer | None, reason: str) -> SampleRecord:
    return SampleRecord(answer, (), score_case(case, ()), reason)
