"""The offline judge: patterns, deterministic, without a network."""

import hashlib
from collections.abc import Iterator
from functools import cache

from csedb_tests.patterns.chinese.words import text as chinese_lexicon
from csedb_tests.patterns.language import parse
from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.readers import Reader, readers
from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.verdict import Verdict

ALGORITHM = 10
"""Raised whenever a change of the code can change a verdict."""


@cache
def _digest() -> str:
    return hashlib.sha256((lexicon().digest + chinese_lexicon()).encode()).hexdigest()[:12]


class PatternJudge:
    """Judges by the ``patterns`` of a case's rules and never-events."""

    @property
    def identity(self) -> str:
        """What the verdicts depend on: the lexicons' digest and the version of the algorithm."""
        return f"pattern:{_digest()}-{ALGORITHM}"

    def verdicts(self, case: Case, answer: str) -> tuple[Verdict, ...]:
        """One verdict per rule, then per never-event, in the case's order."""
        return tuple(_verdicts(case, *readers(case.language, answer)))


def _verdicts(case: Case, advice: Reader, shown: Reader) -> Iterator[Verdict]:
    for rule in case.rules:
        yield _verdict(rule, advice, never=False)
    for event in case.never:
        yield _verdict(event, shown, never=True)


def _verdict(statement: Rule | NeverEvent, reader: Reader, never: bool) -> Verdict:
    if not statement.patterns:
        return Verdict(statement.id, "cannot_tell", "", "no patterns are written for it")
    for text in statement.patterns:
        quote = reader.find(parse(text), never)
        if quote is not None:
            return Verdict(statement.id, "met", quote, f"pattern {text!r}")
    if reader.unread:  # what was not read could be anything
        return Verdict(statement.id, "cannot_tell", "", reader.unread)
    return Verdict(statement.id, "not_met", "", "none of its patterns is found")
