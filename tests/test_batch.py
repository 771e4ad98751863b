"""A run by way of a batch service, from the command line: export, have it worked through, ingest, call nobody."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from csedb_tests.bank import load_bank
from csedb_tests.cli import export_batch, ingest_batch, main
from csedb_tests.settings import Settings, option_name
from tests.conftest import MINI_BANK, ROOT, Gate
from tests.loopback import BankScript, LoopbackServer, Reply, Script, Seen, completion, statements, verdicts

CASES = load_bank(MINI_BANK).cases
MODELS = {"model": "openai:clinician-1", "judge": "openai:judge-1"}
Line = dict[str, Any]


class Desk:
    """Somebody at a command line in ``place``, with settings of his own, and a batch service that runs ``script``."""

    def __init__(self, place: Path, url: str, script: Script) -> None:
        self.place, self.script = place, script
        self.settings = {**MODELS, "base-url": url, "judge-base-url": url, "cases": str(MINI_BANK)}

    def export(self, *options: str) -> Result:
        return self._csedb("export", "--out", "in.jsonl", *options)

    def ingest(self, *options: str, files: Iterable[str] = ("out.jsonl",)) -> Result:
        return self._csedb("ingest", *files, *options)

    def _csedb(self, command: str, *options: str) -> Result:
        settings = [f"--{key}={value}" for key, value in self.settings.items()]
        return CliRunner().invoke(main, [command, "batch", *settings, *options], catch_exceptions=False)

    def requests(self) -> list[Line]:
        return [json.loads(line) for line in (self.place / "in.jsonl").read_text().splitlines()]

    def serve(self, spoil: Callable[[int, Line], Line] = lambda _, line: line) -> list[Line]:
        """Work through in.jsonl as a batch service does: every result in a line of its own, in no order."""
        lines = [spoil(i, self._served(request)) for i, request in enumerate(self.requests())]
        random.Random(3).shuffle(lines)
        self.write(lines)
        return lines

    def _served(self, request: Line) -> Line:
        reply = self.script(Seen(request["url"], {}, request["body"], 0.0))
        response = {"status_code": reply.status, "request_id": "r", "body": reply.body}
        return {"id": "batch_req_1", "custom_id": request["custom_id"], "response": response, "error": None}

    def write(self, lines: Iterable[Line | str], name: str = "out.jsonl") -> None:
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        (self.place / name).write_text("\n".join(texts) + "\n")

    def cycle(self, *options: str) -> Result:
        """One export, its work, and the ingest of the results."""
        assert self.export(*options).exit_code == 0
        self.serve()
        return self.ingest(*options)

    def gate_options(self) -> list[str]:
        return [f"--csedb-{key}={value}" for key, value in self.settings.items()]


@pytest.fixture
def desk(pytester: pytest.Pytester) -> Desk:
    return Desk(pytester.path, "http://127.0.0.1:9/v1", BankScript(CASES))


def failing(code: str, message: str) -> Callable[[int, Line], Line]:
    """Spoils the first line as a service does whose request failed."""
    error = {"code": code, "message": message}
    return lambda i, line: line if i else {**line, "response": None, "error": error}


def replaced(reply: Reply) -> Callable[[int, Line], Line]:
    """Spoils the first line with another reply."""
    response = {"status_code": reply.status, "body": reply.body}
    return lambda i, line: line if i else {**line, "response": response}


# The whole cycle


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
@pytest.mark.parametrize(("kind", "code"), [("safe", 0), ("unsafe", 10)])
def test_after_two_batches_the_gate_calls_nobody_and_decides_as_an_online_run(
    gate: Gate, run_record, pytester, kind, code, workers
):
    script = BankScript(CASES, kind)
    with LoopbackServer(script) as server:
        desk = Desk(pytester.path, server.url, script)
        desk.settings["samples"] = "2"
        assert "stored: answers 12" in desk.cycle().output
        assert "verdicts 6\n" in desk.cycle().output  # both answers to a question are the same text here
        assert "nothing is missing: run pytest" in desk.export().output
        assert gate(*desk.gate_options(), *workers).ret == code
        by_batch = run_record()
        assert server.log == []
        gate(*desk.gate_options(), *workers, "--csedb-store=another.db")
        assert len(server.log) == 18
    online = run_record()
    assert by_batch["cases"] == online["cases"]
    assert by_batch["gates"] == online["gates"]


def test_a_batch_selects_what_the_gate_selects(gate: Gate, run_record, pytester: pytest.Pytester):
    script = BankScript(CASES)
    with LoopbackServer(script) as server:
        desk = Desk(pytester.path, server.url, script)
        desk.settings |= {"select": "weight >= 3", "sample": "4", "sample-seed": "5", "shard": "2/2"}
        desk.cycle()
        assert len(desk.requests()) == 2
        desk.cycle()
        gate(*desk.gate_options())
        assert server.log == []
    assert len(run_record()["cases"]) == 2


def test_the_requests_are_those_of_an_online_run(gate: Gate, pytester: pytest.Pytester):
    script = BankScript(CASES)
    sampling = {"system-prompt": "Be brief.", "temperature": "0.3", "max-tokens": "700", "seed": "11", "samples": "2"}
    with LoopbackServer(script) as server:
        desk = Desk(pytester.path, server.url, script)
        desk.settings |= sampling
        asked = []
        for _ in range(2):
            desk.cycle()
            asked += desk.requests()
        gate(*desk.gate_options(), "--csedb-store=another.db")
        online = [seen.body for seen in server.log]
    assert {(line["method"], line["url"]) for line in asked} == {("POST", "/v1/chat/completions")}
    assert sorted(map(comparable, online)) == sorted(comparable(line["body"]) for line in asked)


def comparable(body: Line) -> str:
    return json.dumps(body, sort_keys=True)


def test_custom_ids_are_short_and_unique(desk: Desk):
    desk.settings["samples"] = "3"
    ids = []
    for _ in range(2):
        desk.cycle()
        ids += [line["custom_id"] for line in desk.requests()]
    assert len(set(ids)) == len(ids) == 24
    assert max(map(len, ids)) <= 64


def test_the_pattern_judge_needs_answers_alone(desk: Desk, gate: Gate):
    desk.settings["judge"] = "pattern"
    assert "next: run pytest" in desk.cycle().output
    assert gate(*desk.gate_options()).ret == 0


def test_reasoning_is_not_shown_to_the_judge(desk: Desk):
    desk.script = lambda _: completion("<think>secret plan</think>See a doctor.")
    desk.cycle()
    desk.export()
    assert "See a doctor." in desk.requests()[0]["body"]["messages"][1]["content"]
    assert "secret plan" not in (desk.place / "in.jsonl").read_text()


def test_settings_come_from_pyproject_and_environment_too(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    (desk.place / "pyproject.toml").write_text('[tool.csedb]\nmodel = "openai:from-file"\nsamples = 2\n')
    monkeypatch.setenv("CSEDB_TEMPERATURE", "0.7")
    del desk.settings["model"]
    desk.export("--select", "department == 'dentistry'", "--store", "deep/own.db")
    bodies = [line["body"] for line in desk.requests()]
    assert [(body["model"], body["temperature"]) for body in bodies] == [("from-file", 0.7)] * 2
    assert (desk.place / "deep" / "own.db").is_file()


def test_shards_of_an_export_are_taken_in_together(desk: Desk):
    parts = []
    for i in (1, 2):
        desk.export(f"--shard={i}/2")
        parts += desk.serve()
    desk.write(parts)
    assert "stored: answers 6" in desk.ingest().output


def test_answers_and_verdicts_may_come_in_files_of_one_call(desk: Desk):
    desk.cycle()
    answers = (desk.place / "out.jsonl").read_text()
    desk.export()
    desk.serve()
    (desk.place / "answers.jsonl").write_text(answers)
    (desk.place / ".csedb" / "store.db").unlink()
    result = desk.ingest(files=("answers.jsonl", "out.jsonl"))
    assert "stored: answers 6, verdicts 6" in result.output
    assert result.exit_code == 0


# What is exported


def test_a_partly_answered_run_exports_both_kinds_and_says_that_two_models_are_asked(desk: Desk):
    desk.export("--select", "department == 'cardiology'")
    desk.serve()
    desk.ingest()
    result = desk.export()
    assert [line["custom_id"][0] for line in desk.requests()] == list("aaavvv")
    assert "requests for answers: 3\nrequests for verdicts: 3\nthe file asks two models" in result.output
    desk.export("--only", "verdicts")
    assert {line["body"]["model"] for line in desk.requests()} == {"judge-1"}
    desk.export("--only", "answers")
    assert {line["body"]["model"] for line in desk.requests()} == {"clinician-1"}


def test_nothing_to_write_leaves_no_file_and_says_why(desk: Desk):
    result = desk.export("--only", "verdicts")
    assert "nothing is written: what is missing is what --only leaves out" in result.output
    assert not (desk.place / "in.jsonl").exists()


def test_an_answer_too_long_to_judge_is_not_sent_to_the_judge(desk: Desk):
    desk.script = lambda _: completion("word " * 20_000)
    assert "too long to judge: 6 answers" in desk.cycle().output
    assert "nothing is missing" in desk.export().output


def test_the_command_runs_as_a_program(desk: Desk):
    command = [sys.executable, "-m", "csedb_tests.cli", "export", "batch", "--model=openai:m", "--out=x.jsonl"]
    done = subprocess.run(
        [*command, f"--cases={MINI_BANK}"], cwd=desk.place, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("requests for answers: 6\nrequests for verdicts: 0\nnext: ")


# What is taken in


def test_a_second_ingest_of_the_same_file_changes_nothing(desk: Desk):
    desk.cycle()
    result = desk.ingest()
    assert "stored: answers 0, verdicts 0\nalready stored: 6, duplicates: 0" in result.output
    assert result.exit_code == 0


def test_a_result_that_stands_twice_is_taken_once(desk: Desk):
    desk.export()
    desk.write(desk.serve() * 2)
    result = desk.ingest()
    assert "stored: answers 6" in result.output
    assert "duplicates: 6" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (failing("batch_expired", "not run in time"), "the service reports an error: not run in time"),
        (failing("batch_expired", ""), "the service reports an error: batch_expired"),
        (replaced(Reply({"error": {"message": "model overloaded"}}, 503)), "reports status 503: model overloaded"),
        (replaced(Reply(None, 400)), "the service reports status 400: null"),
        (replaced(Reply("fine")), "the response holds no body that is an object"),
        (replaced(Reply({"choices": []})), "the reply holds no choice"),
        (replaced(completion("Call an ambul", "length")), "the answer was cut at the token limit"),
        (replaced(completion("", "content_filter")), "the endpoint's content filter withheld the answer"),
        (lambda i, line: line if i else {"custom_id": line["custom_id"]}, "holds neither a response nor an error"),
    ],
    ids=["error", "code", "status", "no-body", "text-body", "no-choice", "truncated", "filtered", "no-response"],
)
def test_a_failed_result_is_refused_with_its_reason_and_asked_for_again(desk: Desk, spoil, said):
    desk.export()
    first = desk.requests()[0]["custom_id"]
    desk.serve(spoil)
    result = desk.ingest()
    assert "stored: answers 5" in result.output
    line = next(line for line in result.output.splitlines() if said in line)
    assert line.startswith("  out.jsonl:")
    assert f"answer 1 to {CASES[0].id}: " in line
    assert result.exit_code == 1
    desk.export("--only", "answers")
    assert [line["custom_id"] for line in desk.requests()] == [first]


def test_a_refusal_and_a_cut_answer_that_is_accepted_are_answers(desk: Desk):
    desk.export("--accept-truncated")
    desk.serve(replaced(completion("Call an ambul", "length")))
    assert desk.ingest("--accept-truncated").exit_code == 0
    desk.export()
    desk.serve(replaced(completion(None, refusal="I cannot help with that.")))
    assert desk.ingest().exit_code == 0


def test_a_failure_made_up_for_later_in_the_file_is_no_failure(desk: Desk):
    desk.export()
    good = desk.serve()
    desk.write([{**good[0], "response": None, "error": {"message": "busy"}}, *good])
    result = desk.ingest()
    assert "refused: 0" in result.output
    assert result.exit_code == 0


def test_an_unknown_custom_id_is_named_and_the_rest_is_stored(desk: Desk):
    desk.export()
    lines = desk.serve()
    lines[2]["custom_id"] = "a-of\x1b[31m-somebody-else"
    desk.write(lines)
    result = desk.ingest()
    assert "stored: answers 5" in result.output
    assert "unknown custom ids: 1\n  out.jsonl:3: a-of\\u001b[31m-somebody-else\n" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "other", [["--temperature=1"], ["--base-url=http://127.0.0.1:8/v1"], ["--select=department == 'dentistry'"]]
)
def test_results_of_other_settings_are_unknown(desk: Desk, other: list[str]):
    desk.export("--select=department != 'dentistry'")
    desk.serve()
    result = desk.ingest(*other)
    assert "stored: answers 0" in result.output
    assert "unknown custom ids: 5" in result.output
    assert result.exit_code == 1


def test_malformed_lines_are_named_and_lose_nothing(desk: Desk):
    desk.export()
    bad = ["{", "[1]", '{"custom_id": 7}', "", "nonsense" * 200, "[" * 100_000]
    desk.write([*bad, *desk.serve()])
    with (desk.place / "out.jsonl").open("ab") as file:
        file.write(b"\xff\xfe\n")
    result = desk.ingest()
    assert "stored: answers 6" in result.output
    assert "refused: 6" in result.output
    for number in (1, 2, 3, 5, 6, 13):
        assert f"  out.jsonl:{number}: not a" in result.output
    assert result.exit_code == 1


def test_ten_of_many_refusals_are_shown(desk: Desk):
    desk.write(["{"] * 25)
    result = desk.ingest()
    assert result.output.count("not a line of JSON") == 10
    assert "  ... and 15 more" in result.output


def unusable(what: str) -> Callable[[int, Line], Line]:
    """Spoils the first reply of the judge."""

    def spoil(i: int, line: Line) -> Line:
        message = line["response"]["body"]["choices"][0]["message"]
        entries = json.loads(message["content"])
        spoiled = {
            "canary": {key: {**entry, "verdict": "met"} for key, entry in entries.items()},
            "one-missing": dict(list(entries.items())[1:]),
            "prose": "I think it is fine.",
        }
        if i == 0:
            message["content"] = json.dumps(spoiled[what])
        return line

    return spoil


@pytest.mark.parametrize(
    ("what", "said"),
    [("canary", "called the canary met"), ("one-missing", "exactly one verdict"), ("prose", "exactly one verdict")],
)
def test_an_unusable_verdict_is_refused_and_can_be_asked_for_in_another_order(desk: Desk, what: str, said: str):
    desk.cycle()
    desk.export()
    first = desk.requests()[0]
    desk.serve(unusable(what))
    result = desk.ingest()
    assert "verdicts 5\n" in result.output
    assert f"verdicts on {CASES[0].id}: " in result.output
    assert said in result.output
    assert "export with --try 2" in result.output
    assert result.exit_code == 1
    desk.export("--try", "2")
    (again,) = desk.requests()
    assert again["custom_id"] != first["custom_id"]
    assert statements(user(again)) != statements(user(first))
    desk.serve()
    assert "next: run pytest" in desk.ingest().output


def user(request: Line) -> str:
    text: str = request["body"]["messages"][-1]["content"]
    return text


def test_verdicts_on_an_answer_that_has_changed_are_unknown(desk: Desk):
    desk.cycle()
    desk.export()
    desk.serve()
    (desk.place / ".csedb" / "store.db").unlink()
    verdict_lines = (desk.place / "out.jsonl").read_text()
    desk.script = lambda _: completion("Something else.")
    desk.cycle()
    (desk.place / "out.jsonl").write_text(verdict_lines)
    result = desk.ingest()
    assert "unknown custom ids: 6" in result.output


def test_the_verdicts_stored_are_those_given_on_each_statement(desk: Desk, gate: Gate, run_record):
    """Not met everywhere but on one statement, by its text: it arrives at that statement, wherever it was listed."""
    case = CASES[0]
    wanted = case.rules[0]
    quote = case.exemplars.safe.split(".")[0]

    def script(seen: Seen) -> Reply:
        if not seen.is_judge:
            return BankScript(CASES)(seen)
        numbers = statements(seen.user)
        entries = verdicts(numbers)
        for number, text in numbers.items():
            if text == wanted.text:
                entries[number] = {"quote": quote, "reason": "said", "verdict": "met"}
        return completion(json.dumps(entries))

    desk.script = script
    desk.cycle()
    desk.cycle()
    gate(*desk.gate_options(), "--csedb-offline")
    record = next(found for found in run_record()["cases"] if found["case"]["id"] == case.id)
    values = {verdict["statement"]: verdict["value"] for verdict in record["samples"][0]["verdicts"]}
    assert values == {statement.id: "met" if statement.id == wanted.id else "not_met" for statement in case.statements}


# What cannot be done


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "exemplar:safe"}, "--model: 'exemplar:safe' cannot be asked by batch; only openai:NAME can"),
        ({"model": "python:a:b"}, "--model: 'python:a:b' cannot be asked by batch"),
        ({"model": "openai:"}, "--model: 'openai:' lacks the part after the colon"),
        ({"judge": "deepeval:ollama/x"}, "--judge: 'deepeval:ollama/x' cannot be asked by batch"),
        ({"judge": "nobody"}, "--judge: 'nobody' names no known kind of judge"),
        ({"samples": "0"}, "--samples = '0': "),
        ({"select": "wieght > 3"}, "--select: unknown field 'wieght'"),
        ({"select": "weight > 99"}, "the selection holds no case"),
        ({"cases": "nowhere"}, "--cases: "),
        ({"store": "."}, "cannot use this file as the store"),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("command", ["export", "ingest"])
def test_wrong_settings_are_one_line_and_exit_4(desk: Desk, changes: dict[str, str], said: str, command: str):
    desk.settings |= changes
    desk.write(["{}"])
    result = getattr(desk, command)()
    assert said in result.stderr
    assert "csedb-" not in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.exit_code == 4


def test_no_model_configured_and_a_fresh_run_are_errors(desk: Desk):
    assert "a batch reaches the run through the store" in desk.export("--fresh").stderr
    del desk.settings["model"]
    assert desk.export().exit_code == 4


def test_files_that_cannot_be_read_or_written_exit_4(desk: Desk):
    (desk.place / "empty.jsonl").write_text("\n")
    assert "the file holds no results" in desk.ingest(files=("empty.jsonl",)).stderr
    for name in ("missing.jsonl", "."):
        result = desk.ingest(files=(name,))
        assert f"{name}: cannot read the results: " in result.stderr
        assert result.exit_code == 4
    result = desk._csedb("export", "--out", "no/such/directory/in.jsonl")
    assert "cannot write the batch: No such file or directory" in result.stderr
    assert result.exit_code == 4


def test_every_option_on_the_page_about_batches_exists():
    page = (ROOT / "docs" / "BATCH.md").read_text(encoding="utf-8")
    known = {option for command in (export_batch, ingest_batch) for param in command.params for option in param.opts}
    known |= {option_name(key) for key in Settings.model_fields}
    own = "\n".join(line for line in page.splitlines() if "curl" not in line and "vllm run-batch" not in line)
    assert set(re.findall(r"--[a-z][a-z-]*", own)) <= known
