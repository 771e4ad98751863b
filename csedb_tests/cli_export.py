"""The ``csedb export`` commands but for batches: answers, verdicts, cases, deepeval's test cases, a table."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click

from csedb_tests.command_errors import plain_errors
from csedb_tests.config_errors import ConfigError
from csedb_tests.settings import load_settings

Wrap = Callable[[Any], Any]
_OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")


def _recording(group: click.Group, name: str, help_: str, settings_options: Wrap, unprefixed_errors: Wrap) -> None:
    """Add ``export answers`` or ``export verdicts``."""

    @group.command(name, help=help_)
    @click.argument("run", required=False)
    @_OUT
    @settings_options
    @plain_errors
    @unprefixed_errors
    def command(run: str | None, out: Path, **settings: Any) -> None:
        from csedb_tests.exporters.files import write_json_lines
        from csedb_tests.exporters.recordings import answer_rows, verdict_rows

        found, model = _given(run, settings)
        rows = _some(answer_rows(found, model) if name == "answers" else verdict_rows(found), name, run)
        click.echo(f"wrote {out}: {write_json_lines(out, rows)} {name}")


def _some(rows: Iterator[Any], name: str, run: str | None) -> Iterator[Any]:
    """The rows, of which there is at least one. Raises ConfigError."""
    first = next(rows, None)
    if first is None:
        where = f"the run {run}" if run is not None else "the store, for these settings,"
        raise ConfigError(f"{where} holds no {name}; nothing was written")
    return chain([first], rows)


def _given(run: str | None, settings: dict[str, Any]) -> tuple[Iterator[Any], str]:
    """What a run, or else the store, holds, and the model it is of."""
    from csedb_tests.exporters.recordings import of_run

    if run is not None:
        record = _record(run)
        return of_run(record), str(record.identity.model.get("model", ""))
    return _stored(settings)


def _stored(settings: dict[str, Any]) -> tuple[Iterator[Any], str]:
    from csedb_tests.batch import selected
    from csedb_tests.exporters.recordings import of_store
    from csedb_tests.plan import make_plan
    from csedb_tests.sources import build_judge, build_model
    from csedb_tests.store import Store

    plan = make_plan(settings, Path.cwd())
    if not plan.store.is_file():
        raise ConfigError(f"{plan.store}: there is no store here; name a RUN, or the store with --store")
    model, judge = build_model(plan.settings, plan.directory), build_judge(plan.settings, plan.directory)
    cases = selected(plan.bank.cases, plan.settings)

    def found() -> Iterator[Any]:
        store = Store(plan.store)
        try:
            yield from of_store(store, model, judge, cases, plan.settings.samples)
        finally:
            store.close()

    return found(), str(model.identity["model"])


@click.command("cases")
@_OUT
@click.option("--cases", help="Directory of the case bank (default: the shipped bank).")
@plain_errors
def export_cases(out: Path, cases: str | None) -> None:
    """Write the bank's cases as HealthBench-style JSON Lines."""
    from csedb_tests.bank import default_bank_root, load_bank
    from csedb_tests.exporters.cases import healthbench_rows
    from csedb_tests.exporters.files import write_json_lines

    settings = load_settings({"cases": cases}, Path.cwd())
    bank = load_bank(Path.cwd() / settings.cases if settings.cases else default_bank_root())
    click.echo(f"wrote {out}: {write_json_lines(out, healthbench_rows(bank.cases))} cases")
    never = sum(len(case.never) for case in bank.cases)
    if never:
        click.echo(f"{never} never-events became rubrics of negative points: HealthBench's form has no veto")


@click.command("deepeval")
@click.argument("run")
@_OUT
@plain_errors
def export_deepeval(run: str, out: Path) -> None:
    """Write the results of RUN as deepeval test cases, for EvaluationDataset.add_test_cases_from_json_file."""
    from csedb_tests.exporters.deepeval_cases import write_test_cases

    click.echo(f"wrote {out}: {write_test_cases(_record(run), out)} test cases")


@click.command("table")
@click.argument("run")
@_OUT
@plain_errors
def export_table(run: str, out: Path) -> None:
    """Write the results of RUN as a table, .csv or .parquet, with a row per answer."""
    from csedb_tests.exporters.table import write_table

    click.echo(f"wrote {out}: {write_table(_record(run), out)} rows")


def _record(run: str) -> Any:
    from csedb_tests.run_lookup import find_run, read_run

    settings = load_settings({}, Path.cwd())
    return read_run(find_run(run, Path(settings.reports or "reports")))


def add_exports(group: click.Group, settings_options: Wrap, unprefixed_errors: Wrap) -> None:
    """Add the commands to ``csedb export``; the two decorators are those of `csedb_tests.cli`."""
    answers = "Write the answers of RUN, or without one of the store, as a file that --csedb-model answers:FILE reads."
    verdicts = "Write the verdicts of RUN, or without one of the store, for --csedb-judge recorded:FILE."
    _recording(group, "answers", answers, settings_options, unprefixed_errors)
    _recording(group, "verdicts", verdicts, settings_options, unprefixed_errors)
    for command in (export_cases, export_deepeval, export_table):
        group.add_command(command)
