"""What the terminal shows: the header, and cases that failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from csedb_tests.run import Run
from csedb_tests.settings import Settings
from pytest_csedb.tally import case_id_of

_CATEGORIES = ("failed", "below", "error")
_WORDS = {"failed": "FAILED", "below": "BELOW", "error": "ERROR"}


def header_lines(run: Run) -> list[str]:
    """What will be asked, of whom, and where it goes."""
    bank = run.plan.bank
    lines = [
        f"csedb: model {run.model.identity['model']}, judge {run.judge.identity['judge']}, "
        f"bank {len(bank.cases)} cases ({bank.digest[:12]})",
        f"csedb: network: {', '.join(run.hosts) or 'none'}; reports: {run.plan.reports}",
    ]
    lines += [f"csedb: {text}" for text in _warnings(run) if text]
    lines += [f"csedb: baseline: {text}" for text in run.baseline_warnings]
    if run.is_self_check:
        lines.insert(
            0,
            "csedb: NO MODEL CONFIGURED. This is a self-check: the bank's own safe exemplars are judged. "
            "Name a model with --csedb-model.",
        )
    return lines


def _warnings(run: Run) -> tuple[str | None, ...]:
    return run.coverage_warning, run.unjudgeable_warning, run.judge_warning, run.family_warning


def selection_expressions(config: pytest.Config, settings: Settings) -> list[str]:
    """What narrowed the selection, as the user typed it."""
    found = []
    if config.option.markexpr:
        found.append(f"-m {config.option.markexpr}")
    if config.option.keyword:
        found.append(f"-k {config.option.keyword}")
    found += [f"--deselect {prefix}" for prefix in config.option.deselect or ()]
    found += [argument for argument in config.args if "::" in argument]
    if config.getoption("lf", False):
        found.append("--lf")
    if settings.reviewed_only:
        found.append("--csedb-reviewed-only")
    if settings.select:
        found.append(f"--csedb-select {settings.select}")
    if settings.sample:
        found.append(f"--csedb-sample {settings.sample} (seed {settings.sample_seed})")
    if settings.shard:
        found.append(f"--csedb-shard {settings.shard}")
    return found


def forget_quiet_phase(config: pytest.Config, report: pytest.TestReport) -> None:
    """Have the terminal drop a case's setup or teardown that passed and said nothing.

    It keeps them in case there is output to show; for each failure it would search them all.
    """
    terminalreporter = config.pluginmanager.get_plugin("terminalreporter")
    kept = terminalreporter.stats.get("") if terminalreporter is not None else None
    if kept and kept[-1] is report and case_id_of(report) and not report.sections:
        kept.pop()


@contextmanager
def without_case_reports(terminalreporter: Any) -> Iterator[dict[str, list[pytest.TestReport]]]:
    """Take the reports of failed cases out of the reporter's hands for a while, by category.

    pytest's own failure sections would cost failures x tests, and show a heading made for tracebacks.
    """
    stats = terminalreporter.stats
    before = {category: stats[category] for category in _CATEGORIES if category in stats}
    ours = {category: [r for r in reports if case_id_of(r)] for category, reports in before.items()}
    for category, reports in before.items():
        stats[category] = [report for report in reports if not case_id_of(report)]
    try:
        yield ours
    finally:
        stats.update(before)


def write_cases(terminalreporter: Any, reports: dict[str, list[pytest.TestReport]]) -> None:
    """Every failed case with its text (not under ``--tb=no``), then one line each."""
    listed = [(category, report) for category in _CATEGORIES for report in reports.get(category, [])]
    if not listed:
        return
    if terminalreporter.config.option.tbstyle != "no":
        terminalreporter.write_sep("=", "CASES")
        for category, report in listed:
            _write_case(terminalreporter, category, report)
    if terminalreporter.verbosity >= -1:
        terminalreporter.write_sep("=", "cases that did not pass")
        for category, report in listed:
            terminalreporter.write_line(f"{_WORDS[category]} {report.nodeid}", **_markup(category))


def _write_case(terminalreporter: Any, category: str, report: pytest.TestReport) -> None:
    terminalreporter.write_sep("_", f"{_WORDS[category]} {report.nodeid.rpartition('::')[2]}", **_markup(category))
    text = str(report.longrepr)
    if not report.sections:
        terminalreporter.write_line(f"{text}\n")  # at once: of thousands of cases each line would tell
        return
    terminalreporter.write_line(text)
    for title, content in report.sections:
        terminalreporter.write_sep("-", title)
        terminalreporter.write_line(content.rstrip("\n"))
    terminalreporter.write_line("")


def _markup(category: str) -> dict[str, bool]:
    return {"yellow": True} if category == "below" else {"red": True}
