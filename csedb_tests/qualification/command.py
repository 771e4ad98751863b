"""What `csedb qualify` does, from its options to its exit code."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csedb_tests.gates import EXIT_ERRORS, EXIT_FAIL, EXIT_PASS
from csedb_tests.plan import Plan, make_plan
from csedb_tests.qualification.judging import Interrupted
from csedb_tests.qualification.label_options import LabelOptions
from csedb_tests.qualification.labels import read_labels
from csedb_tests.qualification.lock import write_lock
from csedb_tests.qualification.of_run import lock_path
from csedb_tests.qualification.qualify import Bench, Work, make_work, open_bench, qualify
from csedb_tests.qualification.report import QualificationReport, lock_of, write_report
from csedb_tests.reports.qualification_text import plan_line, qualification_lines

Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's own options, beside the settings."""

    files: tuple[Path, ...]
    options: LabelOptions
    stress: bool
    json_file: Path | None
    lock: bool


def run_qualify(settings: Mapping[str, Any], asked: Asked, directory: Path, echo: Echo) -> int:
    """Qualify the judge; the exit code. Raises ConfigError or BankError before the first call."""
    plan = make_plan(settings, directory)
    files = [read_labels(path, asked.options) for path in asked.files]
    work = make_work(plan, files, stress=asked.stress)
    with open_bench(plan) as bench:
        echo(_plan_line(bench, work))
        try:
            report = qualify(bench, work, _ticker(bench, work))
        except Interrupted as error:
            echo(f"interrupted: {error}. No lock is written; what was judged is kept: run the command again")
            return EXIT_ERRORS
        finally:
            _show("\n")
    if bench.store is not None and bench.store.problem is not None:
        echo(f"problem: {bench.store.problem}")
    _publish(report, asked, plan, echo)
    return EXIT_PASS if report.is_qualified else EXIT_FAIL


def _plan_line(bench: Bench, work: Work) -> str:
    exemplars, labels = len(work.exemplars), sum(len(tasks) for _, tasks in work.labels)
    trials = work.size - exemplars - labels
    return plan_line(exemplars, labels, trials, bench.calls(work), paid=bench.judge.paid)


def _publish(report: QualificationReport, asked: Asked, plan: Plan, echo: Echo) -> None:
    for line in qualification_lines(report):
        echo(line)
    if asked.json_file is not None:
        write_report(report, asked.json_file)
    if not asked.lock:
        return
    if not report.is_whole:
        echo("no lock is written: a lock is about every exemplar of the bank, and these are a selection")
        return
    path = lock_path(plan.settings, plan.directory)
    write_lock(lock_of(report), path)
    echo(f"wrote {path}")


def _ticker(bench: Bench, work: Work) -> Callable[[], None]:
    return lambda: _show(f"\rjudged {bench.ledger.verdicts:,} of {work.size:,} ")


def _show(text: str) -> None:
    """How far the work is, for whoever sits in front of it."""
    if sys.stderr.isatty():
        print(text, end="", file=sys.stderr, flush=True)
