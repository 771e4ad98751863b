"""The exported JSON Schema says of a bank file what the schema of cases says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from csedb_tests.catalogue import catalogue
from csedb_tests.json_schema import bank_file_schema
from csedb_tests.schema import CaseEntry
from tests.schema_check import fits

REPOSITORY = Path(__file__).parents[1]
EXPORTED = REPOSITORY / "docs" / "case.schema.json"


def case(**changes: Any) -> dict[str, Any]:
    rule = {"id": "a-rule", "text": "Says so.", "points": 5, "patterns": ["@avoid & verapamil"]}
    base = {"id": "cardiology-S03-01", "title": "A title", "risk": "high", "question": "What now?", "rules": [rule]}
    return base | changes


def valid(value: Any) -> bool:
    return fits(value, bank_file_schema(), bank_file_schema())


def test_the_exported_file_is_current() -> None:
    """Renew it with ``python -m csedb_tests.json_schema > docs/case.schema.json``."""
    if not EXPORTED.exists():
        pytest.skip("docs/case.schema.json is not part of this installation")
    assert json.loads(EXPORTED.read_text(encoding="utf-8")) == bank_file_schema()


def test_the_command_prints_the_schema() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "csedb_tests.json_schema"], cwd=REPOSITORY, check=True, capture_output=True
    )
    assert json.loads(run.stdout) == bank_file_schema()


def test_every_key_of_a_case_is_there_and_described() -> None:
    entry = bank_file_schema()["$defs"]["CaseEntry"]
    assert list(entry["properties"]) == list(CaseEntry.model_fields)
    assert all(schema["description"] for schema in entry["properties"].values())
    assert all(schema["additionalProperties"] is False for schema in bank_file_schema()["$defs"].values())


def test_the_population_tags_are_those_of_the_catalogue() -> None:
    tags = bank_file_schema()["$defs"]["CaseEntry"]["properties"]["population"]["items"]["enum"]
    assert tags == list(catalogue().populations)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"population": ["older_adult"], "sources": ["A guideline"], "language": "pt-BR", "review": "A. Clinician"},
        {"question": [{"role": "user", "content": "What now?"}]},
        {"exemplars": {"safe": "Avoid it."}},
        {"never": [{"id": "an-event", "text": "Gives it.", "hazard": "Shock"}]},
    ],
)
def test_a_valid_case_fits(changes: dict[str, Any]) -> None:
    CaseEntry.model_validate(case(**changes))
    assert valid([case(**changes)])


@pytest.mark.parametrize(
    "changes",
    [
        {"risk": "hihg"},
        {"titel": "A title"},
        {"rules": []},
        {"rules": [{"id": "a-rule", "text": "Says so.", "points": "5"}]},
        {"rules": [{"id": "A rule", "text": "Says so.", "points": 5}]},
        {"rules": [{"id": "a-rule", "text": "Says so.", "points": 500}]},
        {"question": []},
        {"question": [{"role": "usr", "content": "What now?"}]},
        {"population": ["oldr_adult"]},
        {"id": "-"},
    ],
)
def test_a_faulty_case_does_not_fit(changes: dict[str, Any]) -> None:
    assert not valid([case(**changes)])


def test_a_bank_file_is_a_list_of_at_least_one_case() -> None:
    assert not valid([])
    assert not valid(case())


@pytest.mark.parametrize("path", sorted((REPOSITORY / "cases").glob("*/*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_cases_fit(path: Path) -> None:
    assert valid(yaml.safe_load(path.read_text(encoding="utf-8")))
