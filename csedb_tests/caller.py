"""One call made dependable: a place in the limiter, a timeout, capped retries with jittered backoff, a deadline."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from csedb_tests.failures import CallFailure
from csedb_tests.limiter import AdaptiveLimiter

T = TypeVar("T")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0


@dataclass(frozen=True, slots=True)
class CallLimits:
    """``timeout`` bounds one attempt, ``deadline`` all attempts with their pauses (seconds)."""

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

    async def call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that succeeds. Raises CallFailure, or what ``attempt`` deems fatal."""
        give_up_at = time.monotonic() + self.limits.deadline
        for tried in range(self.limits.retries + 1):
            try:
                return await self._once(attempt, give_up_at)
            except CallFailure as failure:
                pause = self._pause(failure, tried)
                if not failure.retryable or tried == self.limits.retries:
                    raise _with_attempts(failure, tried + 1) from None
                if time.monotonic() + pause >= give_up_at:
                    raise CallFailure(f"{failure} (deadline of {self.limits.deadline:g} s reached)") from None
                self.counts.retries += 1
                await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, attempt: Callable[[], Awaitable[T]], give_up_at: float) -> T:
        async with self.limiter.slot():
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

    def _pause(self, failure: CallFailure, tried: int) -> float:
        """Doubling from half a second, plus or minus a quarter; the server's own wish where it states one."""
        if failure.retry_after is not None:
            return failure.retry_after * self.jitter.uniform(1.0, 1.1)
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**tried) * self.jitter.uniform(0.75, 1.25)


def _with_attempts(failure: CallFailure, attempts: int) -> CallFailure:
    return failure if attempts == 1 else CallFailure(f"{failure} ({attempts} attempts)")
