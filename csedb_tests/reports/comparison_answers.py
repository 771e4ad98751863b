"""The answers of both runs to the cases that changed, side by side."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from csedb_tests.comparison.values import Change
from csedb_tests.record import CaseRecord, RunRecord
from csedb_tests.reports.comparison_text import change_text, outcome_text
from csedb_tests.text import shortened, showable

COLUMN = 58
LONGEST_ANSWER = 4000
_NONE = "(no answer)"


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A case that went differently, its question, and the answers of both runs in the order of their samples."""

    change: Change
    question: str
    baseline_answers: tuple[str, ...]
    candidate_answers: tuple[str, ...]


def changed_cases(record: RunRecord) -> tuple[ChangedCase, ...]:
    """The changed cases of a run with a comparison, in its order: never-events, broken, fixed."""
    if record.comparison is None:
        return ()
    cases = {case.case.id: case for case in record.cases}
    return tuple(_changed(change, cases) for change in record.comparison.changes if change.case_id in cases)


def _changed(change: Change, cases: Mapping[str, CaseRecord]) -> ChangedCase:
    case = cases[change.case_id]
    question = "\n".join(turn.content for turn in case.case.turns)
    answers = tuple(sample.answer.text for sample in case.samples if sample.answer is not None)
    return ChangedCase(change, question, change.baseline_answers, answers)


def side_by_side(found: ChangedCase) -> Iterator[str]:
    """Question and answers as text: the baseline's on the left, this run's on the right."""
    change = found.change
    yield f"{change.kind}: {change_text(change)}"
    yield ""
    yield from (f"  {line}" for line in _wrapped(found.question, 2 * COLUMN))
    yield ""
    yield _row(f"BEFORE ({outcome_text(change.baseline)})", f"NOW ({outcome_text(change.candidate)})")
    for before, now in answer_pairs(found):
        yield _row("-" * COLUMN, "-" * COLUMN)
        for left, right in zip_longest(_wrapped(before, COLUMN), _wrapped(now, COLUMN), fillvalue=""):
            yield _row(left, right)


def answer_pairs(found: ChangedCase) -> Sequence[tuple[str, str]]:
    """The answers of both runs, first with first; what one of them lacks is said."""
    pairs = list(zip_longest(found.baseline_answers, found.candidate_answers, fillvalue=_NONE))
    return pairs or [(_NONE, _NONE)]


def _row(left: str, right: str) -> str:
    return f"  {left.ljust(COLUMN)} | {right}".rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    lines = showable(shortened(text, LONGEST_ANSWER)).splitlines() or ["(empty)"]
    return [part for line in lines for part in textwrap.wrap(line, width, break_on_hyphens=False) or [""]]
