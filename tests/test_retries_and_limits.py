"""Retries, deadlines and concurrency, counted and timed at the server."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests import caller as caller_module
from csedb_tests import limiter as limiter_module
from csedb_tests.caller import Caller, CallLimits
from csedb_tests.endpoint import Endpoint
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.limiter import AdaptiveLimiter
from tests.loopback import LoopbackServer, Reply, Script, Seen, completion

Outcome = dict[str, Any] | BaseException


def caller(concurrency: int = 4, *, timeout: float = 10, deadline: float = 30, retries: int = 3) -> Caller:
    return Caller(CallLimits(timeout, deadline, retries), AdaptiveLimiter(concurrency), jitter=random.Random(1))


def calls(url: str, through: Caller, count: int = 1, rank: Callable[[int], int] = lambda _: 0) -> list[Outcome]:
    """What ``count`` calls made at once come to."""

    async def run() -> list[Outcome]:
        endpoint = Endpoint(url)

        def attempt(number: int) -> Callable[[], Awaitable[dict[str, Any]]]:
            return lambda: endpoint.post("/chat/completions", {"messages": [{"content": str(number)}]})

        found = await asyncio.gather(*(through.call(attempt(n), rank(n)) for n in range(count)), return_exceptions=True)
        await endpoint.close()
        return list(found)

    return asyncio.run(run())


def served(script: Script, through: Caller, count: int = 1) -> tuple[LoopbackServer, list[Outcome]]:
    with LoopbackServer(script) as server:
        return server, calls(server.url, through, count)


def seconds_between(server: LoopbackServer) -> list[float]:
    times = [seen.at for seen in server.log]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


# Retries


@pytest.fixture
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_module, "FIRST_PAUSE", 0.01)


@pytest.mark.usefixtures("_short_pauses")
@pytest.mark.parametrize("retries", [0, 1, 2, 5])
def test_a_call_is_made_once_and_then_retried_no_more_than_allowed(retries: int):
    server, (failure,) = served(lambda _: Reply({"error": "later"}, 503), caller(retries=retries))
    assert len(server.log) == retries + 1
    assert isinstance(failure, CallFailure)
    assert "HTTP 503" in str(failure)
    assert str(failure).endswith(f"({retries + 1} attempts)") == (retries > 0)


@pytest.mark.usefixtures("_short_pauses")
def test_retries_and_calls_are_counted():
    replies = iter([Reply({}, 500), Reply({}, 500), completion("yes")])
    through = caller()
    _, (reply,) = served(lambda _: next(replies), through)
    assert isinstance(reply, dict)
    assert (through.counts.calls, through.counts.retries) == (3, 2)


def test_what_no_retry_can_change_is_asked_once():
    server, (failure,) = served(lambda _: Reply({}, 400), caller(retries=5))
    assert len(server.log) == 1
    assert isinstance(failure, CallFailure)


def test_a_fatal_failure_passes_through_untouched():
    server, (failure,) = served(lambda _: Reply({}, 401), caller(retries=5))
    assert len(server.log) == 1
    assert isinstance(failure, FatalFailure)


def test_pauses_grow_from_a_quarter_of_a_second():
    server, _ = served(lambda _: Reply({}, 500), caller(retries=3))
    first, second, third = seconds_between(server)
    assert 0.18 < first < 0.6
    assert 0.37 < second < 0.9
    assert 0.75 < third < 1.6


def test_retry_after_is_waited_for_and_not_much_longer():
    replies = iter([Reply({}, 429, {"Retry-After": "0.7"}), completion("yes")])
    server, (reply,) = served(lambda _: next(replies), caller())
    assert isinstance(reply, dict)
    (pause,) = seconds_between(server)
    assert 0.7 <= pause < 1.2


def test_waiting_as_the_server_asked_makes_no_later_pause_longer():
    replies = iter([*(Reply({}, 429, {"Retry-After": "0.1"}) for _ in range(4)), Reply({}, 500), completion("yes")])
    server, (reply,) = served(lambda _: next(replies), caller(retries=5))
    assert isinstance(reply, dict)
    assert 0.18 < seconds_between(server)[-1] < 0.6


def test_a_retry_after_of_zero_does_not_use_up_the_retries_at_once():
    server, _ = served(lambda _: Reply({}, 503, {"Retry-After": "0"}), caller(retries=1))
    (pause,) = seconds_between(server)
    assert pause > 0.18


def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once_and_says_so():
    started = time.monotonic()
    server, (failure,) = served(lambda _: Reply({}, 429, {"Retry-After": "3600"}), caller(deadline=5))
    assert time.monotonic() - started < 3
    assert len(server.log) == 1
    assert "the endpoint asks to wait 3600 s, deadline of 5 s reached" in str(failure)


# Time


@pytest.mark.usefixtures("_short_pauses")
def test_a_server_that_accepts_and_never_answers_is_left_after_the_timeout():
    server, (failure,) = served(lambda _: Reply(hang=True), caller(timeout=0.3, retries=1))
    assert len(server.log) == 2
    assert str(failure) == "no reply within 0.3 s (2 attempts)"


def test_the_deadline_bounds_all_attempts_together():
    started = time.monotonic()
    _, (failure,) = served(lambda _: Reply(hang=True), caller(timeout=0.4, deadline=1.2, retries=100))
    assert time.monotonic() - started < 2.5
    assert "no reply within" in str(failure)
    assert "deadline of 1.2 s reached" in str(failure)


def test_the_last_attempt_is_cut_at_the_deadline():
    started = time.monotonic()
    _, (failure,) = served(lambda _: Reply(hang=True), caller(timeout=60, deadline=0.5, retries=100))
    assert time.monotonic() - started < 2
    assert "no reply within 0.5 s" in str(failure)


def test_waiting_in_line_behind_other_calls_does_not_count_against_the_deadline():
    _, found = served(lambda _: Reply(completion("yes").body, delay=0.25), caller(1, deadline=0.8), 5)
    assert all(isinstance(reply, dict) for reply in found)


# Concurrency


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_no_more_calls_are_in_flight_than_the_limit_allows(limit: int):
    server, found = served(lambda _: Reply(completion("yes").body, delay=0.05), caller(limit), 4 * limit)
    assert server.most_in_flight == limit
    assert all(isinstance(reply, dict) for reply in found)


def test_calls_are_served_first_come_first_served():
    server, _ = served(lambda _: Reply(completion("yes").body, delay=0.01), caller(1), 20)
    assert [seen.user for seen in server.log] == [str(number) for number in range(20)]


def test_what_was_begun_first_goes_first():
    with LoopbackServer(lambda _: Reply(completion("yes").body, delay=0.01)) as server:
        calls(server.url, caller(1), 20, rank=lambda number: -number)
    assert [seen.user for seen in server.log] == ["0", *(str(number) for number in range(19, 0, -1))]


def test_a_refused_call_goes_before_those_that_have_not_begun():
    def script(seen: Seen) -> Reply:
        is_first = sum(earlier.user == "0" for earlier in server.log) == 1
        refused = Reply({}, 429, {"Retry-After": "0.2"})
        return refused if seen.user == "0" and is_first else Reply(completion("yes").body, delay=0.1)

    server = LoopbackServer(script)
    with server:
        found = calls(server.url, caller(1), 15)
    assert all(isinstance(reply, dict) for reply in found)
    assert [seen.user for seen in server.log][-1] == "14", "fourteen calls of 0.1 s: the pause is long over"


def test_a_pause_before_a_retry_holds_no_place():
    def script(seen: Seen) -> Reply:
        is_first = sum(earlier.user == "0" for earlier in server.log) == 1
        return Reply({}, 429, {"Retry-After": "0.5"}) if seen.user == "0" and is_first else completion("yes")

    server = LoopbackServer(script)
    with server:
        found = calls(server.url, caller(1), 6)
    assert all(isinstance(reply, dict) for reply in found)
    assert [seen.user for seen in server.log] == ["0", "1", "2", "3", "4", "5", "0"]


class Crowd:
    """Counts who is inside a limiter's places."""

    def __init__(self, ceiling: int) -> None:
        self.limiter = AdaptiveLimiter(ceiling)
        self.inside = 0
        self.most = 0

    async def visit(self, rounds: int) -> None:
        async with self.limiter.slot():
            self.inside += 1
            self.most = max(self.most, self.inside)
            try:
                for _ in range(rounds):
                    await asyncio.sleep(0)
            finally:
                self.inside -= 1


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 4)), max_size=40))
def test_cancelled_calls_give_their_places_back(ceiling: int, cancels: list[tuple[int, int]]):
    async def run() -> None:
        crowd = Crowd(ceiling)
        tasks = [asyncio.create_task(crowd.visit(3)) for _ in range(30)]
        for number, rounds in cancels:
            for _ in range(rounds):
                await asyncio.sleep(0)
            tasks[number].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert found.count(None) >= 30 - len({number for number, _ in cancels})
        assert crowd.inside == 0
        assert crowd.most <= ceiling
        crowd.most = 0
        await asyncio.wait_for(asyncio.gather(*(crowd.visit(1) for _ in range(3 * ceiling))), 5)
        assert crowd.most == ceiling  # every place is there again

    asyncio.run(run())


