"""The second opinion, and what people make of it: review.csv, ``csedb review``, and the next run."""

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.bank import load_bank
from csedb_tests.cli import main
from csedb_tests.record import RunRecord, read_record
from csedb_tests.reports.csv_cells import safe_cell
from csedb_tests.reports.review_csv import COLUMNS
from csedb_tests.reports.run_files import write_run_files
from csedb_tests.reviews import Review, add_review, gathered, read_reviews, subject_of
from tests.conftest import MINI_BANK, Gate
from tests.jurors import CASES, VERAPAMIL, Jury, only_sample, panel, run_of, verdict_on
from tests.loopback import LoopbackServer

CASE = load_bank(MINI_BANK).case(VERAPAMIL)
CONTRARY = {"withhold-verapamil": "not_met", "alternative": "not_met", "gives-verapamil": "met"}
"""The opposite of what the pattern judge says of the safe exemplar."""
Rerun = Callable[..., RunRecord]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def jury() -> Jury:
    return Jury({"a": dict(CONTRARY)})


@pytest.fixture
def run(tmp_path: Path, jury: Jury):
    """Run the one case with a judge that contradicts the pattern judge, and write the run's files."""
    with LoopbackServer(jury) as server:

        def once(**options: Any) -> RunRecord:
            settings: dict[str, Any] = {"judge": "openai:a", "cross_check": True, "run_id": "run", **options}
            settings.setdefault("unqualified_judge", True)
            record = run_of(tmp_path, server.url, **settings)
            write_run_files(record, tmp_path / "reports" / record.run_id)
            return record

        yield once


def review(*options: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["review", *options], input=typed)


def by_adams(typed: str) -> Result:
    return review("reports/run", "--reviewer", "Dr Adams", typed=typed)


