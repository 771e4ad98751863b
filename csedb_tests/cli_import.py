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


@import_.command("csedb-release")
@_SOURCE
@_common
@click.option("--panel", help="Which panel, where the source holds several.")
@click.option("--evaluation", metavar="eN", help="Which evaluation, or all: each becomes an answer to every case.")
@click.option("--answer-key", metavar="KEY", help="Key that holds an answer; {model} stands for mg, ds, o3 ...")
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML or TOML file with this and further keys.")
@click.option("--no-answers", is_flag=True, help="Take cases and verdicts only.")
@plain_errors
def import_csedb_release(
    *,
    source: Path,
    panel: str | None,
    evaluation: str | None,
    answer_key: str | None,
    mapping: Path | None,
    no_answers: bool,
    **common: Any,
) -> None:
    """CSEDB's public release: its folder, one panel of it, or one file eN_wp.json."""
    from csedb_tests.importers.closed_file import read_closed
    from csedb_tests.importers.csedb_names import ReleaseKeys
    from csedb_tests.importers.csedb_release import ReleaseTaker, take_release

    keys = read_closed(mapping, ReleaseKeys) if mapping else ReleaseKeys()
    if answer_key:
        keys = keys.model_copy(update={"answer": answer_key})

    def take(intake: Any) -> None:
        take_release(source, panel, evaluation, ReleaseTaker(intake, keys, answers=not no_answers))

    options = {"panel": panel, "evaluation": evaluation, "keys": keys.model_dump(), "no_answers": no_answers}
    _run("csedb-release", source, common, options, take)


_MAPPING = click.option(
    "--mapping", type=click.Path(path_type=Path), required=True, help="YAML or TOML file: which column holds what."
)


@import_.command("csv")
@_SOURCE
@_MAPPING
@_common
@plain_errors
def import_csv(source: Path, mapping: Path, **common: Any) -> None:
    """A CSV file (or .tsv, .gz) whose first line names the columns."""
    from csedb_tests.importers.rows import csv_rows

    _run_table("csv", source, mapping, common, lambda found, report: csv_rows(source, report, found.delimiter))


@import_.command("jsonl")
@_SOURCE
@_MAPPING
@_common
@plain_errors
def import_jsonl(source: Path, mapping: Path, **common: Any) -> None:
    """A JSON Lines file (or one JSON array, or .gz) of objects."""
    from csedb_tests.importers.rows import json_rows

    _run_table("jsonl", source, mapping, common, lambda _, report: json_rows(source, report))


@import_.command("xlsx")
@_SOURCE
@_MAPPING
@_common
@plain_errors
def import_xlsx(source: Path, mapping: Path, **common: Any) -> None:
    """A sheet of an Excel workbook whose first row names the columns; needs openpyxl (csedb-tests[xlsx])."""
    from csedb_tests.importers.rows import xlsx_rows

    _run_table("xlsx", source, mapping, common, lambda found, report: xlsx_rows(source, report, found.sheet))


def _run_table(form: str, source: Path, mapping: Path, common: dict[str, Any], rows: Any) -> None:
    from csedb_tests.importers.closed_file import read_closed
    from csedb_tests.importers.mapping import Mapping
    from csedb_tests.importers.tables import TableTaker

    found = read_closed(mapping, Mapping)
    common["name"] = common["name"] or found.name
    options = {"mapping": found.model_dump(mode="json", exclude_defaults=True)}

    def take(intake: Any) -> None:
        TableTaker(found, intake, sparse=form == "jsonl").take(rows(found, intake.report))

    _run(form, source, common, options, take)


def _run(form: str, source: Path, common: dict[str, Any], options: dict[str, Any], take: Any) -> None:
    from csedb_tests.importers.command import Asked, run_import
    from csedb_tests.importers.intake import Choices

    choices = Choices(common["risk"], common["language"])
    shown = {**options, "risk": choices.risk, "language": choices.language}
    asked = Asked(form, source, common["into"], common["name"] or form, choices, shown, common["replace"])
    sys.exit(run_import(asked, take, click.echo))
