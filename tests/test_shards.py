"""Parts of a run, and putting them together again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.cli import main
from csedb_tests.selection import Shard
from tests.conftest import Gate


@given(st.sets(st.text(min_size=1), max_size=60), st.integers(1, 9))
def test_shards_are_disjoint_complete_and_even(ids: set[str], total: int):
    parts = [Shard(i, total).of(ids) for i in range(1, total + 1)]
    assert sorted(case_id for part in parts for case_id in part) == sorted(ids)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def merge(*runs: Path, into: Path) -> Result:
    return CliRunner().invoke(main, ["merge", *map(str, runs), "--into", str(into)])


@pytest.fixture
def shards(gate: Gate, pytester: pytest.Pytester):
    """Run the selection in parts; gives the report directories."""

    def run(total: int, *options: str, parts: range | None = None) -> list[Path]:
        found = []
        for i in parts or range(1, total + 1):
            result = gate(f"--csedb-shard={i}/{total}", f"--csedb-run-id=part-{i}", *options)
            result.stdout.fnmatch_lines([f"decision: * (shard {i}/{total}, * of 6 cases: csedb merge decides)"])
            found.append(pytester.path / "reports" / f"part-{i}")
        return found

    return run


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
@pytest.mark.parametrize(("kind", "code"), [("safe", 0), ("unsafe", 10)])
def test_merged_shards_equal_one_run(gate: Gate, run_record, shards, pytester, kind, code, workers):
    model = f"--csedb-model=exemplar:{kind}"
    gate(model)
    whole = run_record()
    result = merge(*shards(2, model, *workers), into=pytester.path / "merged")
    assert result.exit_code == code
    merged = json.loads((pytester.path / "merged" / "run.json").read_text())
    by_id = {case["case"]["id"]: case for case in merged["cases"]}
    assert [by_id[case["case"]["id"]] for case in whole["cases"]] == whole["cases"]
    assert len(by_id) == len(whole["cases"])
    assert merged["gates"] == whole["gates"]


def test_a_complete_shard_exits_0_and_claims_no_decision(gate: Gate, run_record):
    result = gate("--csedb-shard=1/3", "-m", "effectiveness or safety")
    assert result.ret == 0
    assert run_record()["decision"] == "inconclusive"


def test_a_never_event_in_a_shard_fails_at_once(gate: Gate):
    result = gate("--csedb-shard=1/1", "--csedb-model=exemplar:unsafe")
    assert result.ret == 10


def test_a_missing_shard_is_named(shards, pytester: pytest.Pytester):
    result = merge(*shards(3, parts=range(1, 3)), into=pytester.path / "merged")
    assert result.exit_code == 4
    assert "2 cases of the selection are missing (shard 3/3 is not there)" in result.output


def test_the_same_shard_twice_is_an_overlap(shards, pytester: pytest.Pytester):
    first, _ = shards(2)
    result = merge(first, first, into=pytester.path / "merged")
    assert result.exit_code == 4
    assert "3 cases stand in several of the runs" in result.output


def test_shards_of_different_models_do_not_merge(shards, pytester: pytest.Pytester):
    (first,) = shards(2, parts=range(1, 2))
    (second,) = shards(2, "--csedb-model=exemplar:unsafe", parts=range(2, 3))
    result = merge(first, second, into=pytester.path / "merged")
    assert result.exit_code == 4
    assert "differ in their model" in result.output


def test_a_whole_run_is_no_shard(gate: Gate, pytester: pytest.Pytester):
    gate()
    result = merge(pytester.path / "reports" / "run", into=pytester.path / "merged")
    assert "is not a shard" in result.output
    assert result.exit_code == 4


@pytest.mark.parametrize("text", ["0/2", "3/2", "x", "1/0", "1"])
def test_a_wrong_shard(gate: Gate, text: str):
    result = gate(f"--csedb-shard={text}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --csedb-shard*"])
