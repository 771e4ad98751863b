"""The JSON Schema of a bank file, for editors: `python -m csedb_tests.json_schema > docs/case.schema.json`.

An editor with a YAML language server takes it from a first line in the bank file:
`# yaml-language-server: $schema=../../docs/case.schema.json`.
"""

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from csedb_tests.catalogue import catalogue
from csedb_tests.schema import CaseEntry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def bank_file_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `<department>/<criterion>.yaml` in a bank with the shipped catalogue."""
    schema = TypeAdapter(list[CaseEntry]).json_schema()
    tags = schema["$defs"]["CaseEntry"]["properties"]["population"]["items"]
    tags["enum"] = list(catalogue().populations)
    head = {"$schema": DIALECT, "title": "csedb-tests bank file", "description": "The cases of one cell of the bank."}
    return {**head, **schema, "minItems": 1}


def schema_text() -> str:
    """The schema as the text of `docs/case.schema.json`."""
    return json.dumps(bank_file_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
