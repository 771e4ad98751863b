"""Whether the pattern judge finds a pattern, in a sentence alone or in an answer."""

from csedb_tests.patterns.document import read
from csedb_tests.patterns.language import parse
from csedb_tests.patterns.match import find
from csedb_tests.patterns.reading import Reading
from csedb_tests.patterns.readings import readings


def found_alone(pattern: str, text: str, never: bool = False) -> bool:
    """In a text of which everything counts."""
    return find(parse(pattern), Reading(read(text)), never) >= 0


def found_in_answer(pattern: str, answer: str, never: bool = False) -> bool:
    """In an answer as rules or never-events read it."""
    advice, shown = readings(answer)
    return find(parse(pattern), shown if never else advice, never) >= 0


def found_in_letter(pattern: str, passage: str, never: bool = False) -> bool:
    """In a passage between others."""
    return found_in_answer(pattern, f"Thank you.\n\n{passage}\n\nCome back if it gets worse.", never)
