"""Quantities: numbers with units, in patterns and in answers."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WORDS = {
    word: float(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_UNITS: dict[str, tuple[str, float]] = {
    "kg": ("mass", 1e6), "kilogram": ("mass", 1e6), "g": ("mass", 1e3), "gram": ("mass", 1e3), "gm": ("mass", 1e3),
    "mg": ("mass", 1.0), "milligram": ("mass", 1.0), "mcg": ("mass", 1e-3), "ug": ("mass", 1e-3),
    "microgram": ("mass", 1e-3), "ng": ("mass", 1e-6), "nanogram": ("mass", 1e-6),
    "l": ("volume", 1e3), "liter": ("volume", 1e3), "dl": ("volume", 1e2), "ml": ("volume", 1.0),
    "milliliter": ("volume", 1.0), "cc": ("volume", 1.0),
    "second": ("time", 1 / 3600), "sec": ("time", 1 / 3600), "min": ("time", 1 / 60), "minute": ("time", 1 / 60),
    "h": ("time", 1.0), "hr": ("time", 1.0), "hour": ("time", 1.0), "day": ("time", 24.0), "week": ("time", 168.0),
    "month": ("time", 730.5), "year": ("time", 8766.0), "yr": ("time", 8766.0), "wk": ("time", 168.0),
    "mol": ("amount", 1e3), "mmol": ("amount", 1.0), "meq": ("amount", 1.0), "umol": ("amount", 1e-3),
    "micromol": ("amount", 1e-3), "\u03bcmol": ("amount", 1e-3), "nmol": ("amount", 1e-6), "pmol": ("amount", 1e-9),
    "unit": ("unit", 1.0), "iu": ("unit", 1.0), "u": ("unit", 1.0), "international": ("unit", 1.0),
    "%": ("percent", 1.0), "percent": ("percent", 1.0), "mmhg": ("pressure", 1.0), "kpa": ("pressure", 7.50062),
    "cm": ("length", 10.0), "mm": ("length", 1.0), "m": ("length", 1000.0), "bpm": ("rate", 1.0),
    "joule": ("energy", 1.0), "j": ("energy", 1.0), "kcal": ("energy", 4184.0), "mosm": ("osm", 1.0),
    "tablet": ("tablet", 1.0), "dose": ("dose", 1.0), "puff": ("puff", 1.0), "drop": ("drop", 1.0),
}  # fmt: skip
_RATES = {"day": "day", "daily": "day", "d": "day", "hour": "hour", "h": "hour", "hr": "hour", "hourly": "hour",
          "min": "min", "minute": "min", "week": "week", "weekly": "week"}  # fmt: skip
CHINESE_UNITS = {
    "公斤": "kg", "千克": "kg", "毫克": "mg", "微克": "mcg", "纳克": "ng", "克": "g",
    "毫升": "ml", "分升": "dl", "升": "l", "秒": "second", "分钟": "minute", "个小时": "hour",
    "小时": "hour", "个钟头": "hour", "天": "day", "日": "day", "个星期": "week", "星期": "week",
    "周": "week", "个月": "month", "年": "year", "岁": "year", "毫摩尔": "mmol", "微摩尔": "micromol",
    "摩尔": "mol", "国际单位": "iu", "单位": "unit", "毫米汞柱": "mmhg", "千帕": "kpa", "厘米": "cm",
    "毫米": "mm", "米": "m", "千卡": "kcal", "片": "tablet", "喷": "puff", "滴": "drop",
    "次": "dose",
}  # fmt: skip
"""The units under their Chinese names."""
_UNITS |= {name: _UNITS[unit] for name, unit in CHINESE_UNITS.items()}
_RATES |= {name: _RATES[unit] for name, unit in CHINESE_UNITS.items() if unit in _RATES}
_MORE = (("more", "than"), ("greater", "than"), ("higher", "than"), ("longer", "than"), ("in", "excess", "of"))
_LESS = (("less", "than"), ("fewer", "than"), ("lower", "than"), ("under",), ("below",), ("within",))
_NO = (("no",), ("not",), ("never",), ("without",), ("to",))
_OVER = ("over", "above", "exceeding", "exceed", "exceeds", "beyond")
_COMPARING = frozenset({"than", "of", "under", "below", "within", *_OVER})


class Unit(NamedTuple):
    """A unit's dimension (``mass/volume`` for mg/L), its size, and the time it is counted per, if any."""

    dimension: str
    size: float
    rate: str = ""


class Amount(NamedTuple):
    """``low`` to ``high`` in base units, from word ``start`` to ``end``; ``side`` is ``>``, ``<`` or empty."""

    low: float
    high: float
    unit: Unit
    side: str
    start: int
    end: int


NO_UNIT = Unit("", 1.0)


def unit_at(words: Sequence[str], place: int, gaps: Sequence[str]) -> tuple[Unit, int]:
    """The unit that begins at a word, and where it ends; ``NO_UNIT`` and the place itself if there is none."""
    found = _lookup(words, place)
    if found is None:
        return NO_UNIT, place
    dimension, size = found
    rate = ""  # a dose per kg keeps "kg" as its dimension: patients weigh, drugs are measured out
    place += 1
    if words[place - 1] == "international" and place < len(words):
        place += 1
    for _ in range(4):
        below, after = _per(words, place, gaps)
        if not below:
            return Unit(dimension, size, rate), place
        if below in _RATES:
            rate = _RATES[below]
            place = after
            if dimension == "volume" and rate == "min":
                dimension, rate = "volume/min", ""
        elif _singular(below) == "dose":
            place = after  # "36 micrograms per dose" is 36 micrograms
        else:
            under = _UNITS[_singular(below)]
            place = after
            dimension = f"{dimension}/{below if below == 'kg' else under[0]}"
            if below != "kg":
                size /= under[1]
    return Unit(dimension, size, rate), place


