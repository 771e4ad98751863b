"""The assertion of a csedb test: its failure is a text for clinicians, not a traceback."""

from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_text import case_text


class CaseUnscored(Exception):
    """The case has no trustworthy verdict: an error, neither pass nor fail."""

    def __init__(self, record: CaseRecord) -> None:
        super().__init__(case_text(record))
        self.record = record


class CaseNotPassed(AssertionError):
    """The answer failed the case, or stayed below its threshold."""

    def __init__(self, record: CaseRecord) -> None:
        super().__init__(case_text(record))
        self.record = record


def raise_if_unscored(record: CaseRecord) -> None:
    """Raise CaseUnscored if nobody can tell whether the case passed."""
    if record.status == "error":
        raise CaseUnscored(record)


def assert_passed(record: CaseRecord) -> None:
    """Raise CaseNotPassed unless the case passed, CaseUnscored if nobody can tell."""
    raise_if_unscored(record)
    if record.status != "passed":
        raise CaseNotPassed(record)
