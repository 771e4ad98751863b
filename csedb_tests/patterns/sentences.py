"""Where an answer's lines, list items and sentences begin and end."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BULLET = (
    r"[-*+\u00b7\u2013\u2014\u2022\u2023\u2043\u2192\u21d2\u25a0-\u25ff\u2605\u2606\u2610-\u2612\u2705"
    r"\u2713-\u2718\u274c\u279c\u27a4]"
)
_LINE = re.compile(rf"([ \t>]*)({_BULLET}\s+|\(?\d{{1,2}}[.)]\s+|\(?[A-Za-z][.)]\s+)?(.*)")
_RULE = re.compile(r"[\s|:=*_-]+")

_ANNOUNCING = re.compile(r"\b(?:these|following|below|any of)\b", re.IGNORECASE)
"""A heading with a full stop introduces its list only with one of these."""

_ABBREVIATIONS = frozenset(
    [
        "eg",
        "ie",
        "vs",
        "cf",
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "st",
        "no",
        "nos",
        "approx",
        "max",
        "min",
        "fig",
        "figs",
        "al",
        "ca",
        "ref",
        "refs",
        "sec",
        "vol",
        "inc",
        "esp",
        "incl",
        "resp",
        "vit",
        "tab",
        "tabs",
        "cap",
        "caps",
        "inj",
        "subcut",
        "temp",
        "diff",
        "dept",
        "jr",
        "sr",
    ]
)
_NEVER_LAST = frozenset(
    ["vit", "eg", "ie", "vs", "cf", "dr", "prof", "mr", "mrs", "ms", "approx", "fig", "figs", "ca", "incl", "esp"]
)


class Block(NamedTuple):
    """A stretch of text that no sentence crosses; ``lead`` is the number of the block that introduces it, or -1."""

    start: int
    end: int
    lead: int


class _Line(NamedTuple):
    start: int
    end: int
    indent: int
    kind: str


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs, headings, list items and table rows, in order. Soft-wrapped lines are joined."""
    leads = _Leads()
    number = 0
    start = end = -1
    previous: _Line | None = None
    lead = -1
    broken = False  # these lines are no wrapped paragraph: one of them ended early
    for line in _lines(text):
        joins = previous is not None and line.kind == "text" and _continues(text, previous, line)
        if previous is not None and joins and not (broken and not text[line.start].islower()):
            end, previous = (
                line.end,
                line if previous.kind == "text" else _Line(line.start, line.end, previous.indent, previous.kind),
            )
            continue
        broken = line.kind == "text" and previous is not None and previous.kind == "text"
        if previous is not None:
            yield Block(start, end, lead)
            leads.after(number, previous.kind, previous.indent, text[start:end])
            number += 1
        if line.kind in ("blank", "rule"):
            previous = None
            continue
        lead = leads.of(line)
        start, end, previous = line.start, line.end, line
    if previous is not None:
        yield Block(start, end, lead)


def _lines(text: str) -> Iterator[_Line]:
    position = 0
    for raw in text.splitlines(keepends=True):
        yield _line(raw.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), position)
        position += len(raw)


def _line(raw: str, position: int) -> _Line:
    stripped = raw.strip()
    end = position + len(raw)
    if not stripped:
        return _Line(position, end, 0, "blank")
    match = _LINE.match(raw)
    assert match is not None  # every part of the expression may be empty
    indent, marker = len(match.group(1)), match.group(2)
    start = position + match.start(3)
    if start >= end:
        return _Line(position, end, 0, "blank")
    if marker:
        return _Line(start, end, indent, "item")
    if stripped[0] == "#":
        return _Line(start, end, 0, "heading")
    if stripped[0] == "|" or (len(stripped) > 2 and _RULE.fullmatch(stripped)):
        return _Line(start, end, 0, "rule" if _RULE.fullmatch(stripped) else "row")
    if stripped.startswith(("**", "__")) and stripped.rstrip(":").endswith(("**", "__")) and len(stripped) < 90:
        return _Line(start, end, 0, "heading")
    return _Line(start, end, indent, "text")


def _continues(text: str, previous: _Line, line: _Line) -> bool:
    if previous.kind in ("heading", "row"):
        return False
    if text[line.start].islower():
        return True
    if previous.kind == "item":
        return line.indent > previous.indent or (previous.end - previous.start > 60 and _wraps(text, previous, line))
    return previous.end - previous.start >= 50 and _wraps(text, previous, line)


def _wraps(text: str, previous: _Line, line: _Line) -> bool:
    """Whether a line was broken for want of room: the next one shows that its first word would have had none."""
    word = text[line.start : line.end].split(None, 1)[0]
    return previous.end - previous.start + 1 + len(word) > line.end - line.start


class _Leads:
    """Which block introduces the list items that follow."""

    def __init__(self) -> None:
        self._lead = -1
        self._nested: list[tuple[int, int]] = []

    def after(self, number: int, kind: str, indent: int, text: str) -> None:
        if kind == "item":
            self._nested = [(level, item) for level, item in self._nested if level < indent]
            if text.rstrip("*_ \t").endswith(":"):
                self._nested.append((indent, number))
            return
        self._nested = []
        bare = text.rstrip("*_ \t\r\n")
        announces = kind == "heading" and (not bare.endswith(".") or _ANNOUNCING.search(bare))
        self._lead = number if announces or bare.endswith(":") else -1

    def of(self, line: _Line) -> int:
        if line.kind != "item":
            return -1
        return next((item for level, item in reversed(self._nested) if level < line.indent), self._lead)


def ends_sentence(word: str, between: str, follower: str, gap: str) -> bool:
    """Whether a sentence ends between two tokens. ``gap`` is the punctuation in the text ``between`` them.

    A full stop ends none after an abbreviation.
    """
    if "?" in gap or "!" in gap or "\u2026" in gap or "\u3002" in gap:
        return True
    if "." not in gap and word[-1] != ".":
        return False
    bare = word.replace(".", "").lower()
    if bare in _NEVER_LAST or (bare in _ABBREVIATIONS and not follower[0].isupper()):
        return False
    if not any(letter.isspace() for letter in between):
        return between.startswith(".[") or (follower[0].isupper() and len(word) > 3 and word.islower())
    if follower[0].islower():
        return len(bare) > 4 and "." not in word
    return True
