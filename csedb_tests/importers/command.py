"""``csedb import``: one import from beginning to end."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError
from csedb_tests.importers.intake import Choices, Intake
from csedb_tests.importers.staging import REPORT, Staging

INCOMPLETE = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import was asked for. ``options`` are the format's own, for the report."""

    form: str
    source: Path
    into: Path
    name: str
    choices: Choices
    options: Mapping[str, Any]
    replace: bool = False


def run_import(asked: Asked, take: Callable[[Intake], None], echo: Callable[[str], None]) -> int:
    """Import, print the report, and give the exit code: 0, or 1 where something was not taken. Raises ConfigError."""
    if not asked.source.exists():
        raise ConfigError(f"{asked.source}: there is no such file or directory")
    staging = Staging(asked.into, replace=asked.replace)
    staging.begin()
    try:
        intake = Intake(staging.root, asked.name, asked.choices)
        take(intake)
        intake.finish()
        staging.publish(_about(asked) | intake.report.as_json())
    except BaseException:
        staging.abandon()
        raise
    for line in (*intake.report.lines(), *_next_steps(asked, intake)):
        echo(line)
    return INCOMPLETE if intake.report.lost else 0


def _about(asked: Asked) -> dict[str, Any]:
    return {
        "format": asked.form,
        "source": asked.source.name,
        "sha256": {path.name: _sha256(path) for path in [asked.source] if path.is_file()},
        "options": {key: value for key, value in asked.options.items() if value not in (None, (), False)},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _next_steps(asked: Asked, intake: Intake) -> Iterator[str]:
    lost = intake.report.lost
    yield (
        f"{lost} things were not taken; {asked.into / REPORT} names them all" if lost else f"see {asked.into / REPORT}"
    )
    command = f"pytest --csedb-cases {asked.into}"
    names = sorted(name for name in intake.recordings.rows if name.startswith("answers/"))
    if names:
        command += f" --csedb-model answers:{asked.into / names[0]}"
        verdicts = names[0].replace("answers/", "verdicts/", 1)
        judge = f"recorded:{asked.into / verdicts}" if verdicts in intake.recordings.rows else "openai:NAME"
        command += f" --csedb-judge {judge}"
    yield f"run it: {command}"
