"""Texts as words, for comparing texts: case and punctuation gone, numbers and he or she made alike where asked."""

import re
from collections.abc import Sequence
from functools import lru_cache

from csedb_tests.text import HAN

_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+(?:['.,][^\W_{HAN}]+)*")
"""Chinese has no blanks: each of its characters stands alone here."""
_HAN = re.compile(f"[{HAN}]")
_SENTENCE_END = re.compile(r"(?<=[.?!:])\s+|(?<=[\u3002\uff1f\uff01\uff1b\uff1a])|\n+")
# A vignette retold of a woman is the same vignette.
_ALIKE = {
    "she": "he", "her": "he", "hers": "he", "his": "he", "him": "he", "herself": "himself", "woman": "man",
    "women": "men", "girl": "boy", "girls": "boys", "lady": "man", "gentleman": "man", "mrs": "mr", "ms": "mr",
    "female": "male", "mother": "father", "daughter": "son", "wife": "husband", "sister": "brother",
}  # fmt: skip
_FUNCTION_WORDS = """
a an the of to and or in on at is are was be been it its this that these those he she they his her him them you your i
my we our us with for by from as not no nor but if so than then there which who what when do does did has have had can
could may might must should will would says say states gives recommends advises names asks explains tells any all
about into such other
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
NUMBER = "#"


@lru_cache(maxsize=2**16)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded. Several checks ask for those of the same text."""
    return tuple(_WORD.findall(text.casefold().replace("\u2019", "'")))


def length(found: Sequence[str]) -> float:
    """How many words these are: two characters of Chinese make one."""
    return sum(0.5 if _HAN.match(word) else 1 for word in found)


def masked(found: Sequence[str]) -> tuple[str, ...]:
    """The words with every number as ``#`` and he and she alike."""
    return tuple([NUMBER if word[0].isdigit() else _ALIKE.get(word, word) for word in found])


def content_words(found: Sequence[str]) -> list[str]:
    """The words that carry meaning."""
    return [word for word in found if word not in FUNCTION_WORDS]


def shingles(found: Sequence[str], length: int) -> frozenset[tuple[str, ...]]:
    """Every run of ``length`` words; of a shorter text, the whole."""
    if len(found) < length:
        return frozenset([tuple(found)]) if found else frozenset()
    return frozenset(zip(*(found[start:] for start in range(length)), strict=False))


def sentences(text: str) -> list[str]:
    """The sentences of a text, roughly: cut after full stops, colons and at line breaks."""
    return [part for part in _SENTENCE_END.split(text) if part.strip()]