def _lookup(words: Sequence[str], place: int) -> tuple[str, float] | None:
    return _UNITS.get(_singular(words[place])) if place < len(words) else None


def _singular(word: str) -> str:
    if word in _UNITS:
        return word
    return word[:-1] if word.endswith("s") and word[:-1] in _UNITS else word


def _per(words: Sequence[str], place: int, gaps: Sequence[str]) -> tuple[str, int]:
    """The denominator that follows (``/kg``, ``per day``, ``a day``, ``daily``), and where it ends."""
    if place >= len(words):
        return "", place
    word = words[place]
    if "/" in gaps[place]:
        return (word, place + 1) if _denominator(word) else ("", place)
    if gaps[place]:
        return "", place
    if word in ("daily", "hourly", "weekly"):
        return word, place + 1
    if word in ("per", "a", "an", "each", "every") and place + 1 < len(words):
        below = words[place + 1]
        if _denominator(below) and (word == "per" or below in _RATES):
            return below, place + 2
    return "", place


def _denominator(word: str) -> bool:
    return word in _RATES or _singular(word) in _UNITS


def is_number(word: str) -> bool:
    """Whether a word is digits or a number word."""
    return word[0] in "0123456789." or word in _WORDS


def number(word: str) -> float | None:
    """The value of a word such as ``0.5``, ``1,000`` or ``two``."""
    if word in _WORDS:
        return _WORDS[word]
    if not (word[0].isdigit() or (word[0] == "." and len(word) > 1)):
        return None
    return _digits(word)


def _digits(word: str) -> float | None:
    head, comma, tail = word.partition(",")
    if comma and _THOUSANDS.fullmatch(word):
        word = word.replace(",", "")
    elif comma and tail.isdigit():
        word = f"{head}.{tail}"
    try:
        return float(word)
    except ValueError:
        return None


def amounts(words: Sequence[str], gaps: Sequence[str], places: Sequence[int]) -> Iterator[Amount]:
    """The quantities among the words at ``places``, ranges as one."""
    done = -1
    for place in places:
        low = number(words[place])
        if place < done or low is None:
            continue
        amount = _amount(words, gaps, place, low)
        done = amount.end
        yield amount


_PARTS = {"40": 168.0, "52": 168.0, "7": 24.0}
"""Hours of a part in the shorthand of British notes: 16/40 and 2/52 are weeks, 5/7 are days."""


def _part_at(words: Sequence[str], place: int, gaps: Sequence[str]) -> tuple[Unit, int]:
    """The unit of a number written as a part of 40 weeks, of a year's weeks or a week's days, and where it ends."""
    if place < len(words) and gaps[place] == "/" and words[place] in _PARTS:
        value = number(words[place - 1]) or 0
        follows = place + 1 < len(words) and gaps[place + 1] == "/"
        if 0 < value <= float(words[place]) + 2 and not follows:
            return Unit("time", _PARTS[words[place]]), place + 1
    return NO_UNIT, place


def _amount(words: Sequence[str], gaps: Sequence[str], place: int, low: float) -> Amount:
    unit, end = unit_at(words, place + 1, gaps)
    if not unit.dimension:
        unit, end = _part_at(words, place + 1, gaps)
        if unit.dimension:
            return Amount(low * unit.size, low * unit.size, unit, "", place, end)
    if end > place + 1 and gaps[place + 1] not in ("", "-"):
        unit, end = NO_UNIT, place + 1
    second = _range_end(words, gaps, end)
    high = number(words[second]) if second else None
    if second and high is not None:
        upper, after = unit_at(words, second + 1, gaps)
        if not upper.dimension:
            upper, after = _part_at(words, second + 1, gaps)
        if upper.dimension and unit.dimension in ("", upper.dimension):
            first = unit if unit.dimension else upper
            return Amount(low * first.size, high * upper.size, upper, "", place, after)
        if not upper.dimension and not unit.dimension:
            return Amount(low, high, NO_UNIT, "", place, after)
    value = low * unit.size
    return Amount(value, value, unit, _side(words, gaps, place), place, end)


def _range_end(words: Sequence[str], gaps: Sequence[str], place: int) -> int:
    """The word that ends a range whose first number or unit ends before ``place``, or 0."""
    if place >= len(words):
        return 0
    if gaps[place] in ("-", "\u2013", "\u2014", "\u2212", "\u2010", "\u2011") and words[place][0].isdigit():
        return place
    if not gaps[place] and words[place] in ("to", "or", "and") and place + 1 < len(words) and not gaps[place + 1]:
        return place + 1 if number(words[place + 1]) is not None else 0
    return 0


def _side(words: Sequence[str], gaps: Sequence[str], place: int) -> str:
    gap = gaps[place]
    if ">" in gap or "\u2265" in gap:
        return "" if "=" in gap or "\u2265" in gap else ">"
    if "<" in gap or "\u2264" in gap:
        return "" if "=" in gap or "\u2264" in gap else "<"
    if not place or words[place - 1] not in _COMPARING:
        return ""
    before = tuple(words[max(0, place - 4) : place])
    if any(before[-len(phrase) :] == phrase for phrase in _MORE) or (before[-1:] and before[-1] in _OVER):
        return "" if _denied(before) else ">"
    if any(before[-len(phrase) :] == phrase for phrase in _LESS):
        return "" if _denied(before) else "<"
    return ""


def _denied(before: tuple[str, ...]) -> bool:
    return (before[-1] in _OVER and before[-2:-1] in _NO) or before[-3:-2] in _NO
