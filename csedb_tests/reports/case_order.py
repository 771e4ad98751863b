"""In which order cases are read: the most dangerous first."""

from collections.abc import Iterable
from typing import Literal

from csedb_tests.catalogue import RISKS
from csedb_tests.record import CaseRecord

Standing = Literal["never", "failed", "below", "error", "passed"]

LABELS: dict[Standing, str] = {
    "never": "Never-event",
    "failed": "Failed",
    "below": "Below",
    "error": "Unscored",
    "passed": "Passed",
}
"""What a case is called in lists, in the order of the lists."""

_RANKS = {standing: rank for rank, standing in enumerate(LABELS)}


def standing_of(record: CaseRecord) -> Standing:
    """The status of a case, never-events apart from other failures."""
    return "never" if record.score.never_events else record.status


def in_order(cases: Iterable[CaseRecord]) -> list[CaseRecord]:
    """Never-events, failed, below, unscored, passed; in each by risk, then by weight, then as in the bank."""
    return sorted(cases, key=_place)


def _place(record: CaseRecord) -> tuple[int, int, float]:
    case = record.case
    return _RANKS[standing_of(record)], RISKS.index(case.risk), -case.criterion.weight