@given(st.integers(1, 6), st.integers(0, 2**32))
def test_the_limit_holds_whatever_is_cancelled_throttled_or_served(ceiling: int, seed: int):
    chance = random.Random(seed)

    async def work(limiter: AdaptiveLimiter) -> None:
        nonlocal inside, most
        async with limiter.slot():
            inside += 1
            most = max(most, inside)
            try:
                await asyncio.sleep(0)
                chance.choice([limiter.throttled, limiter.succeeded])()
            finally:
                inside -= 1

    async def run() -> None:
        limiter = AdaptiveLimiter(ceiling)
        tasks = [asyncio.create_task(work(limiter)) for _ in range(40)]
        while not all(task.done() for task in tasks):
            chance.choice(tasks).cancel()
            await asyncio.sleep(0)
        assert 1 <= limiter.limit <= ceiling

    inside = most = 0
    asyncio.run(run())
    assert inside == 0
    assert most <= ceiling


# Slowing down


def test_throttling_shrinks_the_limit_once_a_period_and_successes_raise_it_again(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(limiter_module.time, "monotonic", lambda: clock[0])
    limiter = AdaptiveLimiter(20)
    for _ in range(50):
        limiter.throttled()
    assert limiter.limit == pytest.approx(17)
    for _ in range(60):
        clock[0] += 1
        limiter.throttled()
    assert limiter.limit == 1
    for _ in range(4 * 25):
        limiter.succeeded()
    assert limiter.limit == 20


def test_an_endpoint_that_throttles_above_its_rate_is_slowed_down_to_and_every_call_ends_well():
    taken: list[float] = []

    def script(_: Seen) -> Reply:
        now = time.monotonic()
        if sum(now - at < 0.5 for at in taken) >= 15:
            return Reply({}, 429, {"Retry-After": "0.3"})
        taken.append(now)
        return Reply(completion("yes").body, delay=0.02)

    through = caller(16, retries=20)
    _, found = served(script, through, 45)
    assert all(isinstance(reply, dict) for reply in found)
    assert through.limiter.limit <= 16
    assert through.counts.retries > 0
