"""A verdict to be settled, as a reviewer reads it in the terminal."""

from collections.abc import Iterator

from csedb_tests.reports.quote_spans import quote_spans
from csedb_tests.review_items import ReviewItem
from csedb_tests.text import one_line, showable
from csedb_tests.verdict import Verdict

PROMPT = "m met, n not met, c cannot tell (a comment may follow), s skip, q quit: "
_WHY = {"disagreement": "the two judges disagree", "undecided": "the judge could not tell"}


def item_lines(item: ReviewItem, number: int, total: int) -> Iterator[str]:
    """Question, answer with the quotes between >>> and <<<, statement, both verdicts. All foreign text is inert."""
    yield ""
    yield f"--- {number} of {total}: {item.case.id}, answer {item.sample}: {_WHY[item.why]} ---"
    yield ""
    yield "QUESTION"
    for turn in item.case.turns:
        speaker = f"[{turn.role}] " if len(item.case.turns) > 1 else ""
        yield from _indented(speaker + showable(turn.content))
    yield ""
    yield "ANSWER"
    yield from _indented(_marked(item))
    yield ""
    yield f"STATEMENT ({item.kind} {item.statement.id})"
    yield f"    {one_line(item.statement.text)}"
    yield ""
    yield from _verdict_lines("judge", item.own)
    if item.second is not None:
        yield from _verdict_lines("pattern judge", item.second)


def _marked(item: ReviewItem) -> str:
    verdicts = [verdict for verdict in (item.own, item.second) if verdict is not None]
    parts, at = [], 0
    for start, end in quote_spans(item.answer, [verdict.quote for verdict in verdicts]):
        parts += [showable(item.answer[at:start]), ">>>", showable(item.answer[start:end]), "<<<"]
        at = end
    return "".join([*parts, showable(item.answer[at:])]) or "(empty)"


def _verdict_lines(who: str, verdict: Verdict) -> Iterator[str]:
    yield f"{who}: {verdict.value.replace('_', ' ')}"
    if verdict.quote:
        yield f'    "{one_line(verdict.quote)}"'
    if verdict.reason:
        yield f"    {one_line(verdict.reason)}"


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"    {line}"