def kept() -> list[dict[str, str]]:
    path = Path(".csedb/reviews.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def rows(text: str | None = None) -> list[dict[str, str]]:
    text = Path("reports/run/review.csv").read_bytes().decode("utf-8-sig") if text is None else text
    return list(csv.DictReader(io.StringIO(text, newline="")))


# The second opinion


def test_disagreements_are_listed_and_change_no_gate(gate: Gate, run_record, pytester: pytest.Pytester):
    jury = Jury({"a": {"alternative": "not_met", "withhold-verapamil": "cannot_tell"}})
    with LoopbackServer(jury) as server:
        judge = ["--csedb-judge=openai:a", f"--csedb-judge-base-url={server.url}", "-m", "safety"]
        alone = gate(*judge)
        before = run_record()
        checked = gate(*judge, "--csedb-cross-check")
        record = run_record()
        found = (pytester.path / "reports/run/review.csv").read_bytes().decode("utf-8-sig")
        gate(*judge, "--csedb-cross-check", "-n", "2")
        with_workers = run_record()
    assert len(jury.asked) == 4
    assert (alone.ret, record["gates"], record["decision"]) == (checked.ret, before["gates"], before["decision"])
    assert before["judging"]["cross_check"] is None
    compared = sum(len(case.statements) for case in CASES if case.track == "safety") - 1
    assert record["judging"]["cross_check"] == {"compared": compared, "disagreements": 1, "settled": 0, "undecided": 1}
    line = (
        f"second opinion (pattern judge, decides nothing): 1 disagreement in {compared} verdicts; "
        "1 left undecided by the judge; see review.csv and csedb review"
    )
    checked.stdout.fnmatch_lines([line])
    assert line in (pytester.path / "reports/run/summary.md").read_text().replace("\\_", "_")
    assert line in (pytester.path / "reports/run/report.html").read_text()
    assert [(row["case"], row["statement"], row["why"]) for row in rows(found)] == [
        (VERAPAMIL, "withhold-verapamil", "undecided"),
        (VERAPAMIL, "alternative", "disagreement"),
    ]
    assert (with_workers["cases"], with_workers["judging"]) == (record["cases"], record["judging"])


def test_a_row_holds_what_a_reviewer_has_to_know(run: Rerun):
    run()
    row = rows()[2]
    assert tuple(row) == COLUMNS
    assert (row["case"], row["sample"], row["statement"]) == (VERAPAMIL, "1", "gives-verapamil")
    assert (row["kind"], row["why"]) == ("never-event", "disagreement")
    assert row["statement_text"] == CASE.never[0].text
    assert row["question_end"].endswith("rate control?")
    assert row["answer_quote"] == CASE.exemplars.safe
    assert (row["judge_verdict"], row["judge_reason"], row["pattern_verdict"]) == ("met", "says a", "not_met")
    assert row["judge_quote"] in (CASE.exemplars.safe or "")
    assert [row[name] for name in ("verdict", "reviewer", "date", "comment")] == [""] * 4


def test_two_that_agree_leave_nothing_to_review(run: Rerun, jury: Jury):
    jury.jurors["a"] = {}
    run()
    assert rows() == []
    assert by_adams("").output.startswith("run: 0 disagreements, 0 undecided verdicts\n0 verdicts settled")


def test_the_pattern_judge_is_no_second_opinion_on_itself(gate: Gate):
    result = gate("--csedb-cross-check")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --csedb-cross-check: the pattern judge cannot check itself; name another*"])


def test_without_a_cross_check_no_review_file_is_written(run: Rerun):
    run(cross_check=False)
    assert not Path("reports/run/review.csv").exists()


FORMULAS = [
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "＝1+1",
    " =1+1",
    "\n-1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_an_answer_that_is_a_formula_stays_a_text(run: Rerun, answers, text: str):
    run(model=answers({VERAPAMIL: text}))
    for cell in (cell for row in rows() for cell in row.values()):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert rows()[0]["answer_quote"].startswith("'")


@given(st.text())
def test_no_cell_begins_a_formula_or_breaks_a_line(text: str):
    cell = safe_cell(text)
    assert not cell[:1] or cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert len(cell.splitlines()) <= 1


# Settling them in the terminal


def test_a_reviewer_sees_everything_and_settles_with_one_key_each(run: Rerun):
    run()
    result = by_adams("n\nx\nm it names amiodarone\ns\n")
    assert result.exit_code == 0
    for text in (
        "run: 3 disagreements, 0 undecided verdicts",
        f"--- 1 of 3: {VERAPAMIL}, answer 1: the two judges disagree ---",
        "    A man of 71 with an ejection fraction of 25%",
        "STATEMENT (rule withhold-verapamil)",
        "judge: not met",
        "pattern judge: met",
        "m met, n not met, c cannot tell (a comment may follow), s skip, q quit: ",
        "2 verdicts settled by Dr Adams, 1 left; kept in",
    ):
        assert text in result.output
    assert ">>>" in result.output
    assert [(line["statement"], line["verdict"], line["comment"]) for line in kept()] == [
        ("withhold-verapamil", "not_met", ""),
        ("alternative", "met", "it names amiodarone"),
    ]
    assert all(line["reviewer"] == "Dr Adams" and line["date"].endswith("+00:00") for line in kept())


def test_quitting_half_way_keeps_what_was_said_and_the_next_time_goes_on(run: Rerun):
    run()
    by_adams("m\nq\n")
    assert [line["statement"] for line in kept()] == ["withhold-verapamil"]
    result = by_adams("m\n")  # and then the input ends
    assert f"--- 1 of 2: {VERAPAMIL}, answer 1" in result.output
    assert [line["statement"] for line in kept()] == ["withhold-verapamil", "alternative"]
    assert by_adams("n\n").output.count("STATEMENT") == 1
    assert by_adams("").output.startswith("run: 0 disagreements")


# A program started in the background may have been told to ignore Ctrl-C, and hands that on to those it starts.
HEEDING_INTERRUPTS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from csedb_tests.cli import main; main()"
)


def test_ctrl_c_loses_nothing(run: Rerun):
    run()
    command = [sys.executable, "-c", HEEDING_INTERRUPTS, "review", "run", "--reviewer", "Dr Adams"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("m\n")
        process.stdin.flush()
        while "--- 2 of 3" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert "1 verdicts settled by Dr Adams, 2 left" in rest
    assert process.returncode == 0
    assert [line["statement"] for line in kept()] == ["withhold-verapamil"]


def test_model_text_cannot_steer_the_reviewer_s_terminal(run: Rerun, answers):
    run(model=answers({VERAPAMIL: "Avoid verapamil.\x1b[2J\x1b]0;title\x07 \u202egnp"}))
    output = by_adams("q\n").output
    assert not {"\x1b", "\x07", "\u202e"} & set(output)
    assert "\\u001b[2J" in output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "csedb review: name a RUN, or a filled-in file with --from"),
        (("reports/run",), "--reviewer: whose verdicts are these?"),
        (("reports/run", "--reviewer", "  "), "--reviewer: '  ' is not a name"),
        (("reports/run", "--reviewer", "A\x1b[2J"), "--reviewer: 'A\\x1b[2J' is not a name"),
        (("reports/none", "--reviewer", "A"), "reports/none: no run here"),
    ],
)
def test_a_review_that_cannot_begin_is_one_clear_line(run: Rerun, options: tuple[str, ...], said: str):
    run()
    result = review(*options, typed="m\n")
    assert result.exit_code == 4
    assert said in result.output
    assert kept() == []


