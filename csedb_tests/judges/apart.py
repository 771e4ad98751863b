"""The offline judge in a process of its own: judging takes half of an offline run's time, and a second core has it.

The process is forked from this one, so it has the cases. Never so much is on its way to it that writing could wait for
a reader who waits himself. Whatever goes wrong there, the judging is done here instead.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from csedb_tests.answer import Answer
from csedb_tests.judges.base import Call, Judge, Judgement
from csedb_tests.judges.offline import OfflineJudge
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.verdict import Verdict

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

AHEAD = 16
"""Answers on their way at once: enough that neither process waits for the other."""
MOST_BYTES = 50_000
"""Of answers on their way; what connects the processes holds more."""
FEWEST_CASES = 100
"""Below this, a process takes longer to begin than it saves."""

Verdicts = tuple[Verdict, ...]


def judge_apart(judge: Judge, cases: Sequence[Case]) -> "JudgeApart | None":
    """``judge`` with a process of its own, where it is the offline judge and that is possible, safe and of use."""
    if not isinstance(judge, OfflineJudge) or len(cases) < FEWEST_CASES or not sys.platform.startswith("linux"):
        return None
    if threading.active_count() > 1 or len(os.sched_getaffinity(0)) < 2:  # a fork copies the locks of other threads
        return None
    return JudgeApart(judge, {case.id: case for case in cases})


class JudgeApart:
    """A judge as ``inner`` is one, on ``cases``. Its process begins with the first answer."""

    paid = False
    host = None
    ahead = AHEAD

    def __init__(self, inner: OfflineJudge, cases: Mapping[str, Case]) -> None:
        self._inner, self._cases = inner, cases
        self._pipe: Connection | None = None
        self._is_lost = False
        self._asked: list[tuple[asyncio.Future[Verdicts | None], int]] = []
        self._bytes = 0

    @property
    def identity(self) -> Identity:
        """That of the judge inside."""
        return self._inner.identity

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        """As the judge inside."""
        verdicts = await self._ask(case, answer.text)
        return await self._inner.judge(case, answer, sample, call) if verdicts is None else Judgement(verdicts)

    async def close(self) -> None:
        """End the process: it reads to the end of what it is asked."""
        self._lose()

    async def _ask(self, case: Case, text: str) -> Verdicts | None:
        """The verdicts of the other process; None where it cannot be asked or does not answer."""
        size = len(text.encode("utf-8", "surrogatepass"))
        if self._is_lost or self._bytes + size > MOST_BYTES:
            return None
        reply: asyncio.Future[Verdicts | None] = asyncio.get_running_loop().create_future()
        self._asked.append((reply, size))
        self._bytes += size
        try:
            self._connected().send((case.id, text))
        except OSError:
            self._lose()
        return await reply

    def _connected(self) -> "Connection":
        if self._pipe is None:
            from multiprocessing import get_context

            context = get_context("fork")
            self._pipe, theirs = context.Pipe()
            context.Process(target=self._serve, args=(theirs, self._pipe), name="csedb-judge", daemon=True).start()
            theirs.close()
            asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._receive)
        return self._pipe

    def _serve(self, requests: "Connection", parents_end: "Connection") -> None:
        """What the process does, to the end of the requests. Ctrl-C is the parent's to act on."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        parents_end.close()
        while True:
            try:
                case_id, text = requests.recv()
            except (EOFError, OSError):
                return
            requests.send(self._tried(case_id, text))

    def _tried(self, case_id: str, text: str) -> Verdicts | None:
        try:
            return self._inner.patterns.verdicts(self._cases[case_id], text)
        except Exception:  # it will fail again in the parent, where somebody hears of it
            return None

    def _receive(self) -> None:
        assert self._pipe is not None, "there is no reader without it"
        try:
            while self._asked and self._pipe.poll():
                verdicts = self._pipe.recv()
                reply, size = self._asked.pop(0)
                self._bytes -= size
                if not reply.done():
                    reply.set_result(verdicts)
        except (EOFError, OSError):
            self._lose()

    def _lose(self) -> None:
        """Give the process up; what it was asked is judged here."""
        self._is_lost = True
        if self._pipe is not None:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()
            self._pipe = None
        for reply, _ in self._asked:
            if not reply.done():
                reply.set_result(None)
        self._asked.clear()
