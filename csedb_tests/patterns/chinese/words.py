"""The Chinese lists of ``data/lexicon_zh.toml``, as regular expressions that find the longest entry at each place."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Span = tuple[int, int]
"""First character and the character after the last."""
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Words:
    """Entries, and what looks like one and is none: nothing is found that lies inside a look-alike."""

    entries: re.Pattern[str]
    look_alikes: re.Pattern[str]

    def spans(self, text: str) -> Iterator[Span]:
        """Where entries stand, in order and without overlap."""
        masked = [match.span() for match in self.look_alikes.finditer(text)]
        for match in self.entries.finditer(text):
            start, end = match.span()
            if not any(low <= start and end <= high for low, high in masked):
                yield start, end

    def within(self, text: str) -> bool:
        """Whether any entry stands in a text."""
        return next(self.spans(text), None) is not None


@cache
def text() -> str:
    """The lexicon as it is written: verdicts depend on it."""
    return files("csedb_tests").joinpath("data/lexicon_zh.toml").read_text(encoding="utf-8")


@cache
def _data() -> dict[str, dict[str, object]]:
    return tomllib.loads(text())


@cache
def word_class(name: str) -> Words:
    """The entries of a class such as ``avoid``."""
    classes: dict[str, dict[str, str]] = _data()["classes"]  # type: ignore[assignment]
    entry = classes.get(name, {})
    return words(entry.get("words", ""), entry.get("except", ""))


@cache
def is_directive(name: str) -> bool:
    """Whether a class holds orders."""
    entry: dict[str, object] = _data()["classes"].get(name, {})  # type: ignore[assignment]
    return bool(entry.get("directive"))


def cues(name: str, look_alikes: str = "") -> Words:
    """The entries of a list of cues; ``look_alikes`` names the list of what is none of them."""
    return _listed("cues", name, look_alikes)


def grammar(name: str, look_alikes: str = "") -> Words:
    """The entries of a grammar list, likewise."""
    return _listed("grammar", name, look_alikes)


@cache
def _listed(table: str, name: str, look_alikes: str) -> Words:
    lists = _data()[table]
    return words(str(lists[name]), str(lists[look_alikes]) if look_alikes else "")


@cache
def light() -> frozenset[str]:
    """The characters that name nothing."""
    return frozenset(str(_data()["grammar"]["light"]))


def words(entries: str, look_alikes: str = "") -> Words:
    """Entries apart at white space."""
    return Words(_any_of(entries.split()), _any_of(look_alikes.split()))


def _any_of(entries: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(entries), key=lambda entry: (-len(entry), entry))
    return re.compile("|".join(map(literal, longest_first))) if longest_first else _NOTHING


def literal(entry: str) -> str:
    """An expression for an entry; Latin letters and digits at its ends are those of a whole word."""
    before = r"(?<![a-z0-9])" if entry[:1].isascii() and entry[:1].isalnum() else ""
    after = r"(?![a-z0-9])" if entry[-1:].isascii() and entry[-1:].isalnum() else ""
    return before + re.escape(entry) + after


def only_light(rest: str) -> bool:
    """Whether a stretch of text names nothing."""
    return all(letter in light() or not letter.isalnum() for letter in rest)


def touch(one: Span, other: Span) -> bool:
    """Whether two stretches share a character."""
    return one[0] < other[1] and other[0] < one[1]