# What settled verdicts do


def settle_all(run: Rerun) -> None:
    run()
    by_adams("m\nm\nn\n")


def test_the_review_decides_the_run_anew_beside_it_and_leaves_it_as_it_was(run: Rerun):
    run()
    before = Path("reports/run/run.json").read_bytes()
    result = by_adams("m\nm\nn\n")
    assert Path("reports/run/run.json").read_bytes() == before
    record = read_record(Path("reports/run-reviewed/run.json"))
    assert (record.cases[0].status, record.decision, record.judging.reviewed) == ("passed", "pass", 3)
    assert record.judging.cross_check is not None
    assert (record.judging.cross_check.disagreements, record.judging.cross_check.settled) == (3, 3)
    assert "review: 3 verdicts settled by reviewers, in place of the judge's own" in result.output
    assert "decision: PASS" in result.output
    assert "gives-verapamil: not\\_met, reviewed by Dr Adams on " in Path("reports/run-reviewed/summary.md").read_text()


def test_the_next_run_puts_settled_verdicts_in_the_judge_s_place(run: Rerun, jury: Jury):
    assert run().cases[0].status == "failed"
    by_adams("m\nm\nn\n")
    jury.asked.clear()
    record = run()
    assert jury.asked == []
    assert (record.cases[0].status, record.decision) == ("passed", "pass")
    sample = only_sample(record)
    assert {v.statement: v.value for v in sample.replaced} == CONTRARY
    assert {v.value for v in sample.second_opinion} == {"met", "not_met"}
    found = verdict_on(record, "alternative")
    assert found.source.startswith("reviewed by Dr Adams on 20")
    assert found.quote in (CASE.exemplars.safe or "")
    assert rows() == []


def test_the_judge_s_own_verdict_stays_in_the_store(run: Rerun, jury: Jury):
    settle_all(run)
    Path(".csedb/reviews.jsonl").unlink()
    jury.asked.clear()
    record = run()
    assert jury.asked == []
    assert record.cases[0].status == "failed"
    assert {v.statement: v.value for v in only_sample(record).verdicts} == CONTRARY


def test_a_review_can_fail_a_case_that_the_judge_passed_and_every_report_says_whose_it_is(
    gate: Gate, pytester, run_record
):
    safe = next(case for case in CASES if case.id == VERAPAMIL)
    event = safe.never[0]
    subject = subject_of(safe, event, safe.exemplars.safe or "")
    path = pytester.path / "reviews.jsonl"
    add_review(path, Review(subject, "met", "A. Smith", "2025-03-31T10:00:00+00:00", "reads as advice to give it"))
    jury = Jury({"a": {}})
    with LoopbackServer(jury) as server:
        judge = ["--csedb-judge=openai:a", f"--csedb-judge-base-url={server.url}", f"--csedb-reviews={path.name}"]
        result = gate(*judge, "-m", "safety", "-n", "2")
    assert result.ret == 10
    source = "reviewed by A. Smith on 2025-03-31; the judge said not_met"
    result.stdout.fnmatch_lines(
        [
            "    never-event OCCURRED  gives-verapamil: *",
            "        reads as advice to give it",
            f"        {source}",
            f"{VERAPAMIL}: gives-verapamil: *",
            "review: 1 verdict settled by reviewers, in place of the judge's own",
        ]
    )
    reports = pytester.path / "reports" / "run"
    assert source in (reports / "summary.md").read_text().replace("\\_", "_")
    assert source in (reports / "report.html").read_text()
    verdicts = next(c for c in run_record()["cases"] if c["case"]["id"] == VERAPAMIL)["samples"][0]["verdicts"]
    assert verdicts[-1]["source"] == "reviewed by A. Smith on 2025-03-31"


