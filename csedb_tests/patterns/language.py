"""The pattern language: from the text of a pattern to a ``Pattern``."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.numbers import NO_UNIT, Amount, Unit, number, unit_at
from csedb_tests.patterns.spelling import number_forms, plain, stem_forms, words_of

_QUANTITY = re.compile(r"(<=|>=|=<|=>|<|>|=|\u2264|\u2265)\s*(.+)")
_RANGE = re.compile(r"(\d[\d.,]*)\s*(?:-|\u2013|to)\s*(\d[\d.,]*)\s*([^\d\s].*)?")
_OPERATORS = {"=<": "<=", "=>": ">=", "\u2264": "<=", "\u2265": ">="}
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|(?:[^\W\d_]\.){2,}|[^\W\d_][^\W_]*(?:['\u2018\u2019][^\W\d_]+)?\*?|%|/|[^\w\s]")
_AND_IN_WORD = re.compile(r"\b([A-Za-z])&([A-Za-z])\b")
"""The ampersand of "A&E", which joins no groups."""
_RESERVED = frozenset("*<>=!@&|()\u2264\u2265")


class PatternError(ValueError):
    """A pattern that cannot be read. The message names the pattern, the position and what is allowed."""

    def __init__(self, pattern: str, position: int, fault: str) -> None:
        super().__init__(f"pattern {pattern!r}, character {position + 1}: {fault}")
        self.pattern, self.position, self.fault = pattern, position, fault


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an alternative: its accepted forms and, for a stem, what they may begin with."""

    forms: frozenset[str]
    stems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A comparison with ``low`` to ``high`` in the unit's base unit."""

    operator: str
    low: float
    high: float
    unit: Unit

    def holds(self, amount: Amount) -> bool:
        """Whether either end of an amount found in an answer compares true."""
        if not _same_unit(self.unit, amount.unit):
            return False
        return self._compares(amount.low, amount.side) or (
            amount.high != amount.low and self._compares(amount.high, "")
        )

    def _compares(self, value: float, side: str) -> bool:
        slack = 1e-9 * max(abs(self.low), abs(value), 1e-12)
        equal = abs(value - self.low) <= slack
        match self.operator:
            case ">":
                return (value > self.low and not equal) or (equal and side == ">")
            case ">=":
                return value > self.low or equal
            case "<":
                return (value < self.low and not equal) or (equal and side == "<")
            case "<=":
                return value < self.low or equal
        return self.low - slack <= value <= self.high + slack


def _same_unit(wanted: Unit, found: Unit) -> bool:
    if wanted.dimension != found.dimension:
        return False
    return not wanted.rate or not found.rate or wanted.rate == found.rate


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of: words next to each other, a word class, a quantity."""

    text: str
    words: tuple[Word, ...] = ()
    name: str = ""
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives of which one is enough.

    ``forms`` and ``stems`` are those of all single words; the other alternatives are apart by kind, phrases beside the
    words that they may begin with.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    forms: frozenset[str]
    stems: tuple[str, ...]
    phrases: Mapping[str, tuple[tuple[Word, ...], ...]]
    stem_phrases: tuple[tuple[Word, ...], ...]
    classes: tuple[str, ...]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class SentencePattern:
    """Groups that must all be found in one sentence, and groups that must not be."""

    text: str
    groups: tuple[Group, ...]
    absent: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sentence patterns that must each match somewhere in the answer."""

    text: str
    parts: tuple[SentencePattern, ...]


@lru_cache(maxsize=16384)
def parse(text: str) -> Pattern:
    """Read a pattern; raises ``PatternError``."""
    joined = _AND_IN_WORD.sub(r"\1 \2", text)
    parts = tuple(_part(text, part, position) for part, position in _split(text, joined, 0, "&&"))
    return Pattern(text, parts)


def _split(pattern: str, text: str, offset: int, separator: str) -> list[tuple[str, int]]:
    """The pieces of ``text`` between separators, with their positions; none may be empty."""
    pieces: list[tuple[str, int]] = []
    position = 0
    for piece in text.split(separator):
        start = offset + position + len(piece) - len(piece.lstrip())
        if not piece.strip():
            raise PatternError(
                pattern,
                min(start, len(pattern)),
                f"nothing stands here; {separator!r} joins two parts that are not empty",
            )
        pieces.append((piece.strip(), start))
        position += len(piece) + len(separator)
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
    alternatives = tuple(_alternative(pattern, piece, at) for piece, at in _split(pattern, text, offset, "|"))
    phrases = [one.words for one in alternatives if len(one.words) > 1]
    single = [one.words[0] for one in alternatives if len(one.words) == 1]
    firsts: dict[str, tuple[tuple[Word, ...], ...]] = {}
    for words in phrases:
        for form in words[0].forms:
            firsts[form] = (*firsts.get(form, ()), words)
    return Group(
        text.strip(),
        alternatives,
        forms=frozenset(form for word in single for form in word.forms),
        stems=tuple(stem for word in single for stem in word.stems),
        phrases=firsts,
        stem_phrases=tuple(words for words in phrases if words[0].stems),
        classes=tuple(one.name for one in alternatives if one.name),
        quantities=tuple(one.quantity for one in alternatives if one.quantity),
    )


