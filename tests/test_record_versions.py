"""The form of run.json: its JSON Schema, and reading what other versions wrote."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter, ValidationError

from csedb_tests.cli import main
from csedb_tests.config_errors import ConfigError
from csedb_tests.record import SCHEMA_VERSION, parse_record, read_record
from csedb_tests.record_versions import STEPS, read_versioned
from csedb_tests.run_schema import run_schema, schema_text
from tests.conftest import ROOT, Gate
from tests.finished_runs import bad, finished_run, lost, saved
from tests.schema_check import fits


def test_the_exported_schema_is_current():
    """Renew it with ``python -m csedb_tests.run_schema > docs/run.schema.json``."""
    assert (ROOT / "docs" / "run.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_record_of_a_run_fits_the_schema(gate: Gate, run_record):
    gate("--csedb-model=exemplar:unsafe", "--csedb-samples=2")
    assert fits(run_record(), run_schema(), run_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "maybe"},
        {"schema_version": 2},
        {"schema_version": "1"},
        {"cases": [{}]},
        {"exit_code": True},
        {"gates": None},
        {"scores": {"safety (macro)": "high"}},
    ],
)
def test_something_else_does_not_fit_the_schema(tmp_path: Path, change: dict[str, Any]):
    data = json.loads(saved(finished_run(), tmp_path).read_text())
    assert fits(data, run_schema(), run_schema())
    assert not fits(data | change, run_schema(), run_schema())


def test_a_record_reads_back_as_it_was(tmp_path: Path):
    record = finished_run({"cardiology-S03-01": bad("Give it."), "pediatrics-S05-01": lost("timed out")})
    again = read_record(saved(record, tmp_path))
    assert (again.gates, again.scores, again.decision) == (record.gates, record.scores, record.decision)
    assert [case.score for case in again.cases] == [case.score for case in record.cases]


# Steps between versions, on a small record of its own: what the real ones will go through.


@dataclass(frozen=True)
class Third:
    name: str
    size: int
    schema_version: int


def rename(record: dict[str, Any]) -> dict[str, Any]:
    return {"name": record["title"]}


def measure(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "size": len(record["name"])}


def read_third(data: dict[str, Any]) -> Third:
    return read_versioned(TypeAdapter(Third), json.dumps(data).encode(), 3, {1: rename, 2: measure})


@pytest.mark.parametrize(
    "data",
    [
        {"schema_version": 1, "title": "four"},
        {"schema_version": 2, "name": "four"},
        {"schema_version": 3, "name": "four", "size": 4},
    ],
)
def test_an_older_record_goes_through_every_step_that_it_lacks(data: dict[str, Any]):
    assert read_third(data) == Third("four", 4, 3)


def test_a_version_that_no_step_starts_from_was_never_written():
    with pytest.raises(ConfigError, match=r"schema_version = 0: no such version was ever written \(1 to 3 were\)"):
        read_third({"schema_version": 0, "title": "four"})


@pytest.mark.parametrize("version", [None, "1", True, 1.5])
def test_a_version_that_is_no_number_is_no_record(version: object):
    with pytest.raises(ValidationError):
        read_third({"schema_version": version, "title": "four"})


def test_every_version_before_this_one_has_its_step():
    assert set(STEPS) == set(range(1, SCHEMA_VERSION))


def test_a_record_of_a_newer_version_is_refused_in_one_sentence(tmp_path: Path):
    file = saved(finished_run(), tmp_path)
    data = json.loads(file.read_text())
    file.write_text(json.dumps(data | {"schema_version": SCHEMA_VERSION + 1, "cases": "in some new form"}))
    result = CliRunner().invoke(main, ["report", str(file)])
    assert result.exit_code == 4
    assert result.output == (
        f"ERROR: {file}: schema_version = {SCHEMA_VERSION + 1}: this record was written by a newer csedb-tests, which "
        f"this one cannot read (it reads up to {SCHEMA_VERSION}); update csedb-tests\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "schema_version: Field required"), ("no json", "Invalid JSON"), ("[1]", "should be an object")],
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, text: str, said: str):
    file = tmp_path / "run.json"
    file.write_text(text)
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 4
    assert result.output.startswith(f"ERROR: {file}: not a run record of this version: ")
    assert said in result.output
    assert result.output.count("\n") == 1


def test_what_this_version_does_not_know_is_left_alone(tmp_path: Path):
    data = json.loads(saved(finished_run(), tmp_path).read_text())
    assert parse_record(json.dumps(data | {"added_later": 1}).encode()).run_id == "run"
