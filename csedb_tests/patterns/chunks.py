"""What stands between two white spaces of an answer, understood once for all answers: words and punctuation."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from csedb_tests.patterns.sentences import ends_sentence
from csedb_tests.patterns.spelling import INVISIBLE, plain, words_of

_NUMBER = r"\d+(?:[.,]\d+)*|%|(?<![\w.])\.\d+"
_ASCII_WORD = re.compile(
    rf"([A-Za-z](?:[A-Za-z0-9]+(?:'[A-Za-z]+)?|(?:\.[A-Za-z](?![A-Za-z]))+\.?|'[A-Za-z]+)?|{_NUMBER})"
)
_LETTER, _REST = r"[^\W\d_]", rf"(?:[^\W_]|[{INVISIBLE}\u0300-\u036f])"
_WORD = re.compile(
    rf"({_LETTER}(?:{_REST}+(?:['\u2018\u2019\u02bc]{_LETTER}+)?|(?:\.{_LETTER}(?!{_LETTER}))+\.?|['\u2018\u2019\u02bc]{_LETTER}+)?|{_NUMBER})"
)
_DASH = re.compile(r"(?<=[\s)*_])[-\u2013\u2212](?=[\s(*_])")
_MARKS = str.maketrans("", "", "*_`~# \t\r\n")
_CLOSERS = frozenset("?!.\u2026\u3002")
_MAX_KEPT = 50_000
_LONG = 60
"""The caches below serve all answers. They hold at most so many entries, none of them for a longer text."""


class Chunk(NamedTuple):
    """What stands between two white spaces: words with the punctuation between, before and after them.

    ``ends`` counts the words that begin a sentence, ``inner`` those that belong to the token before them ("don't" is
    one token of two words). ``first`` and ``last`` are tokens as typed. Where there are no words, all is ``lead``.
    """

    lead: str
    words: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    inner: tuple[int, ...] = ()
    first: str = ""
    last: str = ""
    trail: str = ""


class _Gaps(dict[str, str]):
    """The punctuation in each text between two tokens."""

    def __missing__(self, between: str) -> str:
        gap = _DASH.sub("\u2014", between).translate(_MARKS)
        if len(self) >= _MAX_KEPT:
            self.clear()
        if len(between) <= _LONG:
            self[between] = gap
        return gap


class _Chunks(dict[str, str | Chunk]):
    """Chunks as typed: the folded word where there is nothing else to it."""

    def __missing__(self, typed: str) -> str | Chunk:
        chunk = _chunk(typed)
        found: str | Chunk = chunk.words[0] if len(chunk.words) == 1 and not (chunk.lead or chunk.trail) else chunk
        if isinstance(found, str) and typed[-1] == ".":
            found = chunk  # an abbreviation may end a sentence
        if len(self) >= _MAX_KEPT:
            self.clear()
        if len(typed) <= _LONG:
            self[typed] = found
        return found


GAPS, CHUNKS = _Gaps(), _Chunks()


def _chunk(typed: str) -> Chunk:
    pieces = _pieces(typed)
    if len(pieces) == 1:
        return Chunk(typed)
    words: list[str] = []
    gaps: list[str] = []
    ends: list[int] = []
    inner: list[int] = []
    for number in range(1, len(pieces), 2):
        token, gap = pieces[number], GAPS[pieces[number - 1]] if number > 1 else ""
        if number > 1 and ends_sentence(pieces[number - 2], pieces[number - 1], token, gap):
            ends.append(len(words))
        folded = words_of(plain(token))
        inner += range(len(words) + 1, len(words) + len(folded))
        words += folded
        gaps += [gap, *[""] * (len(folded) - 1)]
    shape = tuple(words), tuple(gaps), tuple(ends), tuple(inner)
    return Chunk(pieces[0], *shape, first=pieces[1], last=pieces[-2], trail=pieces[-1])


def _pieces(typed: str) -> list[str]:
    """Tokens at odd places, and what stands between them."""
    return _pattern(typed).split(typed)


def _pattern(typed: str) -> re.Pattern[str]:
    return _ASCII_WORD if typed.isascii() else _WORD


def token_spans(typed: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each word of a chunk starts and ends; both words of "don't" stand at the same place."""
    for match in _pattern(typed).finditer(typed):
        for _ in words_of(plain(match.group())):
            yield start + match.start(), start + match.end()
