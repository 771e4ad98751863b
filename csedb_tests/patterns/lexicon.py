"""The judge's words: classes, cues and grammar, from ``data/lexicon.toml``, read once."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from csedb_tests.patterns.spelling import inflections, number_forms, plain, words_of

MAX_GAP = 3
"""``..`` in an entry stands for at most so many words."""
_PARTS = re.compile(r"[,\n]")

Rest = tuple[frozenset[str], ...]
"""The words of a phrase after those already met: the forms that each may have."""
Tail = tuple[str, Rest]
"""A phrase's label and its rest."""


class Node(NamedTuple):
    """The phrases that begin with one word: the word alone, and by the second word, next to it or after a gap."""

    alone: tuple[str, ...]
    pairs: Mapping[str, tuple[Tail, ...]]
    gapped: Mapping[str, tuple[Tail, ...]]


Phrases = Mapping[str, Node]
"""Phrases by their first word."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists as written; what a class or the cues consist of is worked out when it is first needed."""

    digest: str
    classes: frozenset[str]
    directive_classes: frozenset[str]
    undoes: Mapping[str, tuple[str, ...]]
    grammar: Mapping[str, frozenset[str]]
    lists: Mapping[str, str]
    cue_lists: Mapping[str, str]
    synonyms: str


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    text = files("csedb_tests").joinpath("data/lexicon.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    classes: dict[str, dict[str, object]] = data["classes"]
    directive = [name for name, entry in classes.items() if entry.get("directive")]
    return Lexicon(
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        classes=frozenset(classes),
        directive_classes=frozenset(directive),
        undoes={name: tuple(entry.get("undoes", ())) for name, entry in classes.items()},  # type: ignore[arg-type]
        grammar=_grammar(data["grammar"], [str(classes[name]["words"]) for name in directive]),
        lists={name: str(entry["words"]) for name, entry in classes.items()}
        | {f"-{name}": str(entry["except"]) for name, entry in classes.items() if "except" in entry},
        cue_lists=data["cues"],
        synonyms=str(data["synonyms"]["words"]),
    )


@cache
def class_phrases(name: str) -> Phrases:
    """The phrases of a class, or with ``-`` before its name those that look like it and are none; labelled so."""
    text = lexicon().lists.get(name)
    return _by_first_word({name: text}) if text else {}


@cache
def cue_phrases() -> Phrases:
    """The phrases of all cues, labelled by kind."""
    return _by_first_word(lexicon().cue_lists)


def _by_first_word(lists: Mapping[str, str]) -> dict[str, Node]:
    found: dict[str, dict[tuple[str, bool, Rest], None]] = {}
    for label, text in lists.items():
        for phrase in _entries(text):
            head, gap, tail = phrase.partition(" .. ")
            first, *rest = [*_slots(head), *_slots(tail)] if gap else _slots(head)
            entry = label, bool(gap), tuple(rest)
            for word in first:
                found.setdefault(word, {})[entry] = None
    return {word: _node(entries) for word, entries in found.items()}


def _node(entries: Iterable[tuple[str, bool, Rest]]) -> Node:
    alone: list[str] = []
    beside: dict[str, list[Tail]] = {}
    gapped: dict[str, list[Tail]] = {}
    for label, gap, rest in entries:
        if not rest:
            alone.append(label)
            continue
        tails = gapped if gap else beside
        for second in rest[0]:
            tails.setdefault(second, []).append((label, rest[1:]))
    return Node(tuple(alone), _frozen(beside), _frozen(gapped))


def _frozen(tails: Mapping[str, list[Tail]]) -> dict[str, tuple[Tail, ...]]:
    return {word: tuple(some) for word, some in tails.items()}


def _entries(text: str) -> Iterable[str]:
    return (entry for part in _PARTS.split(text) if (entry := part.strip()))


def _slots(phrase: str) -> list[frozenset[str]]:
    slots: list[frozenset[str]] = []
    for item in phrase.split():
        if item[0] == "~":
            slots.append(inflections(item[1:]))
        else:
            slots.extend(number_forms(word) for word in words_of(plain(item)))
    return slots


def _grammar(lists: Mapping[str, str], directive: list[str]) -> dict[str, frozenset[str]]:
    """The grammar lists; ``directive`` also holds the directive classes' verbs, ``imperative`` only base forms."""
    grammar = {name: _words(text) for name, text in lists.items()}
    verbs = ",".join(entry for text in directive for entry in _entries(text) if entry[0] == "~")
    grammar["directive"] |= _words(verbs)
    return grammar | {"imperative": _words(lists["directive"].replace("~", ""))}


def _words(text: str) -> frozenset[str]:
    """The single words of a grammar list, exactly as written unless inflected with ``~``."""
    entries = (entry for entry in _entries(text) if " " not in entry)
    return frozenset(
        word for entry in entries for word in (inflections(entry[1:]) if entry[0] == "~" else words_of(entry))
    )
