"""What a reader gets to see of an answer: markup interpreted, letters as they look, hidden text gone.

Two readings are made of one text, because there are readers who see a page and readers who see its source. What only
some of them see is no advice, and counts for no rule; but it may harm, and counts for never-events:

- ``advice``: what everybody sees. Collapsed, transparent, struck-out or overridden text, descriptions of images,
  footnotes and program code are gone, as is all that follows an imitation of a chat's or a judge's own markers.
- ``shown``: what anybody sees. Only comments, attributes, scripts, definitions and struck-out text are gone.
"""

import html
import re
from dataclasses import dataclass

from csedb_tests.patterns.glyphs import odd, plainly, refused, spelled_out, turned_round, without_concealed
from csedb_tests.patterns.markdown import displayed, emphasis_in_word, without_asides, without_machinery
from csedb_tests.patterns.markup import seen_by_all, shown_in_browser
from csedb_tests.patterns.sheet import Sheet

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# What an answer must hold one of for anything here to happen: looked for in every answer, so by the quickest means.
_SIGNS = ("<", "&", "~~", "%%", "](", "]:", "![", "://", "```", "{", "[INST", "\\", '["', "['", "\x1b")
_TURNS = re.compile(r"\n[ \t#*=\[-]*(?:human|user|assistant|end)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """An answer as its readers see it; the two are one object where they agree."""

    advice: Sheet
    shown: Sheet


def render(text: str) -> Rendering:
    """What readers see of ``text``. Takes time in proportion to its length."""
    if not _marked(text):
        sheet = refused(Sheet(text))
        return Rendering(sheet, sheet)
    advice, shown = refused(_advice(Sheet(text))), refused(_shown(Sheet(text)))
    return Rendering(advice if advice.text != shown.text else shown, shown)


def _marked(text: str) -> bool:
    """Whether a text may hold anything that is not shown as it is written."""
    if any(sign in text for sign in _SIGNS) or _TURNS.search(text) or odd(text):
        return True
    return emphasis_in_word(text)


def _shown(sheet: Sheet) -> Sheet:
    return spelled_out(displayed(_decoded(shown_in_browser(plainly(turned_round(sheet))))))


def _advice(sheet: Sheet) -> Sheet:
    sheet = without_machinery(plainly(without_concealed(sheet)))
    return displayed(without_asides(_decoded(seen_by_all(sheet))))


def _decoded(sheet: Sheet) -> Sheet:
    """Entities as the characters they stand for, which may be invisible ones."""
    if "&" not in sheet.text:
        return sheet
    return plainly(sheet.edited(_ENTITY, lambda match: html.unescape(match.group())))
