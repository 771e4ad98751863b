"""The ``csedb compare`` command."""

import sys
from pathlib import Path

import click

from csedb_tests.command_errors import plain_errors

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("baseline")
@click.argument("candidate")
@click.option("--margin", type=float, help="Largest loss of score that is not worse (default: the policy's, 0.02).")
@click.option("--confidence", type=float, help="Confidence of each one-sided bound (default: the policy's, 0.95).")
@click.option(
    "--allow", multiple=True, help="Compare although this differs: judge, bank, unmatched, samples; repeatable."
)
@click.option("--most", type=click.IntRange(min=0), default=10, show_default=True, help="Broken cases shown in full.")
@click.option("--json", "json_file", type=_FILE, help="Write everything to this file.")
@click.option("--markdown", "markdown_file", type=_FILE, help="Write a page with both answers to every broken case.")
@plain_errors
def compare(
    *,
    baseline: str,
    candidate: str,
    margin: float | None,
    confidence: float | None,
    allow: tuple[str, ...],
    most: int,
    json_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Say whether the run CANDIDATE is worse than the run BASELINE, and in which cases.

    A run is a report directory, its run.json, or a run's id. Exits with 0 (not worse), 10 (worse) or 11 (undecided).
    """
    from csedb_tests.comparison.command import Asked, run_compare

    changes = {"margin": margin, "confidence": confidence, "allow": allow}
    asked = Asked(baseline, candidate, changes, json_file, markdown_file, most)
    sys.exit(run_compare(asked, Path.cwd(), click.echo))
