"""Runs that are killed, interrupted, cut off or spread over workers: nothing paid for is lost, nothing asked twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.bank import write_bank
from csedb_tests.bank import load_bank
from csedb_tests.schema import Case
from csedb_tests.store import Store
from tests.conftest import Gate
from tests.loopback import LoopbackServer, Reply, Script, Seen, answer_in, completion, statements, verdicts
from tests.test_end_to_end_http import over_http

LATENCY = 0.02
CONCURRENCY = 3
OUTAGE_SECONDS = 30
PATIENCE = 120.0
COMPARED = ("cases", "gates", "scores", "usage", "decision", "exit_code", "problems")


class Agreeing:
    """A model that gives the safe exemplar, and a judge that finds every rule met in its first words."""

    def __init__(self, cases: tuple[Case, ...]) -> None:
        self._answers = {case.turns[-1].content: case.exemplars.safe for case in cases}
        self._rules = {rule.text for case in cases for rule in case.rules}

    def __call__(self, seen: Seen) -> Reply:
        if not seen.is_judge:
            return replace(completion(self._answers[seen.user]), delay=LATENCY)
        numbers, quote = statements(seen.user), answer_in(seen.user)[:40]
        entries = verdicts(numbers)
        for number, text in numbers.items():
            if text in self._rules:
                entries[number] |= {"verdict": "met", "quote": quote}
        return replace(completion(json.dumps(entries)), delay=LATENCY)


class Asked:
    """Which case, and which of its two calls, every request of a server's log was for."""

    def __init__(self, cases: tuple[Case, ...]) -> None:
        self._cases = {case.turns[-1].content.strip(): case.id for case in cases}

    def counts(self, *logs: list[Seen]) -> Counter[tuple[str, bool]]:
        return Counter((self._case(seen), seen.is_judge) for log in logs for seen in log)

    def repeats(self, *logs: list[Seen]) -> int:
        return sum(count - 1 for count in self.counts(*logs).values())

    def _case(self, seen: Seen) -> str:
        return next(case_id for question, case_id in self._cases.items() if question in seen.user)


def bank_of(directory: Path, size: int) -> tuple[Path, tuple[Case, ...]]:
    root = directory / "bank"
    write_bank(root, size)
    return root, load_bank(root).cases


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    """Until the condition holds, or ``process`` has ended."""
    give_up_at = time.monotonic() + PATIENCE
    while not condition() and (process is None or process.poll() is None):
        assert time.monotonic() < give_up_at, "nothing happened"
        time.sleep(0.002)


@contextmanager
def hearing_ctrl_c() -> Iterator[None]:
    """A suite that was started in the background ignores Ctrl-C, and would hand that on to what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(pytester: pytest.Pytester):
    """Start the gate without waiting for its end."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*args: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "pytest", "-p", "pytest_csedb.plugin", "-p", "no:randomly"]
        suite = ["--pyargs", "csedb_tests", "--csedb-run-id=run", f"--csedb-concurrency={CONCURRENCY}"]
        with (pytester.path / "output.txt").open("wb") as output, hearing_ctrl_c():
            started.append(subprocess.Popen([*command, *suite, *args], stdout=output, stderr=output))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def compared(record: dict) -> str:
    return json.dumps({key: record[key] for key in COMPARED}, sort_keys=True)


def test_kill_9_at_any_moment_repeats_no_finished_call_and_ends_in_the_same_record(
    start, run_record, pytester: pytest.Pytester
):
    kills, moments = 10, random.Random(11)
    root, cases = bank_of(pytester.path, 500)
    with LoopbackServer(Agreeing(cases)) as server:
        options = [*over_http(server), f"--csedb-cases={root}"]
        for _ in range(kills):
            enough = len(server.log) + moments.randint(0, 90)
            process = start(*options)
            wait_for(lambda enough=enough: len(server.log) >= enough, process)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        assert len(server.log) < 2 * len(cases)
        assert start(*options).wait() == 0
        resumed = compared(run_record())
        asked = Asked(cases)
        assert len(asked.counts(server.log)) == 2 * len(cases)
        assert asked.repeats(server.log) <= kills * CONCURRENCY  # what was in flight at a kill, and no more
        server.log.clear()
        assert start(*options).wait() == 0
        assert server.log == []
        assert start(*options, "--csedb-store=another.db").wait() == 0
    assert compared(run_record()) == resumed


def test_an_endpoint_that_dies_and_comes_back_leaves_no_trace_in_the_result(
    start, run_record, pytester: pytest.Pytester
):
    root, cases = bank_of(pytester.path, 60)
    with LoopbackServer(Agreeing(cases)) as first:
        process = start(*over_http(first), f"--csedb-cases={root}")
        wait_for(lambda: len(first.log) >= 40, process)
    assert not threading.Event().wait(OUTAGE_SECONDS)
    with LoopbackServer(Agreeing(cases), first.port) as second:
        assert process.wait(PATIENCE) == 0
    assert run_record()["decision"] == "pass"
    assert Asked(cases).repeats(first.log, second.log) <= CONCURRENCY


