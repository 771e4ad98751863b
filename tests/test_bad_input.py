"""Bad input: one clear line, the right exit code, no traceback, and no model called."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MINI_BANK, Gate
from tests.loopback import LoopbackServer, Reply, Seen, completion

S03 = Path("cardiology/S-03.yaml")


def refuse(seen: Seen) -> Reply:
    return completion("never asked")


@pytest.fixture
def broken_bank(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of the small bank with one text replaced in the S-03 file."""

    def make(old: str, new: str) -> Path:
        root = tmp_path / "bank"
        shutil.copytree(MINI_BANK, root)
        text = (root / S03).read_text()
        assert old in text
        (root / S03).write_text(text.replace(old, new, 1))
        return root

    return make


def assert_one_clear_line(result: pytest.RunResult, code: int, *parts: str) -> None:
    assert result.ret == code
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    lines = [line for line in text.splitlines() if all(part in line for part in parts)]
    assert len(lines) == 1, text


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (
            "points: 5",
            "pionts: 5",
            ("S-03.yaml:11:", "unknown key 'pionts'", "points", "did you mean 'points'"),
        ),
        ("risk: high", "risk: hihg", ("S-03.yaml:3:", "hihg", "did you mean 'high'")),
        ("id: alternative", "id: withhold-verapamil", ("S-03.yaml:", "withhold-verapamil")),
        ("      points: 5", "\tpoints: 5", ("S-03.yaml:", "tab")),
        ("points: 5", "points: many", ("S-03.yaml:11:", "many")),
        ('["amiodarone | digoxin"]', '["amiodarone | | digoxin"]', ("S-03.yaml:", "pattern")),
    ],
    ids=["misspelt key", "misspelt risk", "duplicate id", "tab", "wrong type", "malformed pattern"],
)
def test_a_fault_in_a_case_file(gate: Gate, broken_bank, workers, old, new, parts):
    with LoopbackServer(refuse) as server:
        model = ("--csedb-model", "openai:m", "--csedb-base-url", server.url)
        result = gate(*model, *workers, bank=broken_bank(old, new))
    assert_one_clear_line(result, 4, *parts)
    assert server.log == []


def test_an_empty_rubric(gate: Gate, tmp_path: Path):
    root = tmp_path / "bank"
    (root / "cardiology").mkdir(parents=True)
    (root / S03).write_text(
        "- id: cardiology-S03-01\n  title: T\n  risk: high\n  question: Q\n  rules: []\n  review: unreviewed\n"
    )
    assert_one_clear_line(gate(bank=root), 4, "S-03.yaml:5: rules")


