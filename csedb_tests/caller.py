"""One call made dependable: a place in the limiter, a timeout, capped retries with jittered backoff, a deadline."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from csedb_tests.failures import CallFailure
from csedb_tests.limiter import AdaptiveLimiter

T = TypeVar("T")

FIRST_OF_ALL = -sys.maxsize
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 20.0


@dataclass(frozen=True, slots=True)
class CallLimits:
    """``timeout`` bounds one attempt, ``deadline`` all attempts with their pauses (seconds).

    The deadline runs from the first attempt: waiting in line for it, behind other calls, is no fault of this one.
    """

    timeout: float
    deadline: float
    retries: int


@dataclass(slots=True)
class CallCounts:
    """What the run has asked of its endpoints so far."""

    calls: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls within the limits; everything that fails in the end is a CallFailure that says why."""

    limits: CallLimits
    limiter: AdaptiveLimiter
    counts: CallCounts = field(default_factory=CallCounts)
    jitter: random.Random = field(default_factory=random.Random)

    async def call(self, attempt: Callable[[], Awaitable[T]], rank: int = 0) -> T:
        """The result of the first attempt that succeeds; where calls wait in line, the lowest ``rank`` goes first.

        Raises CallFailure, or what ``attempt`` deems fatal.
        """
        async with self.limiter.slot(rank):
            give_up_at = time.monotonic() + self.limits.deadline
            try:
                return await self._once(attempt, give_up_at)
            except CallFailure as first:
                failure = first
        return await self._again(attempt, give_up_at, failure)

    async def _again(self, attempt: Callable[[], Awaitable[T]], give_up_at: float, failure: CallFailure) -> T:
        """The result of a further attempt, after ``failure`` of the first. No pause holds a place in the limiter.

        It goes before every first attempt: the whole run would wait for what is refused once more in the end.
        """
        unexplained = 0
        for tried in range(self.limits.retries):
            if not failure.retryable:
                raise _with_attempts(failure, tried + 1)
            await self._rest(failure, unexplained, give_up_at)
            unexplained += not failure.retry_after
            self.counts.retries += 1
            try:
                async with self._slot_before(give_up_at, failure):
                    return await self._once(attempt, give_up_at)
            except CallFailure as latest:
                failure = latest
        raise _with_attempts(failure, self.limits.retries + 1)

    async def _rest(self, failure: CallFailure, unexplained: int, give_up_at: float) -> None:
        pause = self._pause(failure, unexplained)
        if time.monotonic() + pause >= give_up_at:
            wish = f"the endpoint asks to wait {failure.retry_after:.0f} s, " if failure.retry_after else ""
            raise CallFailure(f"{failure} ({wish}deadline of {self.limits.deadline:g} s reached)")
        await asyncio.sleep(pause)

    @asynccontextmanager
    async def _slot_before(self, give_up_at: float, failure: CallFailure) -> AsyncIterator[None]:
        """A place in the limiter, waited for until the deadline and no longer."""
        try:
            async with asyncio.timeout(give_up_at - time.monotonic()) as waiting, self.limiter.slot(FIRST_OF_ALL):
                waiting.reschedule(None)
                yield
        except TimeoutError:
            raise CallFailure(f"{failure} (deadline of {self.limits.deadline:g} s reached)") from None

    async def _once(self, attempt: Callable[[], Awaitable[T]], give_up_at: float) -> T:
        timeout = max(0.001, min(self.limits.timeout, give_up_at - time.monotonic()))
        self.counts.calls += 1
        try:
            async with asyncio.timeout(timeout):
                result = await attempt()
        except TimeoutError:
            raise CallFailure(f"no reply within {timeout:.3g} s", retryable=True) from None
        except CallFailure as failure:
            if failure.throttled:
                self.limiter.throttled()
            raise
        self.limiter.succeeded()
        return result

    def _pause(self, failure: CallFailure, unexplained: int) -> float:
        """The server's own wish where it states one; else doubling from a quarter of a second, plus or minus a quarter.

        ``unexplained`` earlier failures of this call came without a wish: only these make the pause longer, for a
        server that says when to come back is not failing. A wish of 0 is none: taken at its word it would use up every
        retry at once.
        """
        if failure.retry_after:
            return failure.retry_after * self.jitter.uniform(1.0, 1.05)
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**unexplained) * self.jitter.uniform(0.75, 1.25)


def _with_attempts(failure: CallFailure, attempts: int) -> CallFailure:
    return failure if attempts == 1 else CallFailure(f"{failure} ({attempts} attempts)")
