"""What pytest said of every test: which cases reported, which did not, and what else failed."""

import json
from dataclasses import dataclass, field

import pytest

PAYLOAD = "csedb"
"""Name of the report attribute that says which case a report is about: ASCII JSON, as pytest-xdist needs."""


def payload_of(report: pytest.TestReport) -> dict[str, str] | None:
    """The case id and status a report carries, or None for somebody else's test."""
    text = getattr(report, PAYLOAD, None)
    return json.loads(text) if isinstance(text, str) else None


@dataclass(slots=True)
class Tally:
    """Reports, counted as they come in."""

    confirmed: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    other_failures: int = 0

    def note(self, report: pytest.TestReport) -> None:
        """Take one report into account."""
        payload = payload_of(report)
        if payload is None:
            self.other_failures += report.failed
        elif payload["status"] == "pending":
            self._note_pending(report, payload["case"])
        else:
            self.confirmed[payload["case"]] = payload["status"]

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