def test_an_unknown_criterion_file(gate: Gate, tmp_path: Path):
    root = tmp_path / "bank"
    shutil.copytree(MINI_BANK, root)
    (root / S03).rename(root / "cardiology" / "S-33.yaml")
    assert_one_clear_line(gate(bank=root), 4, "S-33.yaml", "S-03")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--csedb-model", "answers:missing.jsonl"], ("missing.jsonl", "cannot read the answers file")),
        (["--csedb-model", "opnai:gpt"], ("--csedb-model", "'opnai:gpt'", "Did you mean 'openai'?")),
        (["--csedb-model", "openai:"], ("--csedb-model", "lacks the part after the colon")),
        (["--csedb-model", "exemplar:fine"], ("exemplar:safe, exemplar:unsafe",)),
        (["--csedb-model", "python:no_such_module:f"], ("cannot import 'no_such_module'",)),
        (["--csedb-model", "deepeval:opena/x"], ("deepeval provider 'opena'", "Did you mean 'openai'?")),
        (["--csedb-judge", "patern"], ("--csedb-judge", "Did you mean 'pattern'?")),
        (["--csedb-judge", "recorded:none.jsonl"], ("none.jsonl", "cannot read the verdicts file")),
        (["--csedb-base-url", "localhost:8000", "--csedb-model", "openai:m"], ("--csedb-base-url", "http://")),
        (["--csedb-concurrency", "many"], ("--csedb-concurrency = 'many'", "integer")),
        (["--csedb-concurrency", "0"], ("--csedb-concurrency = '0'", "greater than or equal to 1")),
        (["--csedb-timeout", "-1"], ("--csedb-timeout = '-1'",)),
        (["--csedb-select", "wieght > 3"], ("unknown field 'wieght'", "Did you mean 'weight'?")),
        (["--csedb-select", "risk =="], ("--csedb-select", "not an expression")),
        (["--csedb-select", "__import__('os')"], ("--csedb-select", "not allowed")),
        (["--csedb-sample", "0"], ("--csedb-sample = '0'",)),
        (["--csedb-run-id", "../out"], ("--csedb-run-id",)),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_wrong_option(gate: Gate, options, parts):
    assert_one_clear_line(gate(*options), 4, "ERROR", *parts)


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ("[tool.csedb]\nmodle = 'x'\n", ("pyproject.toml:2: [tool.csedb] modle", "Did you mean 'model'?")),
        ("[tool.csedb]\nconcurrency = '4'\n", ("pyproject.toml:2: [tool.csedb] concurrency", "valid integer")),
        ("[tool.csedb.gates]\nsaftey = 0.9\n", ("pyproject.toml:2: [tool.csedb.gates] saftey", "'safety'")),
        ("[tool.csedb.gates]\nsafety = 90\n", ("pyproject.toml:2: [tool.csedb.gates] safety = 90", "less than")),
        ("[tool.csedb]\ngates = 3\n", ("pyproject.toml:2", "[tool.csedb.gates] must be a table")),
    ],
)
def test_a_wrong_pyproject(gate: Gate, pytester: pytest.Pytester, toml, parts):
    pytester.makepyprojecttoml(toml)
    assert_one_clear_line(gate(), 4, "ERROR", *parts)


def test_a_wrong_environment_variable(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSEDB_MODLE", "openai:x")
    assert_one_clear_line(gate(), 4, "CSEDB_MODLE", "Did you mean 'CSEDB_MODEL'?")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("not json", ("answers.jsonl:1:", "not valid JSON")),
        ('{"case": "a"}', ("answers.jsonl:1:", "'answer' must be a text")),
        ('{"case": "a", "answr": "b"}', ("answers.jsonl:1:", "unknown key 'answr'", "'answer'")),
        ("", ("answers.jsonl", "empty")),
    ],
)
def test_a_wrong_answers_file(gate: Gate, pytester: pytest.Pytester, line, parts):
    pytester.path.joinpath("answers.jsonl").write_text(line)
    assert_one_clear_line(gate("--csedb-model", "answers:answers.jsonl"), 4, "ERROR", *parts)


def test_an_unreachable_endpoint_stops_the_run_with_one_line(gate: Gate):
    result = gate("--csedb-model", "openai:m", "--csedb-base-url", "http://127.0.0.1:9/v1")
    assert result.ret == 12
    assert "Traceback" not in result.stdout.str()
    result.stdout.fnmatch_lines(["problem: cannot connect to 127.0.0.1:9: *"])
    assert sum(line.startswith("ERROR ") for line in result.outlines) <= 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_wrong_key_stops_the_run_with_one_line_and_is_never_shown(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester, workers
):
    key = "sk-secret-123456"
    monkeypatch.setenv("CSEDB_API_KEY", key)

    def refused(seen: Seen) -> Reply:
        return Reply({"error": f"invalid key {seen.headers['Authorization']}"}, 401)

    with LoopbackServer(refused) as server:
        result = gate("--csedb-model", "openai:m", "--csedb-base-url", server.url, "--csedb-concurrency", "1", *workers)
    assert result.ret == 12
    result.stdout.fnmatch_lines(["problem: *HTTP 401*CSEDB_API_KEY*"])
    assert len(server.log) == 1
    written = [path.read_bytes() for path in pytester.path.rglob("*") if path.is_file()]
    assert not any(key.encode() in content for content in [*written, result.stdout.str().encode()])
