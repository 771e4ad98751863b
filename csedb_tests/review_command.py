"""What ``csedb review`` does: takes verdicts from a person or a filled-in file, and decides the run anew with them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from csedb_tests.config_errors import ConfigError
from csedb_tests.record import RunRecord
from csedb_tests.reports.gate_table import decision_line, text_table
from csedb_tests.reports.judging_text import judging_lines
from csedb_tests.reports.run_files import write_run_files
from csedb_tests.review_import import news, read_filled
from csedb_tests.review_items import ReviewItem, open_items
from csedb_tests.review_session import SUFFIX, Terminal, reviewed_run, settle, unsettled
from csedb_tests.reviews import add_review, read_reviews, reviewer_name


@dataclass(frozen=True, slots=True)
class ReviewedRun:
    """A run as it was recorded, and the directory it stands in."""

    record: RunRecord
    directory: Path


def take_file(filled: Path, path: Path, reviewer: str | None) -> None:
    """Keep the verdicts of a filled-in review.csv in the reviews file ``path``. Raises ConfigError; then keeps none."""
    found = read_filled(filled, reviewer)
    fresh = news(found, read_reviews(path))
    for review in fresh:
        add_review(path, review)
    click.echo(f"{len(found)} verdicts in {filled}, {len(fresh)} of them new; kept in {path}")


def take_answers(run: ReviewedRun, path: Path, reviewer: str | None) -> None:
    """Ask for the verdicts of ``run`` that are open, and keep each in the reviews file ``path``. Raises ConfigError."""
    if reviewer is None:
        raise ConfigError("--reviewer: whose verdicts are these? Give a name: --reviewer 'A. Physician'")
    name = reviewer_name(reviewer, "--reviewer")
    items = unsettled(open_items(run.record.cases), read_reviews(path))
    click.echo(_announcement(items, run.record))
    terminal = Terminal(sys.stdin.readline, click.echo, lambda text: click.echo(text, nl=False))
    settled = settle(items, path, name, terminal)
    click.echo(f"{settled} verdicts settled by {name}, {len(items) - settled} left; kept in {path}")


def _announcement(items: Sequence[ReviewItem], record: RunRecord) -> str:
    hint = "" if record.judging.cross_check else " (the run had no second opinion: see --csedb-cross-check)"
    disagreements = sum(item.why == "disagreement" for item in items)
    return f"{record.run_id}: {disagreements} disagreements, {len(items) - disagreements} undecided verdicts{hint}"


def decide_anew(run: ReviewedRun, path: Path) -> None:
    """Write the run's record with the settled verdicts beside the run, whose own files stay as they are."""
    record = reviewed_run(run.record, read_reviews(path))
    if not record.judging.reviewed:
        return
    directory = run.directory.with_name(run.directory.name.removesuffix(SUFFIX) + SUFFIX)
    write_run_files(record, directory)
    for line in (*text_table(record.gates), *judging_lines(record.judging, brief=True)):
        click.echo(line)
    click.echo(f"\ndecision: {decision_line(record)}\nrecord and summary in {directory}")
