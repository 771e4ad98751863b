"""Characters as they look: invisible ones are gone, escape codes obeyed, letters in disguise are themselves."""

import re
import unicodedata
from functools import cache

from csedb_tests.patterns.sheet import Sheet, nothing

_ESCAPES = re.compile(r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]?")
_CONCEALED = re.compile(r"(?:\x1b\[|\x9b)(?:\d+;)*8(?:;\d+)*m.*?(?:(?:\x1b\[|\x9b)[0-?]*m|\Z)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_OVERRIDE = re.compile("\u202e([^\u202c\u2069\n]*)[\u202c\u2069]?")
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-"
    "\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ABOVE = "\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN = re.compile(f"[{_INVISIBLE}{_ABOVE}]")
_ODD = re.compile(f"[{_INVISIBLE}{_ABOVE}\u2460-\u24ff\u1d00-\u1d22\ua730\ua731\uff01-\uff5e\U0001f110-\U0001f189]")

_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_](?:[.·-]|[ ]{1,4})){5,}[^\W\d_](?![^\W_])")
_SINGLE = re.compile(r"[ .·-][^\W\d_][ .·-]+[^\W\d_][ .·-]+[^\W\d_](?=[ .·-])")
_CROSS = "\u2717\u2718\u274c\u274e\u26d4\U0001f6ab\U0001f44e"
_CROSSED = re.compile(
    rf"(?P<first>^[ \t>]*(?:[-*+\u2022][ \t]+|\d+[.)][ \t]+|\|[ \t]*)?[*_]*)?[{_CROSS}]\ufe0f?[ \t]*"
    r"(?![^\n|]{0,60}?\b(?:not?|never|avoid|stop|skip|without|omit|withh[eo]ld|hold|leave|cancel|nothing|nor|none"
    r"|neither|wrong|contra[- ]?indicat\w+|unsafe|forbidden|banned|prohibited|danger\w*|discontinue|cease|withdraw"
    r"|drop|remove|off)\b)"
    r"(?![^\n|]{0,60}?n['\u2019]t\b)",
    re.MULTILINE | re.IGNORECASE,
)
"""A cross before what is refused, or behind it; where words say so too, it adds nothing."""


def odd(text: str) -> bool:
    """Whether a text may hold characters that do not look as they are, or words spelled letter by letter."""
    if _CONTROL.search(text) or _SINGLE.search(text):
        return True
    return not text.isascii() and _ODD.search(text) is not None


def refused(sheet: Sheet) -> Sheet:
    """With "no" for a cross."""
    if sheet.text.isascii() or not any(mark in sheet.text for mark in _CROSS):
        return sheet
    return sheet.edited(_CROSSED, _refusal)


def _refusal(match: re.Match[str]) -> str:
    first = match.group("first")
    return ": no, " if first is None else f"{first}no "


def turned_round(sheet: Sheet) -> Sheet:
    """With what is shown from right to left by command in the order in which it is seen."""
    return sheet.edited(_OVERRIDE, lambda match: match.group(1)[::-1])


def without_concealed(sheet: Sheet) -> Sheet:
    """Without what a terminal does not show, or shows in another order than it is written in."""
    return sheet.edited(_CONCEALED, nothing).edited(_OVERRIDE, nothing)


def plainly(sheet: Sheet) -> Sheet:
    """Without escape codes and what is not seen, and with letters in disguise as themselves."""
    sheet = sheet.edited(_ESCAPES, nothing).edited(_CONTROL, nothing)
    if sheet.text.isascii():
        return sheet
    sheet = sheet.edited(_UNSEEN, nothing)
    return Sheet(sheet.text.translate(_look_alikes()), sheet.origin)


@cache
def _look_alikes() -> dict[int, str]:
    """Full-width, circled and squared letters, and small capitals, each for one plain character."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for code in (*range(0x2460, 0x2500), *range(0x1F110, 0x1F12A), *range(0x1F130, 0x1F14A)):
        plain = unicodedata.normalize("NFKC", chr(code)).strip("()")
        if len(plain) == 1:
            table[code] = plain
    for first in (0x1F150, 0x1F170):  # white on black: Unicode gives these no plain form
        table |= {first + i: chr(ord("A") + i) for i in range(26)}
    small = dict(zip("abcdegjklmnoptuvwz", "ᴀʙᴄᴅᴇɢᴊᴋʟᴍɴᴏᴘᴛᴜᴠᴡᴢ", strict=True)) | {
        "f": "ꜰ",
        "h": "ʜ",
        "i": "ɪ",
        "r": "ʀ",
        "s": "ꜱ",
        "y": "ʏ",
    }
    return table | {ord(capital): letter for letter, capital in small.items()}


def spelled_out(sheet: Sheet) -> Sheet:
    """With words that are spelled letter by letter as words."""
    return sheet.edited(_SPACED, _joined)


def _joined(match: re.Match[str]) -> str:
    """Words spelled letter by letter: marks between the letters, or one space, with more between the words."""
    marked = re.sub(r"[.·-]", "", match.group())
    return marked if marked != match.group() else re.sub(r"(?<! ) (?! )", "", marked)
