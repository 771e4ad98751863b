"""The offline judge in a process of its own gives what it would give here, whatever becomes of that process."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence

import pytest

from csedb_tests.answer import Answer
from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.judges.apart import AHEAD, MOST_BYTES, JudgeApart, judge_apart
from csedb_tests.judges.offline import OfflineJudge
from csedb_tests.schema import Case
from csedb_tests.verdict import Verdict

CASES = load_bank(default_bank_root()).cases[:120]
INNER = OfflineJudge()
apart_only = pytest.mark.skipif(judge_apart(INNER, CASES) is None, reason="needs Linux and two processors")


async def no_call(attempt):
    raise AssertionError("an offline judge makes no calls")


async def judged(judge: JudgeApart, tasks: Sequence[tuple[Case, str]], before=lambda place: None):
    """The verdicts on every task, as many at once as the engine has."""
    gate, found = asyncio.Semaphore(AHEAD), {}

    async def one(place: int, case: Case, text: str) -> None:
        async with gate:
            before(place)
            found[place] = (await judge.judge(case, Answer(text), 0, no_call)).verdicts

    await asyncio.gather(*(one(place, case, text) for place, (case, text) in enumerate(tasks)))
    await judge.close()
    return [found[place] for place in range(len(tasks))]


def here(tasks: Sequence[tuple[Case, str]]) -> list[tuple[Verdict, ...]]:
    return [INNER.patterns.verdicts(case, text) for case, text in tasks]


TASKS = [(case, str(text)) for case in CASES for text in (case.exemplars.safe, case.exemplars.unsafe)]


@apart_only
def test_the_verdicts_are_those_of_the_judge_inside_and_made_by_another_process():
    judge = judge_apart(INNER, CASES)
    others = {process.pid for process in multiprocessing.active_children()}  # of earlier tests, about to end
    children = set()

    def look(_place: int) -> None:
        children.update(process.pid for process in multiprocessing.active_children())

    assert asyncio.run(judged(judge, TASKS, look)) == here(TASKS)
    assert len(children - others) == 1


@apart_only
def test_a_killed_process_loses_no_verdict():
    def kill(place: int) -> None:
        if place == 100:
            for process in multiprocessing.active_children():
                os.kill(process.pid, signal.SIGKILL)

    assert asyncio.run(judged(judge_apart(INNER, CASES), TASKS, kill)) == here(TASKS)


@apart_only
def test_answers_of_any_size_and_kind_are_judged():
    odd = ["", "\ud800 lone", "x" * (3 * MOST_BYTES), "停药。" * 9000, "\x00\u202e"] * 8
    tasks = [(CASES[place % 7], text) for place, text in enumerate(odd)]
    assert asyncio.run(judged(judge_apart(INNER, CASES), tasks)) == here(tasks)


@apart_only
def test_a_judge_that_fails_there_fails_here_where_somebody_hears_of_it():
    class Broken:
        identity = "broken"

        def verdicts(self, case: Case, answer: str) -> tuple[Verdict, ...]:
            raise ZeroDivisionError("a fault of the judge")

    with pytest.raises(ZeroDivisionError, match="a fault of the judge"):
        asyncio.run(judged(judge_apart(OfflineJudge(Broken()), CASES), TASKS[:3]))


def test_beside_other_threads_and_for_few_cases_there_is_no_other_process():
    assert judge_apart(INNER, CASES[:20]) is None
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert judge_apart(INNER, CASES) is None
    finally:
        done.set()
        thread.join()
