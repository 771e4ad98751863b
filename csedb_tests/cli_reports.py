"""The ``csedb`` commands about finished runs: their reports, their history, their evidence."""

import sys
from pathlib import Path
from typing import Any

import click

from csedb_tests.command_errors import plain_errors
from csedb_tests.settings import Settings, load_settings

_OUTPUTS = {
    "summary": "summary.md: decision, gates, what did not pass.",
    "hazards": "hazards.csv: one row per never-event.",
    "review": "review.csv: verdicts for a person to settle.",
    "junit": "junit.xml: every case and gate for a CI system.",
    "model-card": "model-card.md: a fragment for a Hugging Face model card.",
}


def _output_options(command: Any) -> Any:
    for name, help_ in reversed(_OUTPUTS.items()):
        command = click.option(f"--{name}", name.replace("-", "_"), is_flag=True, help=help_)(command)
    return command


@click.command()
@click.argument("run")
@_output_options
@click.option("--all", "everything", is_flag=True, help="All of these; the default.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory to write to (default: the run's own).")
@plain_errors
def report(run: str, *, everything: bool, out: Path | None, **chosen: bool) -> None:
    """Write reports of RUN anew from its record: a report directory, its run.json, or a run's id."""
    from csedb_tests.reports.outputs import all_outputs, write_outputs
    from csedb_tests.run_lookup import find_run, read_run

    file = find_run(run, _reports())
    record = read_run(file)
    names = [name for name in _OUTPUTS if chosen[name.replace("-", "_")]]
    wanted = names if names and not everything else all_outputs(record)
    for path in write_outputs(record, wanted, out or file.parent):
        click.echo(path)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with a chart to this file, too.")
@plain_errors
def history(directory: Path | None, html: Path | None) -> None:
    """Show the runs in DIRECTORY (default: the directory of reports) over time."""
    from csedb_tests.history import read_history
    from csedb_tests.reports.history_html import history_html
    from csedb_tests.reports.history_text import history_lines

    found = read_history(directory or _reports())
    for line in history_lines(found):
        click.echo(line)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(history_html(found), encoding="utf-8")
        click.echo(f"page: {html}")


class _PackByDefault(click.Group):
    """``csedb evidence RUN`` packs; ``csedb evidence verify ZIP`` checks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["pack", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_PackByDefault)
def evidence() -> None:
    """Pack what a run's decision rests on into one zip (evidence RUN), and check such a pack (evidence verify ZIP)."""


_FILE = click.Path(path_type=Path, dir_okay=False)


@evidence.command()
@click.argument("run")
@click.option("--out", type=_FILE, help="The zip to write (default: RUN-evidence.zip in the run's directory).")
@click.option("--judge-lock", type=_FILE, help="The judge's qualification (default: the one that fits).")
@click.option("--bank-lock", type=_FILE, help="The lock of the bank (default: bank.lock, if there is one).")
@plain_errors
def pack(run: str, out: Path | None, judge_lock: Path | None, bank_lock: Path | None) -> None:
    """Pack RUN: a report directory, its run.json, or a run's id."""
    from csedb_tests.evidence.packing import Locks, pack_run
    from csedb_tests.run_lookup import find_run

    settings = load_settings({}, Path.cwd())
    packed = pack_run(find_run(run, _reports(settings)), out, Locks(judge_lock, bank_lock), settings)
    for name in packed.files:
        click.echo(f"  {name}")
    if "judge.lock" not in packed.files:
        click.echo("no judge.lock: none found that fits this run's judge, bank and policy")
    click.echo(f"{packed.path}: {len(packed.files)} files\nsha256 {packed.sha256}")


@evidence.command()
@click.argument("file", type=_FILE)
@click.option("--sha256", help="The SHA-256 that the zip itself must have.")
@plain_errors
def verify(file: Path, sha256: str | None) -> None:
    """Name every file of the pack FILE that is missing, added or changed, and count its run again."""
    from csedb_tests.evidence.verification import verify as verified

    found = verified(file, sha256)
    for line in (*found.notes, *found.problems):
        click.echo(line)
    click.echo("the pack is as it was packed" if not found.problems else f"{len(found.problems)} problems")
    sys.exit(1 if found.problems else 0)


def _reports(settings: Settings | None = None) -> Path:
    settings = settings or load_settings({}, Path.cwd())
    return Path(settings.reports or "reports")
