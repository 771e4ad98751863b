"""How many calls may be in flight: a limit that gives way under 429s and recovers afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count

# Chosen so that random 429s hardly slow a run, while an endpoint that refuses everything is soon asked little: the
# limit falls at most once a second, by a seventh, and rises by one for every four calls that succeed.
SHRINK = 0.85
SHRINK_PERIOD = 1.0
SUCCESSES_PER_STEP = 4


class AdaptiveLimiter:
    """A limit between 1 and ``ceiling`` calls (additive increase, multiplicative decrease).

    The lowest rank is served first, within a rank who came first.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(ceiling)
        self._in_flight = 0
        self._successes = 0
        self._shrunk_at = -SHRINK_PERIOD
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def slot(self, rank: int = 0) -> AsyncIterator[None]:
        """Wait for a place, hold it inside the block."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._in_flight -= 1
            self._wake()

    def succeeded(self) -> None:
        """Note a call that the endpoint served."""
        self._successes += 1
        if self._successes >= SUCCESSES_PER_STEP:
            self._successes = 0
            self.limit = min(float(self.ceiling), self.limit + 1)
            self._wake()

    def throttled(self) -> None:
        """Note a 429."""
        now = time.monotonic()
        if now - self._shrunk_at >= SHRINK_PERIOD:
            self._shrunk_at = now
            self.limit = max(1.0, self.limit * SHRINK)

    async def _enter(self, rank: int) -> None:
        if self._in_flight < int(self.limit) and not self._waiting:
            self._in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (rank, next(self._arrivals), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place was given in the moment of cancelling: pass it on
                self._in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self._in_flight < int(self.limit):
            turn = heappop(self._waiting)[2]
            if not turn.done():
                self._in_flight += 1
                turn.set_result(None)
