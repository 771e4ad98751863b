"""Answers, verdicts, cases, deepeval's test cases and tables, as other programs and this one read them."""

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from csedb_tests.answer import Answer
from csedb_tests.bank import load_bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.exporters.recordings import verdict_rows
from csedb_tests.judges.recorded import load_verdicts
from csedb_tests.record import RunRecord
from csedb_tests.schema import Case
from tests.conftest import MINI_BANK, ROOT, Gate
from tests.finished_runs import bad, finished_run, lost, saved
from tests.imports import DATA, csedb, read_lines
from tests.loopback import BankScript, LoopbackServer

ODD = 'He said: "stop", then\nleft,\r\n=1+1 \U0001f600\u2028end'


@pytest.fixture
def record() -> RunRecord:
    """Six cases: one with a never-event and a difficult answer, one lost, four good."""
    ids = [case.id for case in load_bank(MINI_BANK).cases]
    return finished_run({ids[0]: bad(ODD), ids[1]: lost("the endpoint was down")})


@pytest.fixture
def run(record: RunRecord, tmp_path: Path) -> Path:
    return saved(record, tmp_path)


def test_a_run_s_answers_and_verdicts_give_the_same_scores_when_read_again(gate: Gate, run_record, tmp_path: Path):
    answers, verdicts = tmp_path / "a.jsonl", tmp_path / "v.jsonl"
    gate("--csedb-model=exemplar:unsafe")
    first = run_record()
    assert "wrote" in csedb("export", "answers", "reports/run", "--out", answers).output
    csedb("export", "verdicts", "reports/run", "--out", verdicts)
    gate(f"--csedb-model=answers:{answers}", f"--csedb-judge=recorded:{verdicts}")
    again = run_record()
    assert [case["score"] for case in again["cases"]] == [case["score"] for case in first["cases"]]
    said = [[(v["value"], v["quote"], v["reason"]) for v in c["samples"][0]["verdicts"]] for c in first["cases"]]
    repeated = [[(v["value"], v["quote"], v["reason"]) for v in c["samples"][0]["verdicts"]] for c in again["cases"]]
    assert repeated == said
    assert any(quote for case in said for _, quote, _ in case)


def test_an_answer_that_could_not_be_judged_is_unscored_with_its_reason_when_read_again(gate, run_record, tmp_path):
    record = finished_run()
    first = record.cases[0]
    sample = replace(first.samples[0], verdicts=(), error="the judge was down")
    broken = replace(record, cases=(replace(first, samples=(sample,), error="the judge was down"), *record.cases[1:]))
    file = saved(broken, tmp_path)
    csedb("export", "answers", file, "--out", tmp_path / "a.jsonl")
    csedb("export", "verdicts", file, "--out", tmp_path / "v.jsonl")
    result = gate(f"--csedb-model=answers:{tmp_path / 'a.jsonl'}", f"--csedb-judge=recorded:{tmp_path / 'v.jsonl'}")
    assert "the judge was down" in result.stdout.str()
    found = {case["case"]["id"]: case["status"] for case in run_record()["cases"]}
    assert found[first.case.id] == "error"
    assert list(found.values()).count("passed") == 5


def test_the_store_gives_what_a_run_of_these_settings_would_find(gate: Gate, run_record, tmp_path: Path, monkeypatch):
    with LoopbackServer(BankScript(load_bank(MINI_BANK).cases)) as server:
        settings = {"model": "openai:m", "judge": "openai:j", "base-url": server.url, "judge-base-url": server.url}
        gate(*(f"--csedb-{key}={value}" for key, value in settings.items()))
        online = run_record()
        calls = len(server.log)
        options = [f"--{key}={value}" for key, value in settings.items()] + [f"--cases={MINI_BANK}"]
        answers, verdicts = tmp_path / "a.jsonl", tmp_path / "v.jsonl"
        assert "6 answers" in csedb("export", "answers", "--out", answers, *options).output
        assert "6 verdicts" in csedb("export", "verdicts", "--out", verdicts, *options).output
        assert len(server.log) == calls
    gate(f"--csedb-model=answers:{answers}", f"--csedb-judge=recorded:{verdicts}")
    assert [case["score"] for case in run_record()["cases"]] == [case["score"] for case in online["cases"]]
    other = csedb("export", "answers", "--out", tmp_path / "b.jsonl", *options, "--seed=3")
    assert other.exit_code == 4
    assert "the store, for these settings, holds no answers; nothing was written" in other.output
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"reasons": {"r": 3}', "reasons.r must be a text, not 3"),
        ('"error": 5', "'error' must be a text"),
        ('"quotes": {"r": "invented"}', "'quotes' need 'answer_sha256', the answer that they stand in"),
    ],
)
def test_a_faulty_recorded_verdict_is_one_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "v.jsonl").write_text(f'{{"case": "x", "verdicts": {{}}, {text}}}')
    with pytest.raises(ConfigError, match=rf"v\.jsonl:1: .*{re.escape(message)}"):
        load_verdicts(tmp_path / "v.jsonl")


def test_a_run_without_answers_exports_none(tmp_path: Path):
    ids = [case.id for case in load_bank(MINI_BANK).cases]
    run = saved(finished_run({case_id: lost("down") for case_id in ids}), tmp_path)
    result = csedb("export", "answers", run, "--out", tmp_path / "a.jsonl")
    assert (result.exit_code, (tmp_path / "a.jsonl").exists()) == (4, False)
    assert "holds no answers; nothing was written" in result.output


