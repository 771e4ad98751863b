"""Reports of csedb tests: their text, their words in the terminal, their junit properties."""

from copy import copy

import pytest

from csedb_tests.check import CaseNotPassed, CaseUnscored
from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_properties import case_properties
from pytest_csedb.collection import case_of
from pytest_csedb.tally import PENDING, mark, status_of

_WORDS = {
    "passed": ("passed", ".", "PASSED"),
    "below": ("below", "B", "BELOW"),
    "failed": ("failed", "F", "FAILED"),
    "error": ("error", "E", "ERROR"),
}
RECORD = pytest.StashKey[CaseRecord]()


def told_report(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
    """The report of a case that did not pass, with its text; None for whatever else happened.

    Pytest would format a traceback that nobody sees, which costs ten times what the whole case does.
    """
    error = _told(call)
    if error is None:
        return None
    untroubled = copy(call)
    untroubled.excinfo = None
    report = pytest.TestReport.from_item_and_call(item, untroubled)
    report.outcome, report.longrepr = "failed", str(error)
    return report


def describe_report(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Mark the report with its case."""
    case = case_of(item)
    if case is None:
        return
    record = item.stash.get(RECORD, None)
    has_result = record is not None and (
        _told(call) is not None or (report.when == "call" and report.outcome == "passed")
    )
    mark(report, case.id, record.status if record is not None and has_result else PENDING)


def _told(call: pytest.CallInfo[None]) -> CaseNotPassed | CaseUnscored | None:
    """The failure that says what became of a case, if that is how the phase ended."""
    error = call.excinfo.value if call.excinfo is not None else None
    return error if isinstance(error, CaseNotPassed | CaseUnscored) else None


def remember(item: pytest.Item, record: CaseRecord) -> None:
    """Keep the record with its item, and its facts as junit properties."""
    item.stash[RECORD] = record
    item.user_properties.extend(case_properties(record).items())


def status_words(report: pytest.TestReport, *, is_live: bool) -> tuple[str, str, str] | None:
    """BELOW for a case under its threshold; pytest's own words for everything else.

    Live progress owns the terminal's last line (``is_live``), so that a case leaves no letter there.
    """
    status = status_of(report)
    if status is None or status == PENDING or report.when == "teardown":
        return None
    category, letter, word = _WORDS[status]
    return category, "" if is_live else letter, word
