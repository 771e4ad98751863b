"""An answer as rules and as never-events read it."""

from typing import NamedTuple

from csedb_tests.patterns.document import read
from csedb_tests.patterns.reading import Reading
from csedb_tests.patterns.rendering import render
from csedb_tests.patterns.sheet import Sheet
from csedb_tests.patterns.voice import silenced


class Readings(NamedTuple):
    """``advice`` counts for rules, ``shown`` for never-events; mostly they are one."""

    advice: Reading
    shown: Reading


def readings(answer: str) -> Readings:
    """Both readings of an answer."""
    rendering = render(answer)
    shown = Reading(read(answer, rendering.shown))
    advice = Sheet(silenced(rendering.advice.text, shown.document), rendering.advice.origin)
    if advice.text == rendering.shown.text:
        return Readings(shown, shown)
    return Readings(Reading(read(answer, advice)), shown)