def test_a_review_is_named_in_the_reasons(record: RunRecord):
    from csedb_tests.exporters.recordings import of_run

    first = record.cases[0]
    verdicts = tuple(replace(v, source="reviewed by K on 2026-01-02") for v in first.samples[0].verdicts)
    reviewed = replace(first, samples=(replace(first.samples[0], answer=Answer("x"), verdicts=verdicts),))
    (row,) = verdict_rows(of_run(replace(record, cases=(reviewed,))))
    assert all(reason.startswith("reviewed by K on 2026-01-02") for reason in row["reasons"].values())


# Cases


def judged(case: Case) -> object:
    turns = [(turn.role, turn.content) for turn in case.turns]
    rules = [(rule.text, rule.points, rule.tags) for rule in case.rules]
    never = [(event.text, event.hazard) for event in case.never]
    return turns, rules, never, case.risk, case.department, case.criterion


@pytest.mark.parametrize("bank", [MINI_BANK, ROOT / "cases"], ids=["mini", "shipped"])
def test_a_bank_exported_and_imported_asks_and_judges_the_same(tmp_path: Path, bank: Path):
    csedb("export", "cases", "--cases", bank, "--out", tmp_path / "rows.jsonl")
    assert csedb("import", "healthbench", tmp_path / "rows.jsonl", "--into", tmp_path / "again").exit_code == 0
    again = load_bank(tmp_path / "again").by_id
    assert {key: judged(case) for key, case in again.items()} == {c.id: judged(c) for c in load_bank(bank).cases}


def test_an_imported_bank_exports_its_own_rows_again(tmp_path: Path):
    csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank")
    csedb("export", "cases", "--cases", tmp_path / "bank", "--out", tmp_path / "rows.jsonl")
    rows = {row["prompt_id"]: row for row in read_lines(tmp_path / "rows.jsonl")}
    for source in read_lines(DATA / "healthbench.jsonl"):
        row = rows[source["prompt_id"]]
        assert row["prompt"] == source["prompt"]
        assert row["rubrics"] == [{**rubric, "criterion": rubric["criterion"].strip()} for rubric in source["rubrics"]]
        assert set(source["example_tags"]) <= set(row["example_tags"])


# deepeval, tables


def test_deepeval_s_own_loader_reads_the_test_cases(run: Path, record: RunRecord, tmp_path: Path):
    out = tmp_path / "cases.json"
    assert "wrote" in csedb("export", "deepeval", run, "--out", out).output
    code = (
        "import sys, json\n"
        "from deepeval.dataset import EvaluationDataset\n"
        "found = EvaluationDataset()\n"
        "found.add_test_cases_from_json_file(sys.argv[1], 'input', 'actual_output', 'expected_output', 'context',\n"
        "    'retrieval_context', 'tools_called', 'expected_tools')\n"
        "json.dump([[case.input, case.actual_output] for case in found.test_cases], open(sys.argv[2], 'w'))\n"
    )
    env = {"DEEPEVAL_TELEMETRY_OPT_OUT": "1", "DEEPEVAL_DISABLE_DOTENV": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, out, tmp_path / "read.json"], check=True, cwd=tmp_path, env=env)
    answered = [found for found in record.cases if found.samples[0].answer is not None]
    read = json.loads((tmp_path / "read.json").read_text())
    assert [answer for _, answer in read] == [found.samples[0].answer.text for found in answered]  # type: ignore[union-attr]
    assert all(found.case.turns[-1].content in question for found, (question, _) in zip(answered, read, strict=True))
    assert ODD in [answer for _, answer in read]


def test_a_conversation_keeps_its_speakers_in_a_test_case(tmp_path: Path):
    from csedb_tests.exporters.deepeval_cases import conversation

    csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank")
    case = next(case for case in load_bank(tmp_path / "bank").cases if len(case.turns) == 3)
    heads = [part.split(":\n")[0] for part in conversation(case).split("\n\n")]
    assert heads == ["user", "assistant", "user"]


def test_the_csv_table_has_a_row_per_answer_and_an_unknown_score_is_empty(run: Path, record: RunRecord, tmp_path: Path):
    assert "6 rows" in csedb("export", "table", run, "--out", tmp_path / "t.csv").output
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["case"]: row for row in csv.DictReader(file)}
    first, second, third = (found.case.id for found in record.cases[:3])
    assert rows[first]["answer"] == ODD  # unchanged, for programs
    assert (rows[first]["score"], rows[first]["status"]) == ("0.0", "failed")
    assert (rows[second]["score"], rows[second]["error"]) == ("", "the endpoint was down")
    assert rows[third]["score"] == "1.0"
    assert json.loads(rows[third]["verdicts"]) == {v.statement: v.value for v in record.cases[2].samples[0].verdicts}


def test_a_table_in_another_form_is_refused(run: Path, tmp_path: Path):
    result = csedb("export", "table", run, "--out", tmp_path / "t.ods")
    assert (result.exit_code, result.output.strip()) == (
        4,
        f"ERROR: {tmp_path / 't.ods'}: a table is written as .csv or .parquet, as the file's name says",
    )


def test_without_pyarrow_the_error_says_how_to_install_it(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
    result = csedb("export", "table", run, "--out", tmp_path / "t.parquet")
    assert result.exit_code == 4
    assert "pip install 'csedb-tests[parquet]'" in result.output
    assert list(tmp_path.glob("t.*")) == []


def test_parquet_holds_what_the_csv_holds(run: Path, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    csedb("export", "table", run, "--out", tmp_path / "t.parquet")
    csedb("export", "table", run, "--out", tmp_path / "t.csv")
    rows = parquet.read_table(tmp_path / "t.parquet").to_pylist()
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows] == texts


def test_an_export_that_cannot_be_written_is_one_line_and_leaves_nothing(run: Path, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    result = csedb("export", "table", run, "--out", tmp_path / "file" / "t.csv")
    assert result.exit_code == 4
    assert "cannot be written" in result.output
