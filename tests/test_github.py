"""--csedb-github: annotations and the step's summary; no text of a model can be a command to the runner."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from csedb_tests.record import RunRecord, Waived
from csedb_tests.reports.github import (
    LARGEST_SUMMARY,
    MOST_ANNOTATIONS,
    Annotation,
    annotations,
    ends_blank,
    inert,
    step_summary,
)
from pytest_csedb.github import InertStream
from tests.conftest import Gate
from tests.finished_runs import bad, finished_run, lost

VERAPAMIL = "cardiology-S03-01"
ATTACK = "\n".join(
    [
        "Start verapamil.",
        "::error::forged",
        "  ::add-mask::a",
        "\t::stop-commands::x",
        "##[error]forged",
        "text ##[set-env name=A]b",
        "\x1b[0m::warning::forged",
        "\u2003::notice::forged",
        "a\r::error::forged",
    ]
)


def commands(text: str) -> list[str]:
    """The lines that a runner takes for commands, as actions/runner reads them: ActionCommand.TryParseV2, TryParse."""
    lines = re.split(r"\r\n|\r|\n", text)
    return [line for line in lines if re.match(r"\s*::[^:]*::", line) or re.search(r"##\[[^\]]*\]", line)]


# What a runner could take for a command


pieces = st.lists(
    st.one_of(
        st.sampled_from(["::", "::error::", ":", "##[", "#", "[error]", "\n", "\r", "\r\n", " ", "\t", "\u2003", "a"]),
        st.text(max_size=3),
    )
).map("".join)


@given(pieces)
@example("::error::x")
@example("##[error]x")
@example("###[error]x")
@example("\n \r::error::x")
def test_no_text_holds_a_command_once_it_is_inert(text: str):
    assert commands(inert(text)) == []


@given(st.lists(pieces))
def test_a_stream_is_inert_however_its_text_is_cut_at_lines(texts: list[str]):
    class Kept:
        def __init__(self) -> None:
            self.text = ""

        def write(self, text: str) -> None:
            self.text += text

    kept = Kept()
    stream = InertStream(kept)
    for text in texts:
        stream.write("  ")
        stream.write(f"{text}\n")
    assert commands(kept.text) == []


@given(st.text(alphabet="ab :\n#[]").filter(lambda text: "::" not in text and "##[" not in text))
def test_ordinary_text_stays_as_it_is(text: str):
    assert inert(text) == text


def test_test_ids_keep_their_colons():
    line = "FAILED test_safety.py::test_safety[cardiology-S03-01]"
    assert inert(line) == line
    assert inert("::x", at_line_start=False) == "::x"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [("", True, True), ("", False, False), ("a", True, False), ("a\n  ", False, True), (" ", False, False)],
)
def test_the_end_of_a_text_says_whether_the_next_begins_a_line(text: str, before: bool, after: bool):
    assert ends_blank(text, at_line_start=before) is after


def test_a_megabyte_of_line_breaks_costs_no_time():
    assert inert("\n" * 1_000_000 + "::error::x").endswith("\\::error::x")


# Annotations


def test_an_annotation_is_escaped_as_the_runner_reads_it():
    annotation = Annotation("error", "a: b, c%", "100% ::x\nnext")
    assert annotation.command == "::error title=a%3A b%2C c%25::100%25 ::x next"


def test_the_decision_comes_first_then_never_events_then_gates():
    found = annotations(finished_run({VERAPAMIL: bad("Start verapamil.")}))
    assert [(a.level, a.title) for a in found[:3]] == [
        ("error", "Clinical safety gate"),
        ("error", "Never-event"),
        ("error", "Gate safety"),
    ]
    assert found[0].message == "NO-GO (the full bank, 6 cases); failed: safety, overall, high-risk safety, never-events"
    assert found[1].message.endswith('Hazard: Cardiogenic shock. "Start verapamil."')


def test_a_run_that_passes_is_a_notice_and_nothing_else():
    assert [(a.level, a.title) for a in annotations(finished_run())] == [("notice", "Clinical safety gate")]


def test_what_is_undecided_is_a_warning_beside_the_decision():
    found = annotations(finished_run({VERAPAMIL: lost("timed out")}))
    assert found[0].level == "error"  # it blocks all the same
    assert found[-1] == Annotation("warning", "Unscored cases", f"1: {VERAPAMIL}")
    assert {a.level for a in found[1:]} == {"warning"}


def test_a_waived_gate_is_a_warning_that_names_who_waived_it():
    record = finished_run({"cardiology-E09-01": bad("No."), "cardiology-E09-02": bad("No.")})
    waived = tuple(
        replace(gate, waiver=Waived("Dr Adams", "known", "2026-02-01")) if gate.name == "effectiveness" else gate
        for gate in record.gates
    )
    found = {a.title: a for a in annotations(replace(record, gates=waived))}
    assert found["Gate effectiveness"].level == "warning"
    assert "waived until 2026-02-01 by Dr Adams" in found["Gate effectiveness"].message
    assert set(found) == {"Clinical safety gate", "Gate effectiveness"}


def test_of_more_than_github_shows_the_last_one_counts_the_rest():
    one = finished_run({VERAPAMIL: bad("Start verapamil.")})
    found = [a for a in annotations(replace(one, cases=one.cases * 20)) if a.level == "error"]
    assert len(found) == MOST_ANNOTATIONS
    # The decision, 20 never-events, and the failed gates; nine are shown.
    failed = sum(gate.decision == "fail" for gate in one.gates)
    assert found[-1].message == f"{1 + 20 + failed - 9} more in the run's summary.md and hazards.csv"


@given(st.text())
def test_no_answer_adds_a_command_to_the_annotations(text: str):
    record = finished_run({VERAPAMIL: bad(text, text)}, problems=(text,))
    lines = "".join(f"{annotation.command}\n" for annotation in annotations(record))
    assert len(commands(lines)) == len(annotations(record)) == len(lines.splitlines())


# The step's summary


def test_a_summary_that_is_too_long_is_cut_at_a_line_and_says_so():
    record = finished_run({VERAPAMIL: bad("x")})
    whole = step_summary(record, {}, LARGEST_SUMMARY)
    cut = step_summary(record, {}, 900)
    assert len(cut.encode()) <= 900
    kept, note = cut.split("\n\n**Cut here:**")
    assert whole.startswith(kept + "\n")
    assert "summary.md holds the rest" in note


@pytest.mark.parametrize("room", [0, -5, 10])
def test_where_there_is_no_room_nothing_is_written(room: int):
    assert step_summary(finished_run(), {}, room) == ""


def test_the_links_of_the_step_lead_to_its_artifacts():
    env = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}
    assert "(https://github.com/a/b/actions/runs/7#artifacts)" in step_summary(finished_run(), env, LARGEST_SUMMARY)
    assert "](" not in step_summary(finished_run(), {}, LARGEST_SUMMARY)


# Whole runs


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "step.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_the_only_commands_of_an_attacked_run_are_its_own(
    gate: Gate, answers: Callable[[dict[str, str]], str], summary: Path, pytester: pytest.Pytester, workers
):
    pytester.makepyfile(
        test_own=f"""
        def test_own():
            print({ATTACK!r})
            assert {ATTACK!r} == ""
        """
    )
    result = gate("--csedb-github", "--csedb-model", answers({VERAPAMIL: ATTACK}), "test_own.py", *workers)
    assert result.ret == 10
    assert "forged" in result.stdout.str()
    found = commands(result.stdout.str())
    assert found[0].startswith("::error title=Clinical safety gate::NO-GO (the full bank, 6 cases); failed: ")
    assert [line for line in found if not re.match(r"::(error|warning) title=[A-Z][A-Za-z -]*::", line)] == []
    lines = result.outlines
    assert lines[-len(found) :] == found
    assert summary.read_text(encoding="utf-8").startswith("before\n# Clinical safety gate: NO-GO")


def test_without_the_option_nothing_is_said_to_github(gate: Gate, summary: Path):
    result = gate("--csedb-model=exemplar:unsafe")
    assert commands(result.stdout.str()) == []
    assert summary.read_text() == "before\n"


def test_a_step_summary_that_is_full_keeps_what_it_has(gate: Gate, summary: Path):
    full = "x" * LARGEST_SUMMARY
    summary.write_text(full)
    assert gate("--csedb-github").ret == 0
    assert summary.read_text() == full


@pytest.mark.parametrize(
    ("value", "said"), [("", "GITHUB_STEP_SUMMARY is not set"), ("/nowhere/step.md", "/nowhere/step.md: No such file*")]
)
def test_a_missing_step_summary_is_said_and_changes_no_decision(gate: Gate, monkeypatch, value: str, said: str):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", value)
    result = gate("--csedb-github")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            f"csedb: no step summary: {said}",
        ]
    )
    result.stdout.fnmatch_lines(["::notice title=Clinical safety gate::GO (the full bank, 6 cases)"])


def test_a_run_without_a_record_says_nothing(gate: Gate, summary: Path):
    result = gate("--csedb-github", "-k", "nothing-like-it")
    assert result.ret == 5
    assert commands(result.stdout.str()) == []


def record_with(problem: str) -> RunRecord:
    return finished_run(problems=(problem,))


def test_a_problem_of_the_run_stands_with_its_decision():
    (found,) = annotations(record_with("the store failed"))
    assert found.message == "GO (the full bank, 6 cases); the store failed"
