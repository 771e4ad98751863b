"""Model and judge over real HTTP on loopback, from the command line to the record."""

import json
from dataclasses import replace

import pytest

from csedb_tests.bank import load_bank
from tests.conftest import MINI_BANK, Gate
from tests.loopback import BankScript, LoopbackServer, Reply, Seen, completion, statements, verdicts

CASES = load_bank(MINI_BANK).cases


def over_http(server: LoopbackServer) -> list[str]:
    """Options for a model and a judge at the server; the judge, a script, is let through without a qualification."""
    return [
        "--csedb-unqualified-judge",
        "--csedb-model=openai:clinician-1",
        f"--csedb-base-url={server.url}",
        "--csedb-judge=openai:judge-1",
        f"--csedb-judge-base-url={server.url}",
    ]


def of_cases(gates: list[dict]) -> list[dict]:
    """The gates that cases decide: all but the judge's own."""
    return [gate for gate in gates if gate["name"] != "judge qualification"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
@pytest.mark.parametrize(("kind", "code"), [("safe", 0), ("unsafe", 10)])
def test_model_and_judge_over_http_agree_with_the_offline_self_check(gate: Gate, run_record, workers, kind, code):
    with LoopbackServer(BankScript(CASES, kind)) as server:
        result = gate(*over_http(server), *workers)
        record = run_record()
        assert len(server.log) == 2 * len(CASES)
        port = server.port
    assert result.ret == code
    result.stdout.fnmatch_lines([f"csedb: network: 127.0.0.1:{port}; reports: *"])
    gate("--csedb-model", f"exemplar:{kind}")
    offline = run_record()
    assert [case["score"] for case in record["cases"]] == [case["score"] for case in offline["cases"]]
    assert of_cases(record["gates"]) == of_cases(offline["gates"])
    assert record["usage"] == {"prompt_tokens": 1200, "completion_tokens": 600}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_second_run_calls_nobody_and_says_the_same(gate: Gate, run_record, workers):
    with LoopbackServer(BankScript(CASES)) as server:
        gate(*over_http(server), *workers)
        first, calls = run_record(), len(server.log)
        gate(*over_http(server), *workers)
        assert len(server.log) == calls
        assert run_record()["cases"] == first["cases"]
        gate(*over_http(server), *workers, "--csedb-fresh")
        assert len(server.log) == 2 * calls


def test_a_run_with_a_model_as_judge_loads_no_pattern_judge_and_readies_its_end_before_the_first_reply(
    gate: Gate, pytester: pytest.Pytester
):
    pytester.makepyfile(
        watch="""
        import sys
        import pytest

        def pytest_sessionstart():
            print("LOADED AT START", "csedb_tests.gates" in sys.modules)

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish(session):
            print("LOADED BEFORE THE END", "csedb_tests.gates" in sys.modules)

        def pytest_unconfigure():
            print("PATTERN JUDGE", "csedb_tests.patterns.match" in sys.modules)
        """
    )
    script = BankScript(CASES, "safe")

    def slow(seen: Seen) -> Reply:
        return replace(script(seen), delay=0.5)

    with LoopbackServer(slow) as server:
        result = gate(*over_http(server), "-s", plugins=("watch",))
    result.stdout.fnmatch_lines(["LOADED AT START False", "*LOADED BEFORE THE END True", "*PATTERN JUDGE False"])


def test_a_deselected_case_is_never_asked(gate: Gate):
    with LoopbackServer(BankScript(CASES)) as server:
        gate(*over_http(server), "-m", "dentistry")
    assert len(server.log) == 2
    assert "tooth" in server.log[0].user


def test_the_model_gets_the_conversation_and_the_sampling(gate: Gate):
    with LoopbackServer(BankScript(CASES)) as server:
        gate(
            *over_http(server),
            "-k",
            "E09-02",
            "--csedb-system-prompt=Answer as a clinician.",
            "--csedb-temperature=0.3",
            "--csedb-max-tokens=700",
            "--csedb-seed=11",
        )
    body = server.log[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["messages"][0]["content"] == "Answer as a clinician."
    assert (body["model"], body["temperature"], body["max_tokens"], body["seed"]) == ("clinician-1", 0.3, 700, 11)


def test_another_model_prompt_or_sampling_is_another_question(gate: Gate):
    with LoopbackServer(BankScript(CASES)) as server:
        options = [*over_http(server), "-k", "S05"]
        for extra in ([], ["--csedb-temperature=0.3"], ["--csedb-system-prompt=Be brief."], ["--csedb-revision=2"]):
            gate(*options, *extra)
    assert sum(not seen.is_judge for seen in server.log) == 4
    assert sum(seen.is_judge for seen in server.log) == 1  # the same answer to the same judge


def test_reasoning_is_kept_in_the_record_and_hidden_from_the_judge(gate: Gate, run_record):
    def think(seen: Seen) -> Reply:
        if seen.is_judge:
            assert "secret plan" not in json.dumps(seen.body)
            return completion(json.dumps(verdicts(statements(seen.user))))
        return completion("<think>secret plan</think>See a doctor.")

    with LoopbackServer(think) as server:
        gate(*over_http(server), "-k", "S05")
    answer = run_record()["cases"][0]["samples"][0]["answer"]
    assert answer["text"] == "See a doctor."
    assert "secret plan" in answer["reasoning"]


def test_a_refusal_is_an_answer_and_a_filtered_or_cut_reply_is_not(gate: Gate, run_record):
    replies = {
        "verapamil": completion(None, refusal="I cannot help with that."),
        "tooth": completion("", "stop"),
        "paracetamol": completion("", "content_filter"),
        "headache": completion("Call an ambul", "length"),
    }

    def script(seen: Seen) -> Reply:
        if seen.is_judge:
            return completion(json.dumps(verdicts(statements(seen.user))))
        return next(reply for word, reply in replies.items() if word in seen.user)

    with LoopbackServer(script) as server:
        result = gate(*over_http(server), "-m", "safety", "--csedb-retries=0")
    by_id = {case["case"]["id"]: (case["status"], case["error"]) for case in run_record()["cases"]}
    assert by_id["cardiology-S03-01"] == ("failed", "")
    assert by_id["dentistry-S07-01"] == ("failed", "")
    assert "content filter" in by_id["pediatrics-S05-01"][1]
    assert "token limit" in by_id["neurology-S01-01"][1]
    assert result.ret == 10


def test_a_budget_stops_the_run_cleanly_and_the_next_run_goes_on_from_there(gate: Gate, run_record):
    with LoopbackServer(BankScript(CASES)) as server:
        options = [*over_http(server), "--csedb-concurrency=1"]
        result = gate(*options, "--csedb-budget=5 calls")
        assert result.ret == 11
        assert len(server.log) == 5
        result.stdout.fnmatch_lines(["problem: the budget of 5 calls is spent", "decision: INCONCLUSIVE*"])
        assert gate(*options).ret == 0
        assert len(server.log) == 12


def test_offline_uses_what_is_stored_and_asks_nobody(gate: Gate):
    with LoopbackServer(BankScript(CASES)) as server:
        gate(*over_http(server))
        asked = len(server.log)
        assert gate(*over_http(server), "--csedb-offline").ret == 0
        result = gate(*over_http(server), "--csedb-offline", "--csedb-temperature=1")
        assert len(server.log) == asked
    assert result.ret == 12
    result.stdout.fnmatch_lines(["unscored: offline, and the store holds no answer of 127.0.0.1:*"])


def test_offline_refuses_a_callable_s_own_sockets(gate: Gate, pytester: pytest.Pytester):
    pytester.makepyfile(
        own_model="""
        import urllib.request
        def answer(conversation):
            return urllib.request.urlopen(PORT).read().decode()
        """.replace("PORT", repr("http://127.0.0.1:9"))
    )
    result = gate("--csedb-model=python:own_model:answer", "--csedb-offline", "-k", "S05", "--csedb-retries=0")
    result.stdout.fnmatch_lines(["*--csedb-offline forbids the network*"])
    assert result.ret == 12


def test_several_answers_a_case_are_scored_by_mean_and_worst(gate: Gate, run_record):
    good = "At 15 mg/kg he may have 180 mg, that is 7.5 mL."
    said: list[str] = []

    def script(seen: Seen) -> Reply:
        if seen.is_judge:
            return BankScript(CASES)(seen)
        said.append("Give 20 mL at once." if said else good)
        return completion(said[-1])

    with LoopbackServer(script) as server:
        result = gate(*over_http(server), "-k", "S05", "--csedb-samples=3", "--csedb-concurrency=1")
        again = gate(*over_http(server), "-k", "S05", "--csedb-samples=3")
        assert len(said) == 3
    record = run_record()
    case = record["cases"][0]
    assert [sample["score"]["value"] for sample in case["samples"]] == [1.0, 0.0, 0.0]
    assert case["score"]["value"] == pytest.approx(1 / 3)
    assert record["scores"]["safety (worst at 3)"] == 0.0
    assert (result.ret, again.ret) == (10, 10)


def test_a_long_test_of_somebody_else_costs_no_call_in_flight(pytester: pytest.Pytester):
    pytester.makepyfile(test_own="import time\n\ndef test_own():\n    time.sleep(2)\n")
    with LoopbackServer(lambda seen: replace(BankScript(CASES)(seen), delay=0.3)) as server:
        result = pytester.runpytest_subprocess(
            *("-p", "pytest_csedb.plugin", "-p", "no:randomly", "--pyargs"),
            *("csedb_tests.test_effectiveness", "test_own.py", "csedb_tests.test_safety"),
            *(f"--csedb-cases={MINI_BANK}", "--csedb-concurrency=1", "--csedb-timeout=1", *over_http(server)),
        )
    assert result.ret == 0
    assert len(server.log) == 2 * len(CASES)
