"""What the tests of imports and exports share: the command line, and rows to import."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from csedb_tests.cli import main

DATA = Path(__file__).parent / "data" / "imports"


def csedb(*arguments: object) -> Result:
    """Run ``csedb`` with the arguments, here."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def write_lines(path: Path, rows: Iterable[Any]) -> Path:
    """Write rows as JSON Lines; a text is written as it is."""
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def report_of(directory: Path) -> dict[str, Any]:
    """The report of an import."""
    found: dict[str, Any] = json.loads((directory / "import-report.json").read_text(encoding="utf-8"))
    return found


def noted(directory: Path, kind: str) -> dict[str, list[str]]:
    """What an import's report says of one kind: the places by sentence."""
    return {note["what"]: note["places"] for note in report_of(directory)[kind]}


def health_row(number: int, **changes: Any) -> dict[str, Any]:
    """A row in HealthBench's shape."""
    row = {
        "prompt_id": f"row-{number}",
        "prompt": [{"role": "user", "content": f"What helps against cough number {number}?"}],
        "rubrics": [{"criterion": f"Names remedy {number}.", "points": 5, "tags": []}],
        "example_tags": ["theme:communication"],
    }
    return {**row, **changes}
