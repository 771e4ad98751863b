"""The ``csedb import`` commands: other formats into a bank with answers and verdicts."""

import sys
from pathlib import Path
from typing import Any

import click

from csedb_tests.command_errors import plain_errors

_SOURCE = click.argument("source", type=click.Path(path_type=Path))


def _common(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--into", type=click.Path(path_type=Path), required=True, help="Directory to make."),
            click.option("--name", help="The bank's name (default: the format's)."),
            click.option("--risk", type=click.Choice(["high", "medium", "low"]), help="Risk of every case."),
            click.option("--language", metavar="TAG", help="Language of every case, such as en or pt-BR."),
            click.option("--replace", is_flag=True, help="Replace DIR although it was changed since its import."),
        )
    ):
        command = option(command)
    return command


@click.group("import")
def import_() -> None:
    """Make a bank, with answers and verdicts where there are some, from another format."""


@import_.command("healthbench")
@_SOURCE
@_common
@plain_errors
def import_healthbench(source: Path, **common: Any) -> None:
    """HealthBench rows: a JSON Lines file, plain or .gz."""
    from csedb_tests.importers.healthbench import take_healthbench

    _run("healthbench", source, common, {}, lambda intake: take_healthbench(source, intake))


@import_.command("kqa")
@_SOURCE
@_common
@click.option("--must-points", type=click.FloatRange(1, 100), default=5, show_default=True)
@click.option("--nice-points", type=click.FloatRange(0, 100), default=1, show_default=True, help="0 leaves them out.")
@plain_errors
def import_kqa(source: Path, must_points: float, nice_points: float, **common: Any) -> None:
    """K-QA's questions with answers: a JSON Lines file, plain or .gz."""
    from csedb_tests.importers.kqa import Points, take_kqa

    options = {"must_points": must_points, "nice_points": nice_points}
    _run("kqa", source, common, options, lambda intake: take_kqa(source, intake, Points(must_points, nice_points)))


def _run(form: str, source: Path, common: dict[str, Any], options: dict[str, Any], take: Any) -> None:
    from csedb_tests.importers.command import Asked, run_import
    from csedb_tests.importers.intake import Choices

    choices = Choices(common["risk"], common["language"])
    shown = {**options, "risk": choices.risk, "language": choices.language}
    asked = Asked(form, source, common["into"], common["name"] or form, choices, shown, common["replace"])
    sys.exit(run_import(asked, take, click.echo))
