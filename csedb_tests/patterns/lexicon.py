"""The judge's words: classes, cues and grammar, from ``data/lexicon.toml``, read once."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from csedb_tests.patterns.spelling import inflections, number_forms, plain, words_of

MAX_GAP = 3
"""``..`` in an entry stands for at most so many words."""


Slot = frozenset[str] | None
"""The forms that a word of a phrase may have; ``None`` stands for ``..``."""
Rest = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """The phrases that begin with one word, by label: the word alone, with a given second word, with a gap after it."""

    alone: tuple[str, ...]
    pairs: Mapping[str, tuple[tuple[str, Rest], ...]]
    gapped: tuple[tuple[str, Rest], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``phrases`` holds the phrases by their first word; a cue's label begins with ``#``, an exception's with ``-``."""

    digest: str
    classes: frozenset[str]
    directive_classes: frozenset[str]
    undoes: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, Node]
    grammar: Mapping[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    text = files("csedb_tests").joinpath("data/lexicon.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    classes: dict[str, dict[str, object]] = data["classes"]
    return Lexicon(
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        classes=frozenset(classes),
        directive_classes=frozenset(name for name, entry in classes.items() if entry.get("directive")),
        undoes={name: tuple(entry.get("undoes", ())) for name, entry in classes.items()},  # type: ignore[arg-type]
        phrases=_by_first_word(
            {name: str(entry["words"]) for name, entry in classes.items()}
            | {f"-{name}": str(entry["except"]) for name, entry in classes.items() if "except" in entry}
            | {f"#{name}": words for name, words in data["cues"].items()}
        ),
        grammar=_grammar(data["grammar"], [str(entry["words"]) for entry in classes.values() if entry.get("directive")]),
    )


def _by_first_word(lists: Mapping[str, str]) -> dict[str, Node]:
    found: dict[str, dict[tuple[str, Rest], None]] = {}
    for label, text in lists.items():
        for phrase in _entries(text):
            first, *rest = _slots(phrase)
            for word in first or ():
                found.setdefault(word, {})[label, tuple(rest)] = None
    return {word: _node(entries) for word, entries in found.items()}


def _node(entries: Iterable[tuple[str, Rest]]) -> Node:
    alone: list[str] = []
    pairs: dict[str, list[tuple[str, Rest]]] = {}
    gapped: list[tuple[str, Rest]] = []
    for label, rest in entries:
        if not rest:
            alone.append(label)
        elif rest[0] is None:
            gapped.append((label, rest))
        else:
            for second in rest[0]:
                pairs.setdefault(second, []).append((label, rest[1:]))
    return Node(tuple(alone), {word: tuple(some) for word, some in pairs.items()}, tuple(gapped))


def _entries(text: str) -> Iterable[str]:
    return (entry for part in re.split(r"[,\n]", text) if (entry := part.strip()))


def _slots(phrase: str) -> list[frozenset[str] | None]:
    slots: list[frozenset[str] | None] = []
    for item in phrase.split():
        if item == "..":
            slots.append(None)
        elif item.startswith("~"):
            slots.append(inflections(item[1:]))
        else:
            slots.extend(number_forms(word) for word in words_of(plain(item)))
    return slots


def _grammar(lists: Mapping[str, str], directive: list[str]) -> dict[str, frozenset[str]]:
    """The grammar lists; ``directive`` also holds the verbs of the directive classes, ``imperative`` only base forms."""
    grammar = {name: _words(text) for name, text in lists.items()}
    verbs = ",".join(entry for text in directive for entry in _entries(text) if entry[0] == "~")
    grammar["directive"] |= _words(verbs)
    return grammar | {"imperative": _words(lists["directive"].replace("~", ""))}


def _words(text: str) -> frozenset[str]:
    """The single words of a grammar list, exactly as written unless inflected with ``~``."""
    entries = (entry for entry in _entries(text) if " " not in entry)
    return frozenset(word for entry in entries for word in (inflections(entry[1:]) if entry[0] == "~" else words_of(entry)))
