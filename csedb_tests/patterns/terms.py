"""What one alternative of a pattern's group may be: words next to each other, a word class, a quantity."""

import difflib
import re
from functools import lru_cache
from typing import NamedTuple

from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.numbers import NO_UNIT, Amount, Unit, number, unit_at
from csedb_tests.patterns.spelling import fold, plain, words_of

_QUANTITY = re.compile(r"(<=|>=|=<|=>|<|>|=|\u2264|\u2265)\s*(.+)")
_RANGE = re.compile(r"(\d[\d.,]*)\s*(?:-|\u2013|to)\s*(\d[\d.,]*)\s*([^\d\s].*)?")
_OPERATORS = {"=<": "<=", "=>": ">=", "\u2264": "<=", "\u2265": ">="}
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|(?:[^\W\d_]\.){2,}|[^\W\d_][^\W_]*(?:['\u2018\u2019][^\W\d_]+)?\*?|%|/|[^\w\s]")
_PLAIN = re.compile(r"[A-Za-z]+\*?(?:[ -][A-Za-z]+\*?)*")
"""Words that need no further reading, as most alternatives are."""
_RESERVED = frozenset("*<>=!@&|()\u2264\u2265")


class Fault(ValueError):
    """An alternative that cannot be read: where in it, and why."""

    def __init__(self, position: int, fault: str) -> None:
        super().__init__(fault)
        self.position, self.fault = position, fault


class Quantity(NamedTuple):
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


class Term(NamedTuple):
    """One of: words next to each other, folded, with ``*`` behind a stem; a word class by its name; a quantity."""

    words: tuple[str, ...] = ()
    name: str = ""
    quantity: Quantity | None = None


@lru_cache(maxsize=32768)
def term(text: str) -> Term:
    """Read an alternative; raises ``Fault``. Cached, because the same words stand in many patterns."""
    if _PLAIN.fullmatch(text):
        return Term(_plain_words(text))
    if text.startswith("@"):
        return Term(name=_class(text[1:].strip()))
    comparison = _QUANTITY.fullmatch(text)
    if comparison:
        return Term(quantity=_quantity(_OPERATORS.get(comparison[1], comparison[1]), comparison[2]))
    between = _RANGE.fullmatch(text)
    if between and (between[3] is None or _unit_only(between[3])):
        return Term(quantity=_between(between))
    if text[0].isdigit() and (quantity := _plain_quantity(text)):
        return Term(quantity=quantity)
    return Term(_words(text))


def _class(name: str) -> str:
    known = lexicon().classes
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean '@{near[0]}'? " if near else ""
    allowed = ", ".join("@" + one for one in sorted(known))
    raise Fault(0, f"unknown word class '@{name}'; {hint}(allowed: {allowed})")


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


def _quantity(operator: str, text: str) -> Quantity:
    between = _RANGE.fullmatch(text)
    if between and operator == "=":
        return _between(between)
    words, gaps = _spelled(text)
    value = number(words[0]) if words else None
    if value is None:
        raise Fault(0, f"{text!r} is no number; write for example '>4 g', '<=0.5 mg' or '=5'")
    unit, end = unit_at(words, 1, gaps)
    if end != len(words):
        unknown = " ".join(words[end:])
        raise Fault(0, f"unknown unit {unknown!r}; write for example '>4 g', '>=10 mg/kg' or '=48 h'")
    return Quantity(operator, value * unit.size, value * unit.size, unit)


def _between(match: re.Match[str]) -> Quantity:
    words, gaps = _spelled(match[3] or "")
    unit, end = unit_at(words, 0, gaps) if words else (NO_UNIT, 0)
    low, high = number(match[1]), number(match[2])
    if end != len(words) or low is None or high is None or low > high:
        raise Fault(0, f"{match[0]!r} is no range; write for example '5-7 days'")
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


def _plain_words(text: str) -> tuple[str, ...]:
    pieces = text.lower().replace("-", " ").split()
    if len(pieces) == 1:
        return _word(pieces[0])
    return tuple(word for piece in pieces for word in _word(piece))


def _words(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in _RESERVED or (piece[-1] == "*" and text[match.end() : match.end() + 1].isalnum()):
            raise Fault(match.start(), _reserved(piece))
        if piece[0].isalnum() or piece == "%":
            words.extend(_word(piece))
    if not words:
        raise Fault(0, f"{text!r} holds no word")
    return tuple(words)


def _reserved(piece: str) -> str:
    sign = "*" if piece[-1] == "*" else piece
    allowed = "'*' ends a word, '@' and '!' begin an alternative or group, '<', '>' and '=' a number"
    return f"{sign!r} is not allowed here; {allowed}"


def _word(piece: str) -> tuple[str, ...]:
    if piece[-1] == "*":
        return (plain(piece).replace("'", ""),)
    if piece.isalpha() and piece != "cannot":
        return (fold(plain(piece)),)
    return words_of(plain(piece))