def test_ctrl_c_leaves_a_partial_record_no_decision_and_a_store_to_go_on_from(
    start, run_record, pytester: pytest.Pytester
):
    root, cases = bank_of(pytester.path, 60)
    with LoopbackServer(Agreeing(cases)) as server:
        options = [*over_http(server), f"--csedb-cases={root}"]
        process = start(*options)
        wait_for(lambda: len(server.log) >= 40, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 2
        record = run_record()
        assert len(record["cases"]) == len(cases)
        assert any(case["status"] == "error" for case in record["cases"])
        assert record["decision"] == "inconclusive"
        store = Store(pytester.path / ".csedb" / "store.db")
        assert store.verify() == []
        store.close()
        assert start(*options).wait(PATIENCE) == 0
        assert Asked(cases).repeats(server.log) <= CONCURRENCY
    assert run_record()["decision"] == "pass"


def test_after_the_first_failure_under_x_nobody_is_asked_and_nobody_waited_for(
    start, run_record, pytester: pytest.Pytester
):
    root, cases = bank_of(pytester.path, 60)
    first = next(case for case in cases if case.track == "effectiveness")  # of the suite's two modules, the first

    def script(seen: Seen) -> Reply:
        """The first case fails; on all others the judge never says anything."""
        if not seen.is_judge:
            return completion("Sleep well.")
        if first.turns[0].content.strip() not in seen.user:
            return Reply(hang=True)
        return completion(json.dumps(verdicts(statements(seen.user))))

    with LoopbackServer(script) as server:
        options = [*over_http(server), f"--csedb-cases={root}", "--csedb-concurrency=20"]
        assert start(*options, "-x").wait(PATIENCE) in (10, 11)
        assert sum(seen.is_judge for seen in server.log) <= 1 + 20
    assert sum(not case["ran"] for case in run_record()["cases"]) == len(cases) - 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_the_limit_on_calls_in_flight_is_that_of_the_whole_run(start, workers, pytester: pytest.Pytester):
    root, cases = bank_of(pytester.path, 30)
    with LoopbackServer(Agreeing(cases)) as server:
        assert start(*over_http(server), f"--csedb-cases={root}", *workers).wait(PATIENCE) == 0
        assert server.most_in_flight == CONCURRENCY


WAYS = (
    (),
    ("-n", "0"),
    ("-n", "2"),
    ("-n", "4"),
    ("-n", "2", "--dist", "loadscope"),
    ("-n", "2", "--dist", "worksteal"),
    ("-n", "2", "--dist", "loadgroup"),
)


def test_however_the_tests_are_distributed_no_call_is_made_twice_and_the_record_is_the_same(
    gate: Gate, run_record, pytester: pytest.Pytester
):
    root, cases = bank_of(pytester.path, 16)
    records = set()
    with LoopbackServer(Agreeing(cases)) as server:
        for number, way in enumerate(WAYS):
            server.log.clear()
            assert gate(*over_http(server), *way, f"--csedb-store={number}.db", bank=root).ret == 0
            assert set(Asked(cases).counts(server.log).values()) == {1}
            assert len(server.log) == 2 * len(cases)
            records.add(compared(run_record()))
    assert len(records) == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_key_that_is_revoked_in_the_middle_stops_everything_at_once(
    gate: Gate, run_record, workers, pytester: pytest.Pytester
):
    root, cases = bank_of(pytester.path, 60)
    with LoopbackServer(_revoked_after(server_log := [], Agreeing(cases))) as server:
        result = gate(*over_http(server), *workers, f"--csedb-concurrency={CONCURRENCY}", bank=root)
        assert len(server.log) <= 40 + CONCURRENCY
        assert len(server_log) <= CONCURRENCY
    assert result.ret == 12
    result.stdout.fnmatch_lines(["problem: *HTTP 401*refuses the API key*"])
    record = run_record()
    assert record["decision"] == "inconclusive"
    assert len(record["cases"]) == len(cases)


def _revoked_after(refused: list[Seen], script: Script, served: int = 40) -> Script:
    """``script`` for so many requests, then 401."""
    seen_so_far: list[Seen] = []

    def revoked(seen: Seen) -> Reply:
        seen_so_far.append(seen)
        if len(seen_so_far) <= served:
            return script(seen)
        refused.append(seen)
        return Reply({"error": "invalid key"}, 401)

    return revoked


def test_a_bank_without_cases_of_one_track_runs(gate: Gate, pytester: pytest.Pytester):
    root, _ = bank_of(pytester.path, 5)  # safety alone
    result = gate(bank=root)
    result.assert_outcomes(passed=5, skipped=1)
    assert result.ret != os.EX_SOFTWARE
