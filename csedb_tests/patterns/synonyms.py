"""Words that stand for each other in every pattern: brand and generic names, lay words, abbreviations."""

from functools import cache, lru_cache

from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.spelling import fold, plain, plural, stem_forms, words_of

Words = tuple[str, ...]
_LEAST_STEM = 4
"""Letters that a stem must have to stand for the words that begin with it."""


@lru_cache(maxsize=16384)
def synonyms(words: Words) -> tuple[Words, ...]:
    """The other ways to say ``words`` (folded, ``*`` behind a stem), the words themselves left out."""
    key = _key(words)
    found = _by_key().get(key, ())
    if not found and len(key) == 1:
        found = next((some for stem, some in _by_stem() if key[0].startswith(stem)), ())
    return tuple(other for other in found if other != words)


@cache
def _sets() -> tuple[tuple[Words, ...], ...]:
    lines = (line.strip() for line in lexicon().synonyms.splitlines())
    return tuple(tuple(_words(one) for one in line.split(",") if one.strip()) for line in lines if line)


@cache
def _by_key() -> dict[Words, tuple[Words, ...]]:
    return {_key(words): some for some in _sets() for words in some}


@cache
def _by_stem() -> tuple[tuple[str, tuple[Words, ...]], ...]:
    """Stems, longest first, with their sets."""
    stems = [
        (form, some)
        for some in _sets()
        for words in some
        if len(words) == 1 and words[0][-1] == "*" and len(words[0]) > _LEAST_STEM
        for form in stem_forms(words[0][:-1])[1]
    ]
    return tuple(sorted(stems, key=lambda one: -len(one[0])))


def _words(text: str) -> Words:
    """The folded words of an entry; a stem keeps its ``*`` and is folded where it is compared."""
    return tuple(word for item in text.split() for word in ((item,) if item[-1] == "*" else words_of(plain(item))))


def _key(words: Words) -> Words:
    """Words without the ``*`` and the plural of the last."""
    last = words[-1]
    if last[-1] == "*":
        last = fold(last[:-1])
    return (*words[:-1], last[:-1] if plural(last) else last)