def test_an_edited_answer_voids_the_review(run: Rerun, answers):
    run(model=answers({VERAPAMIL: "Do not give verapamil. Use amiodarone."}))
    by_adams("m\nm\nn\n")
    assert run(model=answers({VERAPAMIL: "Do not give verapamil. Use amiodarone."})).judging.reviewed == 3
    assert run(model=answers({VERAPAMIL: "Do not give verapamil! Use amiodarone."})).judging.reviewed == 0


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("Names a suitable alternative", "Names a fitting alternative", 2),
        ("May I give him verapamil", "Must I give him verapamil", 0),
        ("title: Verapamil asked for", "title: Verapamil wanted", 3),
    ],
    ids=["statement", "question", "title"],
)
def test_a_review_holds_for_one_statement_and_one_question(run: Rerun, tmp_path: Path, old: str, new: str, left: int):
    settle_all(run)
    bank = tmp_path / "bank"
    subprocess.run(["cp", "-r", str(MINI_BANK), str(bank)], check=True)
    file = bank / "cardiology" / "S-03.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    answer = CASE.exemplars.safe or ""
    found = read_reviews(Path(".csedb/reviews.jsonl"))
    changed = load_bank(bank).case(VERAPAMIL)
    assert sum(found.settled(subject_of(changed, s, answer)) is not None for s in changed.statements) == left


def test_a_tie_of_a_panel_is_settled_by_review(run: Rerun, jury: Jury):
    jury.jurors |= {"a": {}, "b": {"alternative": "not_met"}}
    assert run(judge=panel("a", "b"), cross_check=False).cases[0].status == "error"
    result = by_adams("m\n")
    assert "run: 0 disagreements, 1 undecided verdicts (the run had no second opinion" in result.output
    assert run(judge=panel("a", "b"), cross_check=False).cases[0].status == "passed"


# Several reviewers


def one_subject_reviewed(*given: tuple[str, str]) -> str:
    subject = subject_of(CASE, CASE.rules[0], "answer")
    found = gathered(
        Review(subject, verdict, name, f"2025-01-0{day}")  # type: ignore[arg-type]
        for day, (name, verdict) in enumerate(given, start=1)
    ).settled(subject)
    assert found is not None
    return f"{found.value}: {found.source}"


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ([("A", "met")], "met: reviewed by A on 2025-01-01"),
        ([("A", "met"), ("A", "not_met")], "not_met: reviewed by A on 2025-01-02"),
        ([("A", "met"), ("B", "met")], "met: reviewed by B on 2025-01-02"),
        (
            [("B", "met"), ("A", "not_met")],
            "cannot_tell: reviewers disagree: A not_met on 2025-01-02, B met on 2025-01-01",
        ),
        ([("A", "met"), ("B", "not_met"), ("A", "not_met")], "not_met: reviewed by A on 2025-01-03"),
    ],
)
def test_a_later_word_of_one_counts_and_two_at_odds_settle_nothing(given: Sequence[tuple[str, str]], settled: str):
    assert one_subject_reviewed(*given) == settled


# By spreadsheet


