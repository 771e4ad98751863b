"""What became of the cases of a baseline, in plain values for the page."""

from dataclasses import dataclass
from typing import Literal

from csedb_tests.reports.case_order import Standing

Kind = Literal["newly never-event", "broken", "fixed"]

KINDS: dict[Kind, str] = {
    "newly never-event": "Newly a never-event",
    "broken": "Broken",
    "fixed": "Fixed",
}
"""What changes are called, in the order of their list."""


@dataclass(frozen=True, slots=True)
class Side:
    """A case in one of two runs: its standing, its score (None where unscored) and the answer, or None."""

    standing: Standing
    score: float | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose standing differs between baseline and candidate."""

    case_id: str
    title: str
    kind: Kind
    baseline: Side
    candidate: Side


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes against a baseline. ``baseline`` names it; ``summary`` are sentences that come before the list."""

    baseline: str
    rows: tuple[Change, ...]
    summary: tuple[str, ...] = ()
