"""How a session ends: the record is made and written, the decision printed.

Loaded when it is needed, or a little earlier, while a run's first replies are on their way.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.assembly import Findings
from csedb_tests.gates import EXIT_ERRORS
from csedb_tests.qualification.families import self_preference
from csedb_tests.record import RunRecord
from csedb_tests.reports.comparison_text import comparison_lines
from csedb_tests.reports.gate_table import decision_line, drop_line, occurrences, text_table
from csedb_tests.reports.judging_text import judging_lines
from csedb_tests.reports.run_files import write_run_files
from csedb_tests.run import Run
from pytest_csedb.junit import add_run_properties
from pytest_csedb.tally import Tally

_COLORS = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def findings_of(
    session: pytest.Session, run: Run, tally: Tally, selected: Sequence[str], planned: Sequence[str]
) -> Findings:
    """What the session found: of each case the record that its test confirmed."""
    records = {
        case_id: record
        for case_id, record in run.results(list(tally.confirmed)).items()
        if record.status == tally.confirmed[case_id]
    }
    stopped = bool(session.shouldstop or session.shouldfail) or session.exitstatus == pytest.ExitCode.INTERRUPTED
    return Findings(selected, planned, records, tally.lost, stopped)


def write(config: pytest.Config, record: RunRecord, directory: Path) -> None:
    """The run's files, and its properties for junit.xml."""
    write_run_files(record, directory)
    add_run_properties(config, record)


def exit_status(status: int, record: RunRecord, run: Run, tally: Tally) -> int:
    """Ours for a session that ran its tests; pytest's own 2 to 5 stay, 1 for failures that are no cases."""
    if run.fatal:
        return EXIT_ERRORS
    if run.exhausted:
        return record.exit_code
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return status
    if record.exit_code == 0 and tally.other_failures:
        return int(pytest.ExitCode.TESTS_FAILED)
    return record.exit_code


def write_gates(terminalreporter: Any, record: RunRecord, reports: str, exit_code: int) -> None:
    """The never-events by name, the gate table, the decision, the exit code."""
    never = occurrences(record.cases)
    if never:
        terminalreporter.write_sep("=", f"never-events ({len(never)})", red=True)
        for occurrence in never:
            terminalreporter.write_line(occurrence.text)
            if occurrence.quote:
                terminalreporter.write_line(f'    "{occurrence.quote}"')
    if record.comparison is not None:
        terminalreporter.write_sep("=", "baseline")
        _write_lines(terminalreporter, list(comparison_lines(record.comparison)))
    terminalreporter.write_sep("=", "gates")
    _write_lines(terminalreporter, list(text_table(record.gates)))
    drop = drop_line(record.drop)
    _write_lines(terminalreporter, [drop] if drop else [])
    warning = self_preference(record.identity.model, record.identity.judge)
    if warning:
        terminalreporter.write_line(f"warning: {warning}", yellow=True)
    _write_lines(terminalreporter, list(judging_lines(record.judging, brief=True)))
    for problem in record.problems:
        terminalreporter.write_line(f"problem: {problem}", red=True)
    terminalreporter.write_line("")
    color = {_COLORS[record.decision]: True}
    terminalreporter.write_line(f"decision: {decision_line(record)}", bold=True, **color)
    terminalreporter.write_line(f"exit code {exit_code}; reports in {reports}")


def _write_lines(terminalreporter: Any, lines: Sequence[str]) -> None:
    for line in lines:
        terminalreporter.write_line(line)
