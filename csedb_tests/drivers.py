"""Who turns the engine's event loop: the reader itself while it waits, or a thread of its own.

Alone in its process, pytest's own thread turns the loop: a little between tests, and fully while a test waits for its
result. One thread means that neither waits for the other's turn at the interpreter, which cost a third of the time of a
run with calls when it was measured. Where that thread has other things to do (pytest-xdist workers, other tests, a
debugger), the loop has its own: a call whose reply nobody fetches runs into its timeout.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import FrameType
from typing import Any, Protocol

TICK_SECONDS = 0.5
STEPS = 4
"""Turns of the loop between two tests: what has arrived is taken, and what it lets through is sent."""

Work = Coroutine[Any, Any, None]


class Driver(Protocol):
    """Runs one piece of work to its end, or until it is stopped."""

    def start(self, work: Work) -> None:
        """Begin. Returns at once."""
        ...

    def wait(self, future: "Future[Any]", tick: Callable[[], None]) -> None:
        """Wait until the work has settled ``future``, calling ``tick`` from time to time."""
        ...

    def stop(self) -> None:
        """Cancel the work, and return when it has ended. More than once is fine."""
        ...


class ThreadDriver:
    """A thread of its own turns the loop."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None

    def start(self, work: Work) -> None:
        self._thread = threading.Thread(target=self._run, args=(work,), name="csedb-engine", daemon=True)
        self._thread.start()

    def wait(self, future: "Future[Any]", tick: Callable[[], None]) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                future.result(timeout=TICK_SECONDS)
                return
            tick()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._main is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop may close between the question and the call
                self._loop.call_soon_threadsafe(self._main.cancel)
        thread.join()

    def _run(self, work: Work) -> None:
        asyncio.run(self._known(work))

    async def _known(self, work: Work) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        await work


class InlineDriver:
    """The reader's own thread turns the loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._interrupted = False

    def start(self, work: Work) -> None:
        self._loop = asyncio.new_event_loop()
        self._main = self._loop.create_task(work)

    def wait(self, future: "Future[Any]", tick: Callable[[], None]) -> None:
        if future.done():
            self._turn(self._steps())
        while not future.done():
            self._turn(self._until(future))
            tick()

    def stop(self) -> None:
        loop, main = self._loop, self._main
        if loop is None or main is None or loop.is_closed():
            return
        main.cancel()
        loop.run_until_complete(asyncio.wait([main]))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _turn(self, work: Work) -> None:
        """Run ``work``. Ctrl-C is held back until no task is in the middle of a step, then it comes through."""
        if self._loop is None or self._loop.is_closed():
            work.close()
            return
        with self._holding_interrupts():
            self._loop.run_until_complete(work)
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def _holding_interrupts(self) -> Any:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True

    async def _steps(self) -> None:
        for _ in range(STEPS):
            await asyncio.sleep(0)

    async def _until(self, future: "Future[Any]") -> None:
        """Until ``future`` is settled, the work is over, Ctrl-C was pressed, or it is time for a tick."""
        settled = asyncio.Event()
        future.add_done_callback(lambda _: settled.set())
        waiter = asyncio.ensure_future(settled.wait())
        waiting = [waiter, *([self._main] if self._main is not None else [])]
        for _ in range(int(TICK_SECONDS / 0.05)):
            done, _pending = await asyncio.wait(waiting, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            if done or self._interrupted:
                break
        waiter.cancel()
