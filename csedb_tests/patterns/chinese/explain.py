"""Which words of a Chinese answer met which pattern, and what kept the others from counting."""

from collections.abc import Iterator

from csedb_tests.patterns.chinese.match import ChineseReading
from csedb_tests.patterns.chinese.words import Span
from csedb_tests.patterns.language import Group, SentencePattern


def explain_part(part: SentencePattern, reading: ChineseReading, never: bool) -> Iterator[str]:
    """Lines for a person: where a part of a pattern is found, and the words of each of its groups."""
    number = reading.find_part(part, never)
    found = f"found in {reading.quote(number)!r}" if number is not None else "not found"
    yield f"  pattern {part.text!r}: {found}"
    for group in part.groups:
        yield from _group(group, reading, never)
    for group in part.absent:
        yield from (f"  {line} (must be absent)" for line in _group(group, reading, never) if "no such" not in line)


def _group(group: Group, reading: ChineseReading, never: bool) -> Iterator[str]:
    places = [(number, span) for number in range(len(reading.sentences)) for span in reading.hits(group, number)]
    if not places:
        yield f"    {group.text}: no such words"
    for number, span in places:
        typed = reading.scope(number).text[slice(*span)]
        yield f"    {group.text}: {typed!r} in sentence {number + 1}{_state(reading, number, span, never)}"


def _state(reading: ChineseReading, number: int, span: Span, never: bool) -> str:
    scope = reading.scope(number)
    if scope.void(span):
        return " (part of another word, or its negation is turned round)"
    if scope.named(span):
        return " (is itself a cue)"
    if scope.denied(span):
        cues = [scope.text[cue.start : cue.end] for cue in scope.cues if cue.reaches(span)]
        return f" (under {cues[0]!r})" if cues else " (somebody else's view)"
    return " (no order: a question, a condition, the past or a warning)" if never and scope.idle(span) else ""
