"""``review.csv``: the verdicts a person should settle, one per row, to be filled in with a spreadsheet."""

from collections.abc import Iterable

from csedb_tests.reports.csv_cells import csv_text
from csedb_tests.review_items import ReviewItem
from csedb_tests.text import one_line, shortened
from csedb_tests.verdict import Verdict

FILLED = ("verdict", "reviewer", "date", "comment")
"""The columns a reviewer fills in."""
COLUMNS = (
    *("case", "sample", "statement", "kind", "why", "statement_text", "question_end", "answer_quote"),
    *("judge_verdict", "judge_quote", "judge_reason", "pattern_verdict", "pattern_quote", "pattern_reason"),
    *FILLED,
    *("answer_sha256", "subject_sha256"),
)
_AROUND = 200
_LONGEST = 600


def review_csv(items: Iterable[ReviewItem]) -> str:
    """The whole file: a heading and a row per item. No cell can begin a formula; model text stays on one line."""
    return csv_text(COLUMNS, map(_row, items))


def _row(item: ReviewItem) -> dict[str, str]:
    subject = item.subject
    question = one_line(item.case.turns[-1].content)
    return {
        "case": item.case.id,
        "sample": str(item.sample),
        "statement": item.statement.id,
        "kind": item.kind,
        "why": item.why,
        "statement_text": item.statement.text,
        "question_end": question if len(question) <= _LONGEST else f"... {question[-_LONGEST:]}",
        "answer_quote": _excerpt(item),
        **_opinion("judge", item.own),
        **_opinion("pattern", item.second or Verdict("", "cannot_tell")),
        **dict.fromkeys(FILLED, ""),
        "answer_sha256": subject.answer_sha256,
        "subject_sha256": subject.subject_sha256,
    }


def _opinion(who: str, verdict: Verdict) -> dict[str, str]:
    parts = {"verdict": verdict.value, "quote": verdict.quote, "reason": verdict.reason}
    return {f"{who}_{name}": shortened(text, _LONGEST) for name, text in parts.items()}


def _excerpt(item: ReviewItem) -> str:
    """The answer around the words that either judge points at, or its beginning."""
    verdicts = (item.own, item.second)
    quote = next((verdict.quote for verdict in verdicts if verdict is not None and verdict.quote), "")
    at = max(0, item.answer.find(quote))
    start, end = max(0, at - _AROUND), at + len(quote) + _AROUND
    return f"{'... ' if start else ''}{item.answer[start:end]}{' ...' if end < len(item.answer) else ''}"
