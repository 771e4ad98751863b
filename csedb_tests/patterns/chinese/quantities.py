"""Amounts in Chinese text: the units of `numbers`, under their Chinese names and in Chinese order."""

import re
from collections.abc import Iterator

from csedb_tests.patterns.chinese.words import Span
from csedb_tests.patterns.numbers import CHINESE_UNITS, Amount, Unit, amounts

_DIGITS = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNIT = "|".join(sorted(CHINESE_UNITS, key=lambda name: -len(name)))
_NUMERAL = "[一二两三四五六七八九]?十[一二三四五六七八九]?|[半一二两三四五六七八九]"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)*|(?:{_NUMERAL})(?=多?(?:{_UNIT}))|{_UNIT}|[a-z\u03bc]+|%|[~\u301c至到-](?=\d)|[每/]"
)
_BEFORE = re.compile(r"(?:每日|每天|一日|一天|日|24小时)(?:的?(?:总量|总剂量|剂量|用量|最大量|最多|共|口服|给予|用))*$")
_MORE, _LESS = re.compile(r"(?:超过|大于|高于|多于|>)$"), re.compile(r"(?:少于|小于|低于|不足|不到|<)$")
_NO_MORE = re.compile(r"(?:不超过|不大于|不高于|不多于|不得超过|不能超过|不要超过|不可超过|勿超过|不应超过)$")
_ABOVE, _BELOW = re.compile(r"\s*以上"), re.compile(r"\s*(?:以下|以内|之内)")


def quantities(text: str) -> Iterator[tuple[Amount, Span]]:
    """The amounts of a folded sentence, and where they stand."""
    words, gaps, places, spans = _tokens(text)
    for amount in amounts(words, gaps, places):
        start, end = spans[amount.start][0], spans[amount.end - 1][1]
        yield amount._replace(unit=_rated(amount.unit, text[:start]), side=_side(text, start, end)), (start, end)


def _tokens(text: str) -> tuple[list[str], list[str], list[int], list[Span]]:
    """Words in English, what stands before each, which are numbers, and where they stand in the text."""
    words: list[str] = []
    gaps: list[str] = []
    places: list[int] = []
    spans: list[Span] = []
    last, per = 0, ""
    for match in _TOKEN.finditer(text):
        typed = match.group()
        if typed in "每/~\u301c至到-":
            per += "/" if typed in "每/" else "-"
            last = match.end() if not text[last : match.start()].strip() else last
            continue
        if typed[0].isdigit() or typed[0] in _DIGITS or typed[0] == "十":
            places.append(len(words))
        words.append(_word(typed))
        gaps.append((text[last : match.start()].strip() + per) if words[1:] else "")
        spans.append(match.span())
        last, per = match.end(), ""
    return words, gaps, places, spans


def _word(typed: str) -> str:
    if typed in CHINESE_UNITS:
        return CHINESE_UNITS[typed]
    if typed[0] in _DIGITS or typed[0] == "十":
        return f"{numeral(typed):g}"
    return typed


def numeral(typed: str) -> float:
    """The value of a numeral from ``半`` (a half) to ``九十九``."""
    tens, ten, ones = typed.partition("十")
    if not ten:
        return _DIGITS[typed]
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _rated(unit: Unit, before: str) -> Unit:
    """With the time that Chinese names before an amount ("每日4克")."""
    if unit.rate or unit.dimension in ("", "time") or not _BEFORE.search(before):
        return unit
    return unit._replace(rate="day")


def _side(text: str, start: int, end: int) -> str:
    before = text[:start]
    if _NO_MORE.search(before):
        return ""
    if _MORE.search(before) or _ABOVE.match(text, end):
        return ">"
    return "<" if _LESS.search(before) or _BELOW.match(text, end) else ""
