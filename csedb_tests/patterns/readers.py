"""An answer in the language of its case, as rules and as never-events read it."""

from typing import NamedTuple, Protocol

from csedb_tests.patterns.chinese.match import ChineseReading
from csedb_tests.patterns.language import Pattern
from csedb_tests.patterns.match import MAX_SENTENCES, find
from csedb_tests.patterns.reading import Reading
from csedb_tests.patterns.readings import readings
from csedb_tests.patterns.rendering import render
from csedb_tests.patterns.scripts import in_another_script


class Reader(Protocol):
    """What the judge asks of a reading in any language."""

    @property
    def unread(self) -> str:
        """Why what is not found may still be there, or nothing."""

    def find(self, pattern: Pattern, never: bool) -> str | None:
        """A quote of the sentence in which a pattern (or its first part) is found."""


class Readers(NamedTuple):
    """``advice`` counts for rules, ``shown`` for never-events."""

    advice: Reader
    shown: Reader


class EnglishReader:
    """A reading in English, and of what looks like it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @property
    def unread(self) -> str:
        document = self._reading.document
        if len(document.sentences) > MAX_SENTENCES:
            return f"the answer is too long to be read in full: {len(document.sentences)} sentences"
        if not document.text.isascii() and in_another_script(document.words):
            return "a passage of it is in a script that these patterns do not read"
        return ""

    def find(self, pattern: Pattern, never: bool) -> str | None:
        sentence = find(pattern, self._reading, never)
        return self._reading.document.quote(sentence) if sentence >= 0 else None


def is_chinese(language: str) -> bool:
    """Whether a case's language tag (BCP 47) is one of Chinese."""
    return language.partition("-")[0].lower() in ("zh", "cmn")


def readers(language: str, answer: str) -> Readers:
    """Both readings of an answer to a case in a language."""
    if is_chinese(language):
        return Readers(*chinese(answer))
    return Readers(*map(EnglishReader, readings(answer)))


def chinese(answer: str) -> tuple[ChineseReading, ChineseReading]:
    """Both readings of a Chinese answer."""
    rendering = render(answer)
    advice = ChineseReading(answer, rendering.advice, for_rules=True)
    return advice, ChineseReading(answer, rendering.shown, for_rules=False)
