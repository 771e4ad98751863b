"""What pytest said of every test: which cases reported, which did not, and what else failed."""

from dataclasses import dataclass, field

import pytest

PENDING = "pending"
"""The status of a report that holds no result of its case."""


def mark(report: pytest.TestReport, case_id: str, status: str) -> None:
    """Have a report say which case it is about, and what became of it: ASCII texts, which pytest-xdist can carry."""
    vars(report)["csedb_case"], vars(report)["csedb_status"] = case_id, status


def case_id_of(report: pytest.TestReport) -> str | None:
    """The case a report is about, or None for somebody else's test."""
    return getattr(report, "csedb_case", None)


def status_of(report: pytest.TestReport) -> str | None:
    """The case status a report carries, `PENDING` where it holds none, or None for somebody else's test."""
    return getattr(report, "csedb_status", None)


@dataclass(slots=True)
class Tally:
    """Reports, counted as they come in."""

    confirmed: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    other_failures: int = 0

    def note(self, report: pytest.TestReport) -> None:
        """Take one report into account."""
        case_id, status = case_id_of(report), status_of(report)
        if case_id is None or status is None:
            self.other_failures += report.failed
        elif status == PENDING:
            self._note_pending(report, case_id)
        else:
            self.confirmed[case_id] = status

    def _note_pending(self, report: pytest.TestReport, case_id: str) -> None:
        """A report of a case's test that holds no result: skipped, or failed outside the case."""
        if report.skipped:
            self.lost[case_id] = f"its test was skipped: {_reason(report)}"
        elif report.failed:
            self.lost[case_id] = f"its test failed outside the case, in {report.when}"


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"xfail {report.wasxfail}".strip()
    longrepr = report.longrepr
    return str(longrepr[2]).removeprefix("Skipped: ") if isinstance(longrepr, tuple) else "no reason given"
