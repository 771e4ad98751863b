"""The JSON Schema of ``run.json``: ``python -m csedb_tests.run_schema > docs/run.schema.json``."""

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from csedb_tests.json_schema import DIALECT
from csedb_tests.record import SCHEMA_VERSION, RunRecord

_DESCRIPTION = (
    f"The record of one run, schema_version {SCHEMA_VERSION}. Within a version, fields are only added, each with a "
    "default; a reader ignores what it does not know. Exemplars, patterns and tags of the bank are left out."
)


def run_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``run.json`` as this version writes it."""
    schema = TypeAdapter(RunRecord).json_schema()
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    schema["required"] = [*schema["required"], "schema_version"]
    return {"$schema": DIALECT, **schema, "title": "csedb-tests run record", "description": _DESCRIPTION}


def schema_text() -> str:
    """The schema as the text of `docs/run.schema.json`."""
    return json.dumps(run_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
