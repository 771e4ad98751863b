"""Doses and laboratory values as bare numbers: ``furosemide 40 twice daily``, ``a potassium of 6.4``.

It knows what must have a unit (laboratory values, drugs, amounts per kilogram) and looks there alone, so that years,
ages, scores, grades, telephone numbers, visual acuities and blood pressures are never in question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from csedb_tests.bank_tools.clinical_names import ALIKE_VALUES, DIFFERING_VALUES, DRUG_STEMS, DRUGS

_STEMS = tuple(DRUG_STEMS.split())
_WORD = re.compile(r"[^\W\d_][\w-]*")
_DIGIT = re.compile(r"\d")
_NUMBER = r"\d+(?:[.,]\d+)*"
_RANGE = rf"{_NUMBER}(?:\s*(?:-|\u2013|/|to|and|or|then|\u2192)\s*{_NUMBER})*"
_PREFIXED = (
    r"(?:k|m|µ|μ|u|n|p|c|d|f)?(?:g|l|m|mol|kat)\b|"
    r"(?:mc|micro|milli|kilo|nano|pico)-?(?:g|grams?|mol(?:es)?|lit(?:re|er)s?)\b"
)
_OTHERS = (
    r"%|‰|°|º|\+|[x×*]\s?10|[x×]\b|per\s?cent|percent|",
    r"m?eq\b|m?osm|(?:m|k|µ|μ)?(?:iu|u)\b|(?:international\s)?units?\b|kpa\b|mm\s?hg\b|hpa\b|lbs?\b|pounds?\b|stones?\b|kilos?\b|",
    r"grams?\b|lit(?:re|er)s?\b|moles?\b|celsius|fahrenheit|[cf]\b|degrees?|times|fold|puffs?|tabs?\b|tablets?|capsules?|caps\b|",
    r"pills?|drops?|doses?|sachets?|sprays?|patch(?:es)?|ampoules?|amps\b|vials?|pens?\b|courses?|cycles?|lozenges?|pessar|",
    r"supposit|spoon|teaspoon|tablespoon|bottles?|packs?\b|boxes|strips?|bolus|injections?|infusions?|shots?|jabs?|points?|log\b|",
    r"copies|cells?|seconds?|secs?\b|s\b|min(?:ute)?s?\b|h\b|hrs?\b|hours?|hourly|days?\b|nights?|mornings?|evenings?|weeks?\b|",
    r"months?|years?|yrs?\b|thousand|million|billion|k\b|j\b|joules?|hz\b|bpm|beats|breaths|cc\b|gy\b|kcal|calories",
)
_UNIT = rf"(?<![A-Za-z])(?:{_PREFIXED}|{''.join(_OTHERS)})"
_PER_VOLUME = r"/\s*(?:mm|µl|μl|ul|l\b|hpf)"
_NO_AMOUNT = (
    r"[:.]\d|\s*(?:am|pm|a\.m\.|p\.m\.|o'clock)\b|\s+in\s+\d|[A-Za-z]|[-\u2013][A-Za-z]|\s*\((?:normal|ref)|"
    r"\s*(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b"
)
"""What follows a number that is a time, a date, a share, an ordinal or part of a name."""
_BETWEEN = (
    r"(?:[\s:=,~≈<>≤≥±]|\b(?:is|was|are|were|of|at|now|has|had|been|came|back|measured|measures|levels?|count|value|around|"
    r"about|only|still|falls?|fell|risen|rose|rises?|to|from|as|today|above|below|under|over|than|less|more|up|down|low|high|"
    r"normal|raised|approximately|roughly|peaked|reached|stays|goes|drops?|dropped|between|least|most|or)\b)*"
)


@dataclass(frozen=True, slots=True)
class BareNumber:
    """A number that lacks its unit: ``words`` as they stand (``potassium of 6.4``), from the character ``start``.

    It is ambiguous unless the number means the same in every customary unit.
    """

    words: str
    number: str
    start: int
    is_ambiguous: bool


def bare_numbers(text: str) -> Iterator[BareNumber]:
    """The doses and laboratory values of a text that have no unit, in the order of their places."""
    found = [*_named(text), *_amounts(text)] if _DIGIT.search(text) else []
    yield from sorted(found, key=lambda hit: hit.start)


def numbers_with_units(text: str) -> frozenset[str]:
    """The numbers that a text gives with a unit: said once, it is known in the rest of the case."""
    return frozenset(number for hit in _measured().finditer(text) for number in _numbers(hit))


def _named(text: str) -> Iterator[BareNumber]:
    """The numbers after a name. Names are looked up word by word: one pattern of all would be tried at every letter."""
    for word in _WORD.finditer(text):
        found = word[0].lower()
        for names, pattern, is_ambiguous in _kinds():
            if found in names or (pattern is _drug() and found.endswith(_STEMS)):
                hit = pattern.match(text, word.start())
                if hit and _is_bare(hit, text):
                    yield BareNumber(" ".join(hit[0].split()), _numbers(hit)[0], hit.start(), is_ambiguous)


def _amounts(text: str) -> Iterator[BareNumber]:
    doses = (hit for hit in _dose().finditer(text) if _is_bare(hit, text))
    for hit in (*_per_weight().finditer(text), *doses):
        yield BareNumber(" ".join(hit[0].split()), _numbers(hit)[0], hit.start(), True)


def _is_bare(hit: re.Match[str], text: str) -> bool:
    return not _followed().match(text, hit.end("range")) and not _is_year(hit) and not _is_strength(hit)


@cache
def _kinds() -> tuple[tuple[frozenset[str], re.Pattern[str], bool], ...]:
    """Per kind of name: the words that one begins with, its pattern, and whether the number alone is ambiguous."""
    return (
        (_first_words(DIFFERING_VALUES), _lab(DIFFERING_VALUES), True),
        (_first_words(ALIKE_VALUES), _lab(ALIKE_VALUES), False),
        (_first_words(DRUGS), _drug(), True),
    )


def _first_words(listed: str) -> frozenset[str]:
    return frozenset(name.split()[0] for name in listed.split(","))


def _numbers(hit: re.Match[str]) -> list[str]:
    """The numbers of a range, without the commas of thousands."""
    return [number.replace(",", "") for number in re.findall(_NUMBER, hit["range"])]


def _is_year(hit: re.Match[str]) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", hit["range"]) is not None


def _is_strength(hit: re.Match[str]) -> bool:
    """``co-codamol 30/500``, ``insulin 70/30``: the name of a product."""
    return "drug" in hit.groupdict() and "/" in hit["range"]


def _names(listed: str) -> str:
    names = sorted((" ".join(name.split()) for name in listed.split(",")), key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)


@cache
def _followed() -> re.Pattern[str]:
    """What may follow a number that is no bare one: a unit, also in brackets, or what makes it no amount."""
    in_brackets = rf"\s*[(\[]\s*(?:[^)\]]{{0,30}}?{_NUMBER}\s*)?{_UNIT}|\s*\({_NUMBER}\)\s*{_UNIT}"
    return re.compile(rf"[\s-]*{_UNIT}|{in_brackets}|{_NO_AMOUNT}|\s*{_PER_VOLUME}|\s*per\s", re.IGNORECASE)


@cache
def _measured() -> re.Pattern[str]:
    # Not percent: the 0.9% of saline says nothing about a lactate of 0.9.
    return re.compile(rf"(?<![\w.])(?P<range>{_RANGE})(?:[\s-]*(?!%){_UNIT}|\s*{_PER_VOLUME})", re.IGNORECASE)


def _lab(names: str) -> re.Pattern[str]:
    in_brackets = rf"(?:\s*\((?:(?!{_UNIT})[^)\d]){{0,25}}\))?"
    return re.compile(rf"\b(?:{_names(names)})\b{in_brackets}{_BETWEEN}(?P<range>{_RANGE})", re.IGNORECASE)


@cache
def _drug() -> re.Pattern[str]:
    drug = rf"(?P<drug>{_names(DRUGS)}|[a-z]+(?:{'|'.join(_STEMS)}))"
    return re.compile(rf"\b{drug}(?:\s*:\s*|\s+(?:of\s+|to\s+)?)(?P<range>{_RANGE})", re.IGNORECASE)


@cache
def _per_weight() -> re.Pattern[str]:
    several = rf"{_NUMBER}(?:\s*(?:-|\u2013|to)\s*{_NUMBER})?"
    return re.compile(rf"(?<![\w/.,])(?P<range>{several})\s*(?:/|per\s)\s*(?:kg|kilo)\b", re.IGNORECASE)


@cache
def _dose() -> re.Pattern[str]:
    return re.compile(rf"\b(?:dose|bolus)\s+of\s+(?P<range>{_RANGE})", re.IGNORECASE)
