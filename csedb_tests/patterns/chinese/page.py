"""A Chinese answer as sentences and clauses, width folded, without the marks and spaces that only look."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from csedb_tests.patterns.chinese.words import Span, grammar
from csedb_tests.patterns.sheet import Sheet, nothing
from csedb_tests.text import HAN

_HAN = HAN + "\uf900-\ufaff\U00020000-\U0002ffff"
_WIDE = re.compile("[\u2460-\u2473\u3000\u3300-\u33ff\uf900-\ufaff\uff01-\uffee]")
_MARKS = re.compile(r"[*_`]+|^[ \t]*#+[ \t]*", re.MULTILINE)
_BLANKS = re.compile(rf"(?<=[{_HAN}\u3001\u3002,;:!?)])[ \t]+(?=\S)|(?<=\S)[ \t]+(?=[{_HAN}(])")
_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
_ITEM = re.compile(
    r"[ \t>]*(?:[-+\u00b7\u2013\u2014\u2022\u25a0-\u25ff]|\(?\d{1,2}(?:[)\u3001]|\.(?!\d))"
    r"|\(?[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]{1,3}[)\u3001.]"
    r"|[A-Za-z][.)](?=\s|[\u4e00-\u9fff]))[ \t]*"
)
_SENTENCE_END = re.compile(r"[\u3002!?]+[\"'\u201d\u2019\u300d)]*|(?<=[^\W\d_])\.(?=\s|$)|\n")
_CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d)|[:;|()\u2014\u2192]|\.(?=\s)")
_LINE = re.compile(r"[^\n]+")
LONGEST_SENTENCE = 400
"""Characters; a longer stretch without a stop is cut, to keep judging linear."""


class Sentence(NamedTuple):
    """A stretch of the page; ``lead`` is the number of the sentence that introduces this list item, or -1."""

    start: int
    end: int
    lead: int


def folded(sheet: Sheet) -> Sheet:
    """Full-width letters and punctuation as half-width ones, letters small, marks and spaces beside Han gone."""
    for pattern, edit in ((_WIDE, _narrow), (_MARKS, nothing), (_BLANKS, nothing)):
        sheet = sheet.edited(pattern, edit)
    return Sheet(sheet.text.translate(_LOWER), sheet.origin)


def _narrow(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group())


def fold(text: str) -> str:
    """The same of the text of a pattern."""
    return folded(Sheet(text)).text


def sentences(text: str) -> list[Sentence]:
    """The sentences of a folded text, in order."""
    found: list[Sentence] = []
    lead = -1
    for line in _LINE.finditer(text):
        item = _ITEM.match(text, *line.span())
        start = item.end() if item else line.start()
        pieces = list(_pieces(text, start, line.end()))
        for number, (first, last) in enumerate(pieces):
            found.append(Sentence(first, last, lead if item and not number else -1))
        if not item and pieces:
            lead = len(found) - 1 if text[: line.end()].rstrip()[-1:] == ":" else -1
    return found


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of one line that hold anything."""
    while start < end:
        limit = min(end, start + LONGEST_SENTENCE)
        stop = _SENTENCE_END.search(text, start, limit)
        last = stop.end() if stop else limit
        if any(letter.isalnum() for letter in text[start:last]):
            yield start, last
        start = last


def clauses(sentence: str) -> list[Span]:
    """The clauses of a sentence: between commas and the like, and from each word that turns to something else."""
    stops = [match.end() for match in _CLAUSE_END.finditer(sentence)]
    turns = [start for start, _ in grammar("turn", "turn_except").spans(sentence)]
    ends = sorted({*stops, *turns, len(sentence)} - {0})
    return [(start, end) for start, end in zip([0, *ends], ends, strict=False) if end > start]
