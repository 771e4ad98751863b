"""The pattern language: from the text of a pattern to a ``Pattern``."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from csedb_tests.patterns.spelling import plural, stem_forms
from csedb_tests.patterns.synonyms import synonyms
from csedb_tests.patterns.terms import Fault, Quantity, Term, term

_AND_IN_WORD = re.compile(r"\b([A-Za-z])&([A-Za-z])\b")
"""The ampersand of "A&E", which joins no groups."""


class PatternError(ValueError):
    """A pattern that cannot be read. The message names the pattern, the position and what is allowed."""

    def __init__(self, pattern: str, position: int, fault: str) -> None:
        super().__init__(f"pattern {pattern!r}, character {position + 1}: {fault}")
        self.pattern, self.position, self.fault = pattern, position, fault


Beside = Mapping[str, Sequence[tuple[str, ...]]]
"""Phrases by a word."""


class Group(NamedTuple):
    """Alternatives of which one is enough, apart by kind.

    ``words`` are single words, which also stand for their plurals; ``exact`` do not. Phrases stand beside the word that
    they begin with, again in either sense, or with a stem.
    """

    text: str
    words: frozenset[str]
    exact: frozenset[str]
    stems: tuple[str, ...]
    phrases: Beside
    exact_phrases: Beside
    stem_phrases: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...]
    quantities: tuple[Quantity, ...]


class SentencePattern(NamedTuple):
    """Groups that must all be found in one sentence, and groups that must not be."""

    text: str
    groups: tuple[Group, ...]
    absent: tuple[Group, ...]


class Pattern(NamedTuple):
    """Sentence patterns that must each match somewhere in the answer."""

    text: str
    parts: tuple[SentencePattern, ...]


@lru_cache(maxsize=16384)
def parse(text: str) -> Pattern:
    """Read a pattern; raises ``PatternError``."""
    joined = _AND_IN_WORD.sub(r"\1 \2", text) if "&" in text else text
    parts = tuple(_part(text, part, position) for part, position in _split(text, joined, 0, "&&"))
    return Pattern(text, parts)


def _split(pattern: str, text: str, offset: int, separator: str) -> list[tuple[str, int]]:
    """The pieces of ``text`` between separators, with their positions; none may be empty."""
    pieces: list[tuple[str, int]] = []
    for piece in text.split(separator):
        bare = piece.strip()
        if not bare:
            fault = f"nothing stands here; {separator!r} joins two parts that are not empty"
            raise PatternError(pattern, min(offset + len(piece), len(pattern)), fault)
        pieces.append((bare, offset + len(piece) - len(piece.lstrip())))
        offset += len(piece) + len(separator)
    return pieces


def _part(pattern: str, text: str, offset: int) -> SentencePattern:
    groups, absent = [], []
    for piece, position in _split(pattern, text, offset, "&"):
        if piece.startswith("!"):
            absent.append(_group(pattern, piece[1:], position + 1))
        else:
            groups.append(_group(pattern, piece, position))
    if not groups:
        raise PatternError(pattern, offset, "only '!' groups; at least one group must be found in the sentence")
    return SentencePattern(text, tuple(groups), tuple(absent))


def _group(pattern: str, text: str, offset: int) -> Group:
    try:
        return _compiled(text.strip())
    except Fault:
        return _located(pattern, text, offset)


def _located(pattern: str, text: str, offset: int) -> Group:
    """The group again, piece by piece, to tell where the fault stands."""
    for piece, position in _split(pattern, text, offset, "|"):
        try:
            term(piece)
        except Fault as fault:
            raise PatternError(pattern, position + fault.position, fault.fault) from None
    raise AssertionError(text)


@lru_cache(maxsize=16384)
def _compiled(text: str) -> Group:
    """A group from its text; raises ``Fault``."""
    written = [_term(piece.strip()) for piece in text.split("|")]
    terms = [*written, *(Term(words) for one in written if one.words for words in synonyms(one.words))]
    single = [one.words[0] for one in terms if len(one.words) == 1]
    stems = [stem_forms(word[:-1]) for word in single if word[-1] == "*"]
    words = frozenset(word for word in single if word[-1] != "*")
    exact = {word for forms, _ in stems for word in forms}
    exact.update(word[:-1] for word in words if plural(word))
    phrases, exact_phrases = _by_first([one.words for one in terms if len(one.words) > 1 and one.words[0][-1] != "*"])
    return Group(
        text,
        words,
        frozenset(exact),
        tuple(beginning for _, beginnings in stems for beginning in beginnings),
        phrases,
        exact_phrases,
        stem_phrases=tuple(one.words for one in terms if len(one.words) > 1 and one.words[0][-1] == "*"),
        classes=tuple(one.name for one in terms if one.name),
        quantities=tuple(one.quantity for one in terms if one.quantity),
    )


def _by_first(phrases: list[tuple[str, ...]]) -> tuple[Beside, Beside]:
    """Phrases by their first word, and by the singular of those that begin with a plural."""
    found: dict[str, list[tuple[str, ...]]] = {}
    exact: dict[str, list[tuple[str, ...]]] = {}
    for words in phrases:
        found.setdefault(words[0], []).append(words)
        if plural(words[0]):
            exact.setdefault(words[0][:-1], []).append(words)
    return found, exact


def _term(text: str) -> Term:
    if not text:
        raise Fault(0, "nothing stands here")
    return term(text)
