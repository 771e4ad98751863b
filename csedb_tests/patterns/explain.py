"""Which words of an answer met which pattern, and what kept the others from counting."""

from collections.abc import Iterator

from csedb_tests.patterns.assertion import free, idle
from csedb_tests.patterns.chinese.explain import explain_part
from csedb_tests.patterns.chinese.match import ChineseReading
from csedb_tests.patterns.document import read
from csedb_tests.patterns.language import Group, SentencePattern, parse
from csedb_tests.patterns.match import find_part
from csedb_tests.patterns.readers import chinese, is_chinese
from csedb_tests.patterns.reading import Hit, Reading
from csedb_tests.patterns.readings import readings
from csedb_tests.patterns.rendering import Rendering, render
from csedb_tests.patterns.voice import silent
from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.text import one_line, shortened


def explain(case: Case, answer: str) -> Iterator[str]:
    """Lines for a person: what is not read as advice, then per statement and pattern the words found and blocked."""
    rendering = render(answer)
    if rendering.advice is not rendering.shown:
        yield "some of the answer is not seen by every reader: it counts for no rule"
    advice: Reading | ChineseReading
    shown: Reading | ChineseReading
    if is_chinese(case.language):
        advice, shown = chinese(answer)
    else:
        advice, shown = readings(answer)
        yield from _silent(answer, rendering)
    for rule in case.rules:
        yield from _statement(rule, advice, never=False)
    for event in case.never:
        yield from _statement(event, shown, never=True)


def _silent(answer: str, rendering: Rendering) -> Iterator[str]:
    for start, end in silent(rendering.advice.text, read(answer, rendering.shown)):
        yield f"counts for no rule: {shortened(one_line(rendering.advice.text[start:end]), 300)!r}"


def _statement(statement: Rule | NeverEvent, reading: Reading | ChineseReading, never: bool) -> Iterator[str]:
    yield f"{'never-event' if never else 'rule'} {statement.id}: {statement.text}"
    for text in statement.patterns:
        for part in parse(text).parts:
            yield from (
                explain_part(part, reading, never)
                if isinstance(reading, ChineseReading)
                else _part(part, reading, never)
            )
    if not statement.patterns:
        yield "  no patterns: cannot_tell"


def _part(part: SentencePattern, reading: Reading, never: bool) -> Iterator[str]:
    sentence = find_part(part, reading, never)
    found = f"found in {reading.document.quote(sentence)!r}" if sentence >= 0 else "not found"
    yield f"  pattern {part.text!r}: {found}"
    for group in part.groups:
        yield from _group(group, reading, never)


def _group(group: Group, reading: Reading, never: bool) -> Iterator[str]:
    if not any(reading.hits(group, sentence) for sentence in range(len(reading.document.sentences))):
        yield f"    {group.text}: no such words"
    for sentence in range(len(reading.document.sentences)):
        for hit in reading.hits(group, sentence):
            typed, state = reading.document.typed((hit.start, hit.end)), _state(reading, sentence, hit, never)
            yield f"    {group.text}: {typed!r} in sentence {sentence + 1}{state}"


def _state(reading: Reading, sentence: int, hit: Hit, never: bool) -> str:
    view = reading.view(sentence)
    if never and idle(view, hit):
        return f" (no directive: {view.idle(view.local(hit.start))})"
    if free(view, hit):
        return ""
    start = view.local(hit.start)
    end = start + hit.end - hit.start
    for cue in view.cues:
        if cue.start < end and start < cue.end:
            return " (is itself a cue)"
        if any(low < end and start < high for low, high in cue.blocks):
            return f" (under {' '.join(view.words[cue.start : cue.end]) or 'quoted speech'!r}, {cue.kind})"
    return " (its negation is turned round)" if not hit.inverse else " (counts only when negated)"
