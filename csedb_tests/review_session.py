"""Settling verdicts one after the other, and the run's record with what was settled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from csedb_tests.assembly import assemble
from csedb_tests.assessment import reviewed_case
from csedb_tests.clock import utc_now
from csedb_tests.comparison.decisions import outdated
from csedb_tests.coverage import joint_coverage
from csedb_tests.policy import GatePolicy
from csedb_tests.qualification.standing import joint_gate, qualification_of
from csedb_tests.record import RunRecord
from csedb_tests.reports.review_text import PROMPT, item_lines
from csedb_tests.review_items import ReviewItem
from csedb_tests.reviews import Review, Reviews, add_review
from csedb_tests.verdict import VerdictValue

SUFFIX = "-reviewed"
_VERDICTS: dict[str, VerdictValue] = {"m": "met", "n": "not_met", "c": "cannot_tell"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a session reads and writes. ``read`` gives a line with its break, and nothing at the end of input."""

    read: Callable[[], str]
    show: Callable[[str], None]
    ask: Callable[[str], None]


def unsettled(items: Sequence[ReviewItem], reviews: Reviews) -> list[ReviewItem]:
    """The items that nobody has settled yet."""
    return [item for item in items if reviews.settled(item.subject) is None]


def settle(items: Sequence[ReviewItem], path: Path, reviewer: str, terminal: Terminal) -> int:
    """Have ``reviewer`` settle ``items``; gives how many were.

    Each verdict is in the file before the next item is shown, so that quitting, Ctrl-C and the end of input lose none.
    """
    settled = 0
    try:
        for number, item in enumerate(items, start=1):
            for line in item_lines(item, number, len(items)):
                terminal.show(line)
            key, comment = _key(terminal)
            if key == "q":
                break
            if key in _VERDICTS:
                add_review(path, Review(item.subject, _VERDICTS[key], reviewer, utc_now(), comment))
                settled += 1
    except KeyboardInterrupt:
        terminal.show("")
    return settled


def _key(terminal: Terminal) -> tuple[str, str]:
    """The key pressed, asked for until it is one of those offered, and the comment behind it. No input is ``q``."""
    while True:
        terminal.ask(PROMPT)
        line = terminal.read()
        if not line:
            terminal.show("")
            return "q", ""
        key, _, comment = line.strip().partition(" ")
        if key.lower() in (*_VERDICTS, "s", "q"):
            return key.lower(), comment.strip()


def reviewed_run(record: RunRecord, reviews: Reviews) -> RunRecord:
    """The run's record with settled verdicts in place of the judge's, every gate decided anew."""
    policy = GatePolicy(**record.identity.policy)
    found = assemble(
        run_id=record.run_id.removesuffix(SUFFIX) + SUFFIX,
        started=record.started,
        identity=record.identity,
        selection=record.selection,
        cases=tuple(reviewed_case(case, reviews, policy.case_threshold) for case in record.cases),
        policy=policy,
        qualification=joint_gate([qualification_of(record.gates)], policy),
        further_gates=joint_coverage(record.gates),
        problems=record.problems,
        comparison=outdated(record.comparison, record.run_id.removesuffix(SUFFIX) + SUFFIX),
    )
    return replace(found, finished=record.finished)
