"""What a reader gets to see of an answer: markup interpreted, letters as they look, hidden text gone.

Two readings are made of one text, because there are readers who see a page and readers who see its source. What only
some of them see is no advice, and counts for no rule; but it may harm, and counts for never-events:

- ``advice``: what everybody sees. Collapsed, transparent, struck-out or overridden text, descriptions of images,
  footnotes and program code are gone, as is all that follows an imitation of a chat's or a judge's own markers.
- ``shown``: what anybody sees. Only comments, attributes, scripts, definitions and struck-out text are gone.
"""

import html
import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

Edit = Callable[[re.Match[str]], str]

_ELEMENTS = frozenset(
    "a abbr address article aside b bdi bdo big blockquote body br button caption center cite code col colgroup data dd "
    "del details dfn dialog div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe "
    "img input ins kbd label legend li link main mark meta nav noscript ol option p param picture pre q rp rt ruby s samp "
    "script section select small source span strike strong style sub summary sup svg table tbody td template textarea "
    "tfoot th thead time title tr tt u ul var video wbr".split()
)
_BREAKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section summary table td th tr ul".split()
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:[\s/:\"'=-][^<>]{0,2000})?)>")
_SEAM = "\ue000"
_SEAMS = re.compile(f"(?<=[^\\W\\d_])({_SEAM}+)(?=[^\\W\\d_])|{_SEAM}")
_NEVER_SHOWN = ("script", "style", "template", "head")
_FORGED = frozenset(
    "verdict verdicts score scores grade grading grader rubric evaluation evaluator judge judgement judgment criterion criteria "
    "statement statements system instruction instructions hidden assessment assessor".split()
)
_STRUCK = ("del", "s", "strike")
_UNSEEN = re.compile(
    r"""\bhidden\b|display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0*(?![.\d])"""
    r"""|font-size\s*:\s*0|(?:color\s*[:=]\s*["']?\s*(?:white|transparent|\#[ef]{3}\b|\#(?:[ef][0-9a-f]){3}\b|rgba?\(\s*2[2-5]\d\s*,\s*2[2-5]\d\s*,\s*2[2-5]\d))"""
    r"""|(?:left|top|text-indent)\s*:\s*-\d{3}""",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:bash|c|cpp|css|csv|diff|html?|ini|java|javascript|js|json5?|jsonl|latex|log|python|py|"
    r"r|ruby|rust|sh|shell|sql|toml|typescript|ts|xml|ya?ml)\b[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_STRIKE = re.compile(r"~~(?=[^\s~])((?:[^~\n]|~(?!~)|\n(?!\s*\n)){1,5000}?)(?<=[^\s~])~~(?!~)")
_TITLE = r"""(?:\s+(?:"[^"\n]{0,2000}"|'[^'\n]{0,2000}'|\([^()\n]{0,2000}\)))?"""
_TARGET = re.compile(rf"\]\([ \t]*(?:<[^<>\n]{{0,500}}>|[^()\s]{{0,500}}){_TITLE}[ \t]*\)")
_IMAGE = re.compile(r"!\[[^\[\]]{0,2000}\](?=\()")
_DEFINITION = re.compile(rf"^[ ]{{0,3}}\[[^\]\[^][^\]\[\n]{{0,200}}\]:[ \t]*\S{{1,500}}{_TITLE}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^[ ]{0,3}\[\^[^\]\n]{1,50}\]:[^\n]*(?:\n(?=[ ]{2,}\S)[^\n]*)*", re.MULTILINE)
_URL = re.compile(r"https?://[^\s)>\]]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_IN_WORD = re.compile(r"(?<=[^\W\d_])(?:[*`]{1,3}|__?)(?=[^\W\d_])")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_](?:[.·-]|[ ]{1,4})){5,}[^\W\d_](?![^\W_])")
_MARKER = re.compile(
    r"<\s*/?\s*answer\s*-|</\s*(?:answer|response|output)\s*>|^\W*end of (?:the )?(?:answer|response|reply)\W*$|^[ \t]*[-=#*\[]{2,}\s*end\b[^\n]{0,40}$|<\|\s*\w+\s*\|>|\[/?INST\]|<</?SYS>>|\{\{\s*(?:answer|statements|nonce)\s*\}\}"
    r"|(?<=\n)[ \t]*(?:\#+[ \t]*)?\**(?:human|user|assistant)\**[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_PHANTOM = re.compile(r"\\[hv]?phantom\s*\{[^{}]{0,2000}\}|\\(?:textcolor|color)\s*\{\s*white\s*\}\s*\{?[^{}\n]{0,2000}\}?")
_RECORD = re.compile(r"""[{\[]\s*(?:[{\[]\s*)?["'][^"'\n]{1,80}["']\s*:""")

_ESCAPES = re.compile(r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]?")
_CONCEALED = re.compile(r"(?:\x1b\[|\x9b)(?:\d+;)*8(?:;\d+)*m.*?(?:(?:\x1b\[|\x9b)[0-?]*m|\Z)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_OVERRIDE = re.compile("\u202e([^\u202c\u2069\n]*)[\u202c\u2069]?")
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-"
    "\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ABOVE = "\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN_CHARACTERS = re.compile(f"[{_INVISIBLE}{_ABOVE}]")
_ODD = re.compile(f"[{_INVISIBLE}{_ABOVE}\u2460-\u24ff\u1d00-\u1d22\ua730\ua731\uff01-\uff5e\U0001f110-\U0001f189]")

# What an answer must hold one of for anything here to happen: looked for in every answer, so by the quickest means.
_SIGNS = ("<", "&", "~~", "](", "]:", "![", "://", "```", "{", "[INST", "\\", '["', "['", "\x1b")
_TURNS = re.compile(r"\n[ \t#*=\[-]*(?:human|user|assistant|end)\b", re.IGNORECASE)
_EMPHASIS = re.compile(r"[*`_]{1,3}(?=[^\W\d_])")
_SINGLE = re.compile(r"[ .·-][^\W\d_][ .·-]+[^\W\d_][ .·-]+[^\W\d_](?=[ .·-])")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text made of another, with the place in the original of each of its characters (and of its end)."""

    text: str
    origin: Sequence[int] | None = None
    """None where nothing has been moved."""

    def edited(self, pattern: re.Pattern[str], edit: Edit) -> "Sheet":
        """Every match of ``pattern`` replaced by what ``edit`` makes of it."""
        changes = [(match.start(), match.end(), edit(match)) for match in pattern.finditer(self.text)]
        return self.replaced(changes)

    def replaced(self, changes: Sequence[tuple[int, int, str]]) -> "Sheet":
        """With other text in place of some ranges, which come in order and do not overlap."""
        if not changes:
            return self
        origin = self.origin or range(len(self.text) + 1)
        pieces, places, last = [], array("Q"), 0
        for start, end, new in changes:
            pieces += [self.text[last:start], new]
            places.extend(origin[last:start])
            places.extend(origin[min(start + i, max(start, end - 1))] for i in range(len(new)))
            last = end
        pieces.append(self.text[last:])
        places.extend(origin[last:])
        return Sheet("".join(pieces), places)

    def source(self, start: int, end: int, original: str) -> str:
        """The stretch of the original that a stretch of this text was made of."""
        if self.origin is None:
            return original[start:end]
        return original[self.origin[start] : self.origin[end]]


@dataclass(frozen=True, slots=True)
class Rendering:
    """An answer as its readers see it; the two are one object where they agree."""

    advice: Sheet
    shown: Sheet


def render(text: str) -> Rendering:
    """What readers see of ``text``. Takes time in proportion to its length."""
    if not _marked(text):
        sheet = Sheet(text)
        return Rendering(sheet, sheet)
    advice, shown = _advice(Sheet(text)), _shown(Sheet(text))
    return Rendering(advice if advice.text != shown.text else shown, shown)


def _marked(text: str) -> bool:
    """Whether a text may hold anything that is not shown as it is written."""
    if any(sign in text for sign in _SIGNS) or _CONTROL.search(text) or _TURNS.search(text) or _SINGLE.search(text):
        return True
    if not text.isascii() and _ODD.search(text):
        return True
    return any(text[match.start() - 1].isalpha() for match in _EMPHASIS.finditer(text) if match.start())


def _shown(sheet: Sheet) -> Sheet:
    sheet = sheet.edited(_OVERRIDE, lambda match: match.group(1)[::-1])
    sheet = _characters(sheet.edited(_ESCAPES, _nothing))
    sheet = sheet.replaced(_comments(sheet.text, strict=True))
    sheet = sheet.replaced(_elements(sheet.text, _gone, closed=True))
    sheet = _decoded(_seamless(sheet.edited(_TAG, _bare_tag)))
    sheet = _unlinked(sheet.edited(_STRIKE, _nothing))
    sheet = sheet.edited(_IN_WORD, _nothing)
    return sheet.edited(_SPACED, _joined)


def _advice(sheet: Sheet) -> Sheet:
    sheet = sheet.edited(_CONCEALED, _nothing).edited(_OVERRIDE, _nothing)
    sheet = _characters(sheet.edited(_ESCAPES, _nothing))
    marker = _MARKER.search(sheet.text)
    if marker:
        sheet = sheet.replaced([(marker.start(), len(sheet.text), "")])
    sheet = sheet.edited(_CODE, lambda match: "\n").edited(_PHANTOM, _nothing)
    sheet = sheet.replaced(_records(sheet.text))
    sheet = sheet.replaced(_comments(sheet.text, strict=False))
    sheet = sheet.replaced(_elements(sheet.text, _out_of_sight, closed=False))
    sheet = _decoded(_seamless(sheet.edited(_TAG, _any_tag)))
    sheet = _unlinked(sheet.edited(_STRIKE, _nothing).edited(_IMAGE, _nothing).edited(_FOOTNOTE, _nothing))
    return sheet.edited(_IN_WORD, _nothing)


def _nothing(match: re.Match[str]) -> str:
    return ""


def _joined(match: re.Match[str]) -> str:
    """Words spelled letter by letter: marks between the letters, or one space, with more between the words."""
    marked = re.sub(r"[.·-]", "", match.group())
    return marked if marked != match.group() else re.sub(r"(?<! ) (?! )", "", marked)


def _unlinked(sheet: Sheet) -> Sheet:
    return sheet.edited(_DEFINITION, _nothing).edited(_TARGET, lambda match: "]").edited(_URL, lambda match: " ")


def _decoded(sheet: Sheet) -> Sheet:
    """Entities as the characters they stand for, which may be invisible ones."""
    if "&" not in sheet.text:
        return sheet
    return _characters(sheet.edited(_ENTITY, lambda match: html.unescape(match.group())))


def _characters(sheet: Sheet) -> Sheet:
    """Without what is not seen, and with letters in disguise as themselves."""
    if sheet.text.isascii():
        return sheet.edited(_CONTROL, _nothing)
    sheet = sheet.edited(_CONTROL, _nothing).edited(_UNSEEN_CHARACTERS, _nothing)
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
    small = dict(zip("abcdegjklmnoptuvwz", "ᴀʙᴄᴅᴇɢᴊᴋʟᴍɴᴏᴘᴛᴜᴠᴡᴢ", strict=True)) | {"f": "ꜰ", "h": "ʜ", "i": "ɪ", "r": "ʀ", "s": "ꜱ", "y": "ʏ"}
    return table | {ord(capital): letter for letter, capital in small.items()}


def _comments(text: str, strict: bool) -> list[tuple[int, int, str]]:
    """HTML comments; ``strict`` as a browser ends them, otherwise as late as can be, at the end of the text at last."""
    changes = []
    start = text.find("<!--")
    while start >= 0:
        ends = [end + 3 for end in [text.find("-->", start + (2 if strict else 4))] if end >= 0]
        if strict:
            ends += [end + 4 for end in [text.find("--!>", start + 4, ends[0] if ends else None)] if end >= 0]
        if not ends:
            changes.append((start, start + 4 if strict else len(text), " "))
            break
        changes.append((start, min(ends), ""))
        start = text.find("<!--", min(ends))
    return changes


def _gone(name: str, attributes: str) -> bool:
    return name in _NEVER_SHOWN or name in _STRUCK


def _out_of_sight(name: str, attributes: str) -> bool:
    if name in _NEVER_SHOWN or name in _STRUCK or name in _FORGED or (attributes and _UNSEEN.search(attributes)):
        return True
    return name == "details" and not re.search(r"\bopen\b", attributes)


def _elements(text: str, unseen: Callable[[str, str], bool], closed: bool) -> list[tuple[int, int, str]]:
    """The elements that are ``unseen``, from tag to end tag; one without an end is left in if it must be ``closed``."""
    if "<" not in text:
        return []
    tags = [(match.start(), match.end(), match[1], match[2].lower(), match[3]) for match in _TAG.finditer(text)]
    ends = _end_tags(tags)
    changes: list[tuple[int, int, str]] = []
    covered = 0
    for index, (start, _, slash, name, attributes) in enumerate(tags):
        if start < covered or slash or not unseen(name, attributes):
            continue
        if index not in ends and (closed or name in ("br", "img", "input", "hr")):
            continue
        covered = tags[ends[index]][1] if index in ends else len(text)
        changes.append((start, covered, "\n" if name in _BREAKS else ""))
    return changes


def _end_tags(tags: Sequence[tuple[int, int, str, str, str]]) -> dict[int, int]:
    """For each opening tag the index of the tag that closes it."""
    ends: dict[int, int] = {}
    still_open: dict[str, list[int]] = {}
    for index, (_, _, slash, name, _) in enumerate(tags):
        if not slash:
            still_open.setdefault(name, []).append(index)
        elif still_open.get(name):
            ends[still_open[name].pop()] = index
    return ends


def _any_tag(match: re.Match[str]) -> str:
    return "\n" if match[2].lower() in _BREAKS else _SEAM


def _bare_tag(match: re.Match[str]) -> str:
    """A tag as shown: an element's is not, any other one may be words in angle brackets."""
    if match[2].lower() in _ELEMENTS:
        return _any_tag(match)
    return f"{_SEAM}{match.group()[1:-1]}{_SEAM}"


def _seamless(sheet: Sheet) -> Sheet:
    """A tag inside a word leaves one word; elsewhere it parts words."""
    return sheet.edited(_SEAMS, lambda match: "" if match[1] else " ")


def _records(text: str) -> list[tuple[int, int, str]]:
    """JSON inside other text: data, not advice. A text that is nothing but JSON is left as it is."""
    changes: list[tuple[int, int, str]] = []
    covered = 0
    for match in _RECORD.finditer(text):
        if match.start() >= covered:
            covered = _closing(text, match.start())
            changes.append((match.start(), covered, "\n"))
    rest = text[: changes[0][0]] + text[changes[-1][1] :] if changes else text
    return changes if rest.strip(" \n\r\t`") or '"verdict"' in text else []


def _closing(text: str, start: int) -> int:
    """The end of a bracketed record that begins at ``start``: where its brackets close, else the end of the text."""
    depth, position = 0, start
    for match in re.compile(r'"(?:[^"\\\n]|\\.)*"|[\[\]{}]').finditer(text, start):
        bracket = match.group()
        if len(bracket) == 1:
            depth += 1 if bracket in "[{" else -1
        position = match.end()
        if depth <= 0:
            return position
    return len(text)
