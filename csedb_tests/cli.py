"""The ``csedb`` command: what is done apart from a pytest run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.cli_bank import BANK_COMMANDS
from csedb_tests.cli_compare import compare
from csedb_tests.cli_export import add_exports
from csedb_tests.cli_import import import_
from csedb_tests.cli_reports import evidence, history, report
from csedb_tests.command_errors import Command, plain_errors
from csedb_tests.config_errors import ConfigError
from csedb_tests.settings import Settings, is_repeatable, is_switch, load_settings


def settings_options(command: Command) -> Command:
    """Add an option per setting, spelled without the prefix that pytest's command line needs."""
    for key, field in reversed(Settings.model_fields.items()):
        help_ = _unprefixed(field.description or "")
        name = "--" + key.replace("_", "-")
        if is_switch(key):
            command = click.option(name, key, flag_value=True, default=None, help=help_)(command)
        else:
            metavar, multiple = key.split("_")[-1].upper(), is_repeatable(key)
            command = click.option(name, key, metavar=metavar, multiple=multiple, help=help_)(command)
    return command


def unprefixed_errors(command: Command) -> Command:
    """Name options in errors as this command spells them."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            raise ConfigError(_unprefixed(str(error))) from None

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature


def _unprefixed(text: str) -> str:
    return text.replace("--csedb-", "--")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="csedb-tests", prog_name="csedb")
def main() -> None:
    """Tools around the clinical safety gate; the gate itself is run with pytest."""


for _command in BANK_COMMANDS:
    main.add_command(_command)
main.add_command(report)
main.add_command(compare)
main.add_command(history)
main.add_command(evidence)
main.add_command(import_)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), default=Path("reports/merged"), show_default=True)
@plain_errors
def merge(runs: tuple[Path, ...], into: Path) -> None:
    """Put the shards of a run (report directories or run.json files) together and decide over all their cases."""
    from csedb_tests.merging import merge as merged
    from csedb_tests.reports.gate_table import decision_line, text_table
    from csedb_tests.reports.run_files import write_run_files
    from csedb_tests.run_lookup import read_run

    record = merged([read_run(path / "run.json" if path.is_dir() else path) for path in runs], into.name)
    write_run_files(record, into)
    for line in text_table(record.gates):
        click.echo(line)
    click.echo(f"\ndecision: {decision_line(record)}\nexit code {record.exit_code}; record in {into}")
    sys.exit(record.exit_code)


@main.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--reviewer", help="Who gives the verdicts: a name for the record.")
@click.option(
    "--from", "filled", type=click.Path(path_type=Path), help="Read a filled-in review.csv instead of asking."
)
@click.option("--reviews", help="File that keeps the verdicts (default: as the run's settings say).")
@plain_errors
def review(run: Path | None, reviewer: str | None, filled: Path | None, reviews: str | None) -> None:
    """Settle verdicts of RUN (a report directory, its run.json, or a run's name) that the judges disagree on."""
    from csedb_tests.review_command import ReviewedRun, decide_anew, take_answers, take_file
    from csedb_tests.reviews import reviews_path
    from csedb_tests.run_lookup import find_run, read_run

    settings = load_settings({"reviews": reviews}, Path.cwd())
    kept, found = reviews_path(settings, Path.cwd()), None
    if run is not None:
        file = find_run(run, Path(settings.reports or "reports"))
        found = ReviewedRun(read_run(file), file.parent.resolve())
    if filled is not None:
        take_file(filled, kept, reviewer)
    elif found is not None:
        take_answers(found, kept, reviewer)
    else:
        raise ConfigError("csedb review: name a RUN, or a filled-in file with --from")
    if found is not None:
        decide_anew(found, kept)


@main.command()
@click.option("--check", is_flag=True, help="Write nothing: say what differs, and exit with 1 if anything does.")
@click.option("--cases", help="Directory of the case bank.")
@click.option("--bank-lock", metavar="FILE", help="The lock's file (default: bank.lock here, else the bank's own).")
@plain_errors
@unprefixed_errors
def lock(check: bool, cases: str | None, bank_lock: str | None) -> None:
    """Write the bank's case ids and digests to bank.lock: later runs cannot pass on less, or on other cases."""
    from csedb_tests.bank_lock import lock_of, read_bank_lock, write_bank_lock
    from csedb_tests.coverage import changes, lock_file, sentences

    settings = load_settings({"cases": cases, "bank_lock": bank_lock}, Path.cwd())
    bank = load_bank(Path.cwd() / settings.cases if settings.cases else default_bank_root())
    path, now = lock_file(settings, bank, Path.cwd()), lock_of(bank)
    before = read_bank_lock(path)
    if check and before is None:
        raise ConfigError(f"{path}: there is no lock to check. Write it with csedb lock")
    found = changes(before, now) if before is not None else None
    for line in sentences(found, len(now.digests) + len(before.digests)) if found and before else ():
        click.echo(line)
    if check:
        click.echo(f"{path}: {'the bank is not as it was locked' if found else 'the bank is as it was locked'}")
        sys.exit(1 if found else 0)
    write_bank_lock(now, path)
    click.echo(f"wrote {path}: {len(now.digests)} cases")


@main.group()
def policy() -> None:
    """The gate policy: what a run must reach."""


_POLICY_FILE = click.argument("file", required=False)


@policy.command("check")
@_POLICY_FILE
@click.option("--cases", help="Directory of the case bank, whose criteria and departments may have floors.")
@plain_errors
def policy_check(file: str | None, cases: str | None) -> None:
    """Check the policy in FILE (default: the project's). Exits with 1 if a waiver has expired, 4 if it is no policy."""
    from datetime import UTC, datetime

    from csedb_tests.policy_command import expired_lines
    from csedb_tests.policy_file import check_names, checked_policy, policy_source

    settings = load_settings({"policy": file, "cases": cases}, Path.cwd())
    source = policy_source(settings, Path.cwd())
    found = checked_policy(source)
    bank = load_bank(Path.cwd() / settings.cases if settings.cases else default_bank_root())
    check_names(found, source, bank.catalogue)
    expired = list(expired_lines(found, source, datetime.now(UTC).date()))
    for line in expired:
        click.echo(line)
    if not expired:
        click.echo(f"{source.name}: a valid policy (preset {found.preset}, {len(found.waivers)} waivers)")
    sys.exit(1 if expired else 0)


@policy.command("show")
@_POLICY_FILE
@plain_errors
def policy_show(file: str | None) -> None:
    """Show every key of the policy in FILE (default: the project's), with where its value comes from."""
    from csedb_tests.policy_command import policy_lines
    from csedb_tests.policy_file import checked_policy, policy_source

    source = policy_source(load_settings({"policy": file}, Path.cwd()), Path.cwd())
    for line in policy_lines(checked_policy(source), source):
        click.echo(line)


@policy.command("init")
@click.argument("file", type=click.Path(path_type=Path), default=Path("csedb-policy.toml"))
@click.option("--preset", type=click.Choice(["strict", "standard", "research"]), default="standard", show_default=True)
@plain_errors
def policy_init(file: Path, preset: Any) -> None:
    """Write a policy to FILE that says, key by key, what a preset says."""
    from csedb_tests.policy_command import write_template

    write_template(file, preset)
    click.echo(f"wrote {file}; use it with --csedb-policy {file}")


@main.group()
def store() -> None:
    """The store of answers and verdicts."""


_STORE = click.argument("path", type=click.Path(path_type=Path), default=Path(".csedb/store.db"))


@store.command("info")
@_STORE
@plain_errors
def store_info(path: Path) -> None:
    """Say what the store at PATH holds."""
    with _existing(path) as opened:
        for kind, count, size in opened.summary():
            click.echo(f"{kind}: {count} results, {size / 1024:.0f} KiB")
        click.echo(f"file: {path.stat().st_size / 1024:.0f} KiB")


@store.command("prune")
@_STORE
@click.option("--days", type=click.IntRange(min=0), default=90, show_default=True, help="Keep what is younger.")
@plain_errors
def store_prune(path: Path, days: int) -> None:
    """Remove old results from the store at PATH, and give the space back."""
    with _existing(path) as opened:
        click.echo(f"removed {opened.prune(days)} results")


@store.command("verify")
@_STORE
@plain_errors
def store_verify(path: Path) -> None:
    """Check the store at PATH: the file itself, and that every result can be read."""
    with _existing(path) as opened:
        problems = opened.verify()
    for problem in problems:
        click.echo(problem)
    click.echo("the store is sound" if not problems else f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


def _existing(path: Path) -> Any:
    from contextlib import closing

    from csedb_tests.store import Store

    if not path.is_file():
        raise ConfigError(f"{path}: there is no store here")
    return closing(Store(path))


@main.group()
def export() -> None:
    """Write what other programs read."""


add_exports(export, settings_options, unprefixed_errors)


@main.group()
def ingest() -> None:
    """Read what other programs wrote."""


@export.command("batch")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--only", type=click.Choice(["answers", "verdicts"]), help="Leave the other requests out.")
@click.option(
    "--try",
    "number",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="Ask for verdicts in another order of statements: 2 or 3 after an unusable reply.",
)
@settings_options
@plain_errors
@unprefixed_errors
def export_batch(out: Path, only: str | None, number: int, **settings: Any) -> None:
    """Write the requests whose results the store lacks to FILE, in the OpenAI Batch input format."""
    from csedb_tests.batch import find_missing, write_requests
    from csedb_tests.batch_text import export_lines

    with _batch_and_store(settings) as (batch, opened):
        missing = find_missing(batch, opened, number - 1)
    requests = missing.requests(only)
    if requests:
        write_requests(out, requests)
    for line in export_lines(missing, requests, str(out)):
        click.echo(line)


@ingest.command("batch")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@settings_options
@plain_errors
@unprefixed_errors
def ingest_batch(files: tuple[Path, ...], **settings: Any) -> None:
    """Take the results of a batch in FILES into the store; the settings must be those of the export."""
    from csedb_tests.batch import find_missing
    from csedb_tests.batch_results import ingest as taken
    from csedb_tests.batch_text import intake_lines

    with _batch_and_store(settings) as (batch, opened):
        intake = taken(files, batch, opened)
        missing = find_missing(batch, opened)
    for line in intake_lines(intake, missing):
        click.echo(line)
    sys.exit(0 if intake.complete else 1)


@main.command()
@click.option("--labels", "files", multiple=True, type=click.Path(path_type=Path), help="A labelled file; repeatable.")
@click.option("--raters", metavar="A,B", help="Columns (or raters) that hold labels; default: every rater_*.")
@click.option("--column", "columns", multiple=True, metavar="KEY=COLUMN", help="Where a CSV file keeps KEY.")
@click.option("--ignore", metavar="A,B", help="Columns of a CSV file to leave out.")
@click.option("--label", "words", multiple=True, metavar="met=A,B", help="Words for met, and not_met=..., in the file.")
@click.option("--stress", is_flag=True, help="Also try what should not change a verdict: order, padding, repeats.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every figure to this file.")
@click.option("--no-lock", is_flag=True, help="Do not write judge.lock.")
@settings_options
@plain_errors
@unprefixed_errors
def qualify(
    *,
    files: tuple[Path, ...],
    raters: str | None,
    columns: tuple[str, ...],
    ignore: str | None,
    words: tuple[str, ...],
    stress: bool,
    json_file: Path | None,
    no_lock: bool,
    **settings: Any,
) -> None:
    """Try the judge on the bank's exemplars and on people's labels, and write what it is worth to judge.lock.

    Exits with 0 if the judge qualifies, 10 if not, 12 if judging was interrupted.
    """
    from csedb_tests.qualification.command import Asked, run_qualify
    from csedb_tests.qualification.label_options import parse_label_options

    options = parse_label_options(raters, columns, ignore, words)
    asked = Asked(files, options, stress=stress, json_file=json_file, lock=not no_lock)
    sys.exit(run_qualify(settings, asked, Path.cwd(), click.echo))


@contextmanager
def _batch_and_store(settings: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The batch that the settings describe, and the store opened for it. Raises ConfigError if the store failed."""
    from contextlib import closing

    from csedb_tests.batch import make_batch
    from csedb_tests.plan import make_plan
    from csedb_tests.store import Store

    plan = make_plan(settings, Path.cwd())
    batch = make_batch(plan)
    with closing(Store(plan.store)) as opened:
        yield batch, opened
    if opened.problem is not None:
        raise ConfigError(opened.problem)


if __name__ == "__main__":
    main()
