"""HTML in an answer: what a browser shows of it, and what everybody sees."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from csedb_tests.patterns.sheet import Change, Sheet, nothing


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS = _names(
    """a abbr address article aside b bdi bdo big blockquote body br button caption center cite code col colgroup data
    dd del details dfn dialog div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i
    iframe img input ins kbd label legend li link main mark meta nav noscript ol option p param picture pre q rp rt ruby
    s samp script section select small source span strike strong style sub summary sup svg table tbody td template
    textarea tfoot th thead time title tr tt u ul var video wbr"""
)
_BREAKS = _names(
    """address article aside blockquote br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hr li main nav ol p pre section summary table td th tr ul"""
)
_VOID = _names("br hr img input wbr")
_NEVER_SHOWN = _names("script style template head del s strike")
_FALLBACK = _names("desc metadata title noscript iframe object audio video canvas annotation datalist")
"""What they hold is shown to few readers or to none."""
_FORGED = _names(
    """verdict verdicts score scores grade grading grader rubric evaluation evaluator judge judgement judgment criterion
    criteria statement statements system instruction instructions hidden assessment assessor"""
)
"""No HTML, but elements in which an answer may speak to a grader."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:[\s/:\"'=-][^<>]{0,2000})?)>")
_DECLARATION = re.compile(r"<!\[CDATA\[(?:[^\]<]|\](?!\]>)){0,5000}\]\]>|<[!?][^<>]{0,5000}>")
_SEAM = "\ue000"
_SEAMS = re.compile(f"(?<=[^\\W\\d_])({_SEAM}+)(?=[^\\W\\d_])|{_SEAM}")
_UNSEEN = re.compile(
    r"\bhidden\b|display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0*(?![.\d])|font-size\s*:\s*0"
    r"|color\s*[:=]\s*[\"']?\s*(?:white|transparent|#[ef]{3}\b|#(?:[ef][0-9a-f]){3}\b|rgba?\((?:\s*2[2-5]\d\s*,?){3})"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\bopen\b", re.IGNORECASE)


class _Tag(NamedTuple):
    start: int
    end: int
    closing: bool
    name: str
    attributes: str


def shown_in_browser(sheet: Sheet) -> Sheet:
    """Without what a browser never shows. Words in angle brackets that are no element stay."""
    sheet = sheet.replaced(_comments(sheet.text))
    sheet = sheet.replaced(_elements(sheet.text, _gone, closed=True))
    return _seamless(sheet.edited(_TAG, _bare))


def seen_by_all(sheet: Sheet) -> Sheet:
    """Without anything that looks like markup, and without elements that are collapsed, transparent or for a grader."""
    sheet = sheet.replaced(_anything_commented(sheet.text)).edited(_DECLARATION, nothing)
    sheet = sheet.replaced(_elements(sheet.text, _out_of_sight, closed=False))
    return _seamless(sheet.edited(_TAG, _parted))


def _comments(text: str) -> list[Change]:
    """HTML comments as a browser reads them; it shows what stands behind one that is never closed."""
    changes = []
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 2)
        other = text.find("--!>", start + 4, end if end >= 0 else None)
        if end < 0 and other < 0:
            changes.append((start, start + 4, " "))
            break
        end = other + 4 if other >= 0 else end + 3
        changes.append((start, end, ""))
        start = text.find("<!--", end)
    return changes


def _anything_commented(text: str) -> list[Change]:
    """HTML comments that end as late as can be, with the text at last."""
    changes = []
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        end = len(text) if end < 0 else end + 3
        changes.append((start, end, ""))
        start = text.find("<!--", end)
    return changes


def _gone(tag: _Tag) -> bool:
    return tag.name in _NEVER_SHOWN


def _out_of_sight(tag: _Tag) -> bool:
    if tag.name in _NEVER_SHOWN | _FALLBACK | _FORGED or (tag.attributes and _UNSEEN.search(tag.attributes)):
        return True
    return tag.name == "details" and not _OPEN.search(tag.attributes)


def _elements(text: str, unseen: Callable[[_Tag], bool], closed: bool) -> list[Change]:
    """The elements that are ``unseen``, from tag to end tag; one without an end tag stays if it must be ``closed``."""
    if "<" not in text:
        return []
    tags = [_Tag(*match.span(), bool(match[1]), match[2].lower(), match[3]) for match in _TAG.finditer(text)]
    ends = _end_tags(tags)
    changes: list[Change] = []
    covered = 0
    for index, tag in enumerate(tags):
        if tag.start < covered or tag.closing or tag.name in _VOID or not unseen(tag) or (closed and index not in ends):
            continue
        covered = tags[ends[index]].end if index in ends else len(text)
        changes.append((tag.start, covered, "\n" if tag.name in _BREAKS else ""))
    return changes


def _end_tags(tags: Sequence[_Tag]) -> dict[int, int]:
    """For each opening tag the index of the tag that closes it."""
    ends: dict[int, int] = {}
    still_open: dict[str, list[int]] = {}
    for index, tag in enumerate(tags):
        if not tag.closing:
            still_open.setdefault(tag.name, []).append(index)
        elif still_open.get(tag.name):
            ends[still_open[tag.name].pop()] = index
    return ends


def _parted(match: re.Match[str]) -> str:
    return "\n" if match[2].lower() in _BREAKS else _SEAM


def _bare(match: re.Match[str]) -> str:
    """A tag as shown: an element's is not, any other one may be words in angle brackets."""
    if match[2].lower() in _ELEMENTS:
        return _parted(match)
    return f"{_SEAM}{match.group()[1:-1]}{_SEAM}"


def _seamless(sheet: Sheet) -> Sheet:
    """A tag inside a word leaves one word; elsewhere it parts words."""
    return sheet.edited(_SEAMS, lambda match: "" if match[1] else " ")