def filled(*verdicts: dict[str, str], dialect: str = ",", encoding: str = "utf-8-sig") -> Path:
    """The run's review.csv with these cells filled in, as a spreadsheet writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=dialect)
    writer.writeheader()
    writer.writerows({**row, **cells} for row, cells in zip(rows(), verdicts, strict=False))
    path = Path("filled.csv")
    path.write_bytes(out.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("dialect", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_filled_in_file_is_read_back(run: Rerun, dialect: str, encoding: str):
    run()
    cells = {"reviewer": "Dr Brontë", "date": "2025-03-31"}
    path = filled(
        {**cells, "verdict": "met", "comment": "clear"}, {}, {"verdict": "Not met"}, dialect=dialect, encoding=encoding
    )
    result = review("--from", str(path), "--reviewer", "Dr Adams")
    assert (result.exit_code, result.output.split(";")[0]) == (0, "2 verdicts in filled.csv, 2 of them new")
    assert [(line["statement"], line["verdict"], line["reviewer"], line["comment"]) for line in kept()] == [
        ("withhold-verapamil", "met", "Dr Brontë", "clear"),
        ("gives-verapamil", "not_met", "Dr Adams", ""),
    ]
    assert kept()[0]["date"] == "2025-03-31"


def test_a_file_read_twice_adds_nothing(run: Rerun):
    run()
    path = filled({"verdict": "met"}, {"verdict": "met"})
    review("--from", str(path), "--reviewer", "A")
    assert "2 verdicts in filled.csv, 0 of them new" in review("--from", str(path), "--reviewer", "A").output
    assert len(kept()) == 2


def test_reading_a_file_for_a_run_decides_it_anew(run: Rerun):
    run()
    path = filled({"verdict": "met"}, {"verdict": "m"}, {"verdict": "n"})
    result = review("run", "--from", str(path), "--reviewer", "A")
    assert "decision: PASS" in result.output
    assert read_record(Path("reports/run-reviewed/run.json")).judging.reviewed == 3


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"verdict": "yes"}, "filled.csv:3: verdict is 'yes'; allowed: met, not_met, cannot_tell, or empty"),
        ({"verdict": "met", "reviewer": ""}, "filled.csv:3: a verdict without a reviewer"),
        ({"verdict": "met", "reviewer": "A", "date": "31.3.25"}, "filled.csv:3: date is '31.3.25'; it must read like"),
        (
            {"verdict": "met", "reviewer": "A", "answer_sha256": "1E+10"},
            "filled.csv:3: answer_sha256 is '1E+10', which is no SHA-256; leave this column as it was",
        ),
    ],
)
def test_one_wrong_row_names_its_place_and_nothing_is_kept(run: Rerun, cells: dict[str, str], said: str):
    run()
    result = review("--from", str(filled({"verdict": "met", "reviewer": "A"}, cells)))
    assert result.exit_code == 4
    assert said in result.output
    assert kept() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"case,verdict\nx,met\n", "wrong.csv:1: lacks the columns statement, answer_sha256, subject_sha256"),
        (b"", "wrong.csv:1: lacks the columns case"),
        ("case,ümlaut\n".encode("cp1252"), "wrong.csv: not UTF-8 (byte 5); save it as 'CSV UTF-8'"),
        (None, "wrong.csv: cannot read the review: No such file"),
    ],
)
def test_a_file_that_is_no_review_is_one_clear_line(tmp_path: Path, content: bytes | None, said: str):
    if content is not None:
        (tmp_path / "wrong.csv").write_bytes(content)
    result = review("--from", "wrong.csv", "--reviewer", "A")
    assert result.exit_code == 4
    assert said in result.output


# The file of reviews


def test_a_damaged_reviews_file_stops_the_run_with_file_and_line(gate: Gate, pytester: pytest.Pytester):
    (pytester.path / ".csedb").mkdir()
    (pytester.path / ".csedb" / "reviews.jsonl").write_text('{"case": "x"}\n')
    result = gate()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *reviews.jsonl:1: 'statement' must be a text, not None"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "maybe"}, "verdict is 'maybe'; allowed: met, not_met, cannot_tell"),
        ({"date": "soon"}, "date is 'soon'; it must read like 2025-03-31"),
        ({"reviewer": " "}, "reviewer: ' ' is not a name"),
        ({"by": "me"}, "unknown key 'by'"),
    ],
)
def test_a_line_that_was_edited_wrongly_names_its_place(run: Rerun, change: dict[str, str], said: str):
    run()
    by_adams("m\nq\n")
    Path(".csedb/reviews.jsonl").write_text(json.dumps(kept()[0] | change))
    result = by_adams("m\n")
    assert result.exit_code == 4
    assert f"reviews.jsonl:1: {said}" in result.output


def test_a_file_whose_last_line_lacks_its_break_is_added_to_and_not_damaged(run: Rerun):
    run()
    by_adams("m\nq\n")
    path = Path(".csedb/reviews.jsonl")
    path.write_text(path.read_text().rstrip("\n"))
    by_adams("m\nq\n")
    assert [line["statement"] for line in kept()] == ["withhold-verapamil", "alternative"]