def _alternative(pattern: str, text: str, position: int) -> Alternative:
    if text.startswith("@"):
        return _class(pattern, text, position)
    comparison = _QUANTITY.fullmatch(text)
    if comparison:
        operator = _OPERATORS.get(comparison[1], comparison[1])
        return Alternative(text, quantity=_quantity(pattern, operator, comparison[2], position))
    between = _RANGE.fullmatch(text)
    if between and (between[3] is None or _unit_only(between[3])):
        return Alternative(text, quantity=_between(pattern, between, position))
    if text[0].isdigit() and (quantity := _plain_quantity(text)):
        return Alternative(text, quantity=quantity)
    return Alternative(text, words=_words(pattern, text, position))


def _class(pattern: str, text: str, position: int) -> Alternative:
    name = text[1:].strip()
    known = lexicon().classes
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean '@{near[0]}'?" if near else ""
        allowed = ", ".join("@" + one for one in sorted(known))
        raise PatternError(
            pattern, position, f"unknown word class '@{name}'; {hint} (allowed: {allowed})".replace(";  ", "; ")
        )
    return Alternative(text, name=name)


def _spelled(text: str) -> tuple[list[str], list[str]]:
    """The folded words of a quantity's text, and the punctuation before each."""
    words: list[str] = []
    gaps: list[str] = []
    gap = ""
    for piece in _TOKEN.findall(text):
        if not piece[0].isalnum() and piece != "%":
            gap = piece
            continue
        for word in words_of(plain(piece)):
            words.append(word)
            gaps.append(gap)
            gap = ""
    return words, gaps


def _quantity(pattern: str, operator: str, text: str, position: int) -> Quantity:
    between = _RANGE.fullmatch(text)
    if between and operator == "=":
        return _between(pattern, between, position)
    words, gaps = _spelled(text)
    value = number(words[0]) if words else None
    if value is None:
        raise PatternError(pattern, position, f"{text!r} is no number; write for example '>4 g', '<=0.5 mg' or '=5'")
    unit, end = unit_at(words, 1, gaps)
    if end != len(words):
        raise PatternError(
            pattern,
            position,
            f"unknown unit {' '.join(words[end:])!r}; write for example '>4 g', '>=10 mg/kg' or '=48 h'",
        )
    return Quantity(operator, value * unit.size, value * unit.size, unit)


def _between(pattern: str, match: re.Match[str], position: int) -> Quantity:
    words, gaps = _spelled(match[3] or "")
    unit, end = unit_at(words, 0, gaps) if words else (NO_UNIT, 0)
    low, high = number(match[1]), number(match[2])
    if end != len(words) or low is None or high is None or low > high:
        raise PatternError(pattern, position, f"{match[0]!r} is no range; write for example '5-7 days'")
    return Quantity("=", low * unit.size, high * unit.size, unit)


def _unit_only(text: str) -> bool:
    words, gaps = _spelled(text)
    return bool(words) and unit_at(words, 0, gaps)[1] == len(words)


def _plain_quantity(text: str) -> Quantity | None:
    """``10 mg`` without a comparison means that amount; ``2 doses of`` is words."""
    words, gaps = _spelled(text)
    value = number(words[0]) if words else None
    if value is None or len(words) < 2:
        return None
    unit, end = unit_at(words, 1, gaps)
    return Quantity("=", value * unit.size, value * unit.size, unit) if end == len(words) else None


def _words(pattern: str, text: str, position: int) -> tuple[Word, ...]:
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in _RESERVED or (piece[-1] == "*" and text[match.end() : match.end() + 1].isalnum()):
            raise PatternError(pattern, position + match.start(), _reserved(piece))
        if not piece[0].isalnum() and piece != "%":
            continue
        words.extend(_word(piece))
    if not words:
        raise PatternError(pattern, position, f"{text!r} holds no word")
    return tuple(words)


def _reserved(piece: str) -> str:
    sign = "*" if piece[-1] == "*" else piece
    allowed = "'*' ends a word, '@' and '!' begin an alternative or group, '<', '>' and '=' a number"
    return f"{sign!r} is not allowed here; {allowed}"


def _word(piece: str) -> list[Word]:
    if piece.endswith("*"):
        return [Word(*stem_forms(plain(piece[:-1]).replace("'", "")))]
    return [Word(number_forms(word)) for word in words_of(plain(piece))]
