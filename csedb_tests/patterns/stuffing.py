"""Words without language: keywords strung together, the same said over and over."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from csedb_tests.patterns.document import Document
from csedb_tests.patterns.passages import Passage

WORD = re.compile(r"[^\W\d_][\w'-]*|\d+")
_HASHTAG = re.compile(r"(?<!\S)#[A-Za-z][\w-]*")
_STOPS = re.compile(r"[^\w\s'-]+")
_GRAMMAR = frozenset(
    word
    for words in (
        "a an the is are was be been am to of in and or not with for it its she her he his him you your they them i",
        "we if at on by this that these as because do does did should must may can will would has have had when while",
        "from than but so then",
    )
    for word in words.split()
)
_LONGEST_BAG = 8
"""Words in a row without a stop or a word of grammar; more are a bag of words."""
_MOST_REPEATS = 5
"""How often the same line may stand in an answer."""
_VARIETY = 0.3
"""Distinct words / words of a long sentence; less is repetition."""
_LONG, _SHORT = 40, 12
_PIECE = 400
_ECHOES = 2
"""How often the same three words may follow each other in a sentence."""


def stuffed(document: Document) -> bool:
    """Whether an answer may hold a bag of words: a quick look at all of it."""
    words, places = document.words, document.places
    if "#" in document.text and len(_HASHTAG.findall(document.text)) > 2:
        return True
    if len(words) >= _SHORT and (len(places) < _VARIETY * len(words) or _echoing(words)):
        return True
    lines = document.text.splitlines()
    if len(set(lines)) + _MOST_REPEATS < len(lines) and repeated(lines):
        return True
    grammar = sorted(place for word in _GRAMMAR & places.keys() for place in places[word])
    return any(
        end - start > _LONGEST_BAG + 1 and _unbroken(document, start + 1, end)
        for start, end in pairwise([-1, *grammar, len(words)])
    )


def repeated(lines: Sequence[str]) -> set[str]:
    """The lines that stand too often in an answer."""
    return {line for line, count in Counter(filter(str.strip, lines)).items() if count > _MOST_REPEATS}


def bag_of_words(passage: Passage) -> bool:
    """Whether words in lower case are strung together that are no language."""
    if "#" in passage.text and len(_HASHTAG.findall(passage.text)) > 2:
        return True
    if passage.text.count(" ") < _LONGEST_BAG and "\n" not in passage.text:
        return False
    first = passage.block.start
    sentences = (passage.text[start - first : end - first] for start, end in passage.sentences)
    return any(_meaningless(sentence) for sentence in sentences)


def _meaningless(sentence: str) -> bool:
    words = WORD.findall(sentence)
    if len(words) <= _LONGEST_BAG:
        return False
    return _repetitive(words) or (_GRAMMAR.isdisjoint(words) and any(map(_ungrammatical, _STOPS.split(sentence))))


def _repetitive(words: Sequence[str]) -> bool:
    if len(words) >= _LONG and len(set(words)) < _VARIETY * len(words):
        return True
    return len(words) >= _SHORT and max(Counter(zip(words, words[1:], words[2:], strict=False)).values()) > _ECHOES


def _ungrammatical(piece: str) -> bool:
    words = WORD.findall(piece)
    return len(words) > _LONGEST_BAG and _GRAMMAR.isdisjoint(words) and not any(word.isdigit() for word in words)


def _echoing(words: Sequence[str]) -> bool:
    """Whether three words follow each other again and again, perhaps within a sentence: looked for piece by piece."""
    pieces = (words[start : start + _PIECE] for start in range(0, len(words), _PIECE))
    return any(len(one) - 2 - len(set(zip(one, one[1:], one[2:], strict=False))) > _ECHOES for one in pieces)


def _unbroken(document: Document, start: int, end: int) -> bool:
    """Whether more than `_LONGEST_BAG` words of a range stand in a row without a stop."""
    run = 0
    for place in range(start, end):
        run = run + 1 if place > start and not document.breaks(place) else 1
        if run > _LONGEST_BAG:
            return True
    return False
