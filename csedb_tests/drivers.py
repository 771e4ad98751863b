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
from types import FrameType
from typing import Any, Protocol

TICK_SECONDS = 0.5
SENDING_SECONDS = 0.1
STEPS = 4
"""Turns of the loop between two tests: what has arrived is taken, and what it lets through is sent."""

Work = Coroutine[Any, Any, None]


class Driver(Protocol):
    """Runs one piece of work to its end, or until it is stopped."""

    def start(self, work: Work) -> None:
        """Begin. Returns at once."""
        ...

    def meanwhile(self, chore: Callable[[], None]) -> None:
        """Do a short chore while the first calls are on their way, if that is of use. The run must not depend on it."""
        ...

    def wait(self, is_there: Callable[[], bool], tick: Callable[[], None]) -> None:
        """Wait until ``is_there``, which the work's `notify` makes worth asking, calling ``tick`` from time to time."""
        ...

    def notify(self) -> None:
        """Something that a reader may wait for is there. The work calls this."""
        ...

    def stop(self, *, cancel: bool = True) -> None:
        """Return when the work has ended, cancelled or of itself. More than once is fine."""
        ...


class ThreadDriver:
    """A thread of its own turns the loop."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._news = threading.Condition()

    def start(self, work: Work) -> None:
        self._thread = threading.Thread(target=self._run, args=(work,), name="csedb-engine", daemon=True)
        self._thread.start()

    def meanwhile(self, chore: Callable[[], None]) -> None:
        """Nothing: this thread's chores would hold up the other's."""

    def wait(self, is_there: Callable[[], bool], tick: Callable[[], None]) -> None:
        while True:
            with self._news:
                if self._news.wait_for(is_there, TICK_SECONDS):
                    return
            tick()

    def notify(self) -> None:
        with self._news:
            self._news.notify_all()

    def stop(self, *, cancel: bool = True) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if cancel and self._loop is not None and self._main is not None and not self._loop.is_closed():
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
        self._is_turning = False
        self._interrupted = False

    def start(self, work: Work) -> None:
        self._loop = asyncio.new_event_loop()
        self._main = self._loop.create_task(work)

    def meanwhile(self, chore: Callable[[], None]) -> None:
        """Do it once the first calls have had time to be sent, before their replies can be expected."""
        assert self._loop is not None, "start comes first"
        self._loop.call_later(SENDING_SECONDS, chore)

    def wait(self, is_there: Callable[[], bool], tick: Callable[[], None]) -> None:
        if is_there():
            if self._main is not None and not self._main.done():
                self._turn(self._stop_after, STEPS)
            return
        while not is_there():
            self._turn(self._stop_later, TICK_SECONDS)
            tick()

    def notify(self) -> None:
        """Stop the loop if a reader turns it: what it waits for may be there."""
        if self._loop is not None and self._is_turning:
            self._loop.stop()

    def stop(self, *, cancel: bool = True) -> None:
        loop, main = self._loop, self._main
        if loop is None or main is None or loop.is_closed():
            return
        if cancel:
            main.cancel()
        loop.run_until_complete(asyncio.wait([main]))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _turn(self, arrange_stop: Callable[[Any], asyncio.Handle | None], when: float) -> None:
        """Run the loop until it is stopped. Ctrl-C is held back until no task is in the middle of a step."""
        if self._loop is None or self._loop.is_closed():
            return
        with self._holding_interrupts():
            self._is_turning = True
            stopping = arrange_stop(when)
            self._loop.run_forever()
            self._is_turning = False
            if stopping is not None:
                stopping.cancel()
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def _stop_after(self, steps: float) -> None:
        """Have the loop stop after so many turns."""
        assert self._loop is not None, "start comes first"
        if steps:
            self._loop.call_soon(self._stop_after, steps - 1)
        else:
            self.notify()

    def _stop_later(self, seconds: float) -> asyncio.Handle:
        assert self._loop is not None, "start comes first"
        return self._loop.call_later(seconds, self.notify)

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
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.notify)  # it may be asleep, waiting for a reply
