"""The benchmark command, end to end and small: every section runs, and its table can be read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.bank import write_answers, write_bank
from csedb_tests.bank import load_bank
from csedb_tests.bank_reader import read_contents
from csedb_tests.bank_tree import read_tree
from csedb_tests.judges.pattern import PatternJudge
from tests.conftest import ROOT

ROW = re.compile(r"(http|faults|offline|growth|judge) .*?\d\.\d\d\s+\d+$")


def benchmarks(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_quick_run_measures_every_section():
    result = benchmarks("--quick")
    assert result.returncode == 0, result.stderr
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["section", "what", "cases", "seconds", "ratio", "of", "ms/case", "MB"]
    assert all(ROW.match(row) for row in rows)
    assert {row.split()[0] for row in rows} == {"http", "faults", "offline", "growth", "judge"}


@pytest.mark.parametrize("option", ["--only=nothing", "--cases=many"])
def test_an_option_that_makes_no_sense_is_refused(option: str):
    result = benchmarks(option)
    assert result.returncode == 2
    assert option.partition("=")[2] in result.stderr


def test_the_synthetic_bank_is_a_bank_of_the_size_asked_for_without_anchors(tmp_path: Path):
    write_bank(tmp_path, 800)
    contents = read_contents(read_tree(tmp_path))
    assert len(contents.cases) == 800
    assert not re.search(r"[&*]id\d", "".join(path.read_text() for path in tmp_path.rglob("*.yaml")))


def test_the_synthetic_exemplars_pass_and_fail_as_they_should(tmp_path: Path):
    write_bank(tmp_path, 30)
    judge = PatternJudge()
    for case in load_bank(tmp_path).cases:
        safe = [verdict.value for verdict in judge.verdicts(case, case.exemplars.safe)]
        unsafe = [verdict.value for verdict in judge.verdicts(case, case.exemplars.unsafe)]
        assert safe == ["met", "met", "met", "not_met"]
        assert unsafe == ["not_met", "not_met", "not_met", "met"]


def test_each_tenth_answer_fails_when_asked_for(tmp_path: Path):
    write_bank(tmp_path / "bank", 40)
    write_answers(tmp_path / "bank", tmp_path / "answers.jsonl", failing=10)
    assert (tmp_path / "answers.jsonl").read_text().count("no reason for concern") == 4
