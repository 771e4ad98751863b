"""Markdown and other plain-text markup in an answer: what is displayed of it, and what is no advice."""

import re

from csedb_tests.patterns.sheet import Change, Sheet, line_end, nothing

_CODE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:bash|c|cpp|css|csv|diff|html?|ini|java|javascript|js|json5?|jsonl|latex|log|py"
    r"|python|r|ruby|rust|sh|shell|sql|toml|typescript|ts|xml|ya?ml)\b[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_STRIKE = re.compile(r"~~(?=[^\s~])((?:[^~\n]|~(?!~)|\n(?!\s*\n)){1,5000}?)(?<=[^\s~])~~(?!~)")
_TITLE = r"""(?:\s+(?:"[^"\n]{0,2000}"|'[^'\n]{0,2000}'|\([^()\n]{0,2000}\)))?"""
_TARGET = re.compile(rf"\]\([ \t]*(?:<[^<>\n]{{0,500}}>|[^()\s]{{0,500}}){_TITLE}[ \t]*\)")
_IMAGE = re.compile(r"!\[[^\[\]]{0,2000}\](?=\()")
_DEFINITION = re.compile(rf"^[ ]{{0,3}}\[[^\]\[^][^\]\[\n]{{0,200}}\]:[ \t]*\S{{1,500}}{_TITLE}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^[ ]{0,3}\[\^[^\]\n]{1,50}\]:[^\n]*(?:\n(?=[ ]{2,}\S)[^\n]*)*", re.MULTILINE)
_URL = re.compile(r"https?://[^\s)>\]]+")
_IN_WORD = re.compile(r"(?<=[^\W\d_])(?:[*`]{1,3}|__?)(?=[^\W\d_])")
_EMPHASIS = re.compile(r"[*`_]{1,3}(?=[^\W\d_])")
_MARKER = re.compile(
    r"<\s*/?\s*answer\s*-|</\s*(?:answer|response|output)\s*>|<\|\s*\w+\s*\|>|\[/?INST\]|<</?SYS>>"
    r"|\{\{\s*(?:answer|statements|nonce)\s*\}\}|^\W*end of (?:the )?(?:answer|response|reply)\W*$"
    r"|^[ \t]*[-=#*\[]{2,}\s*end\b[^\n]{0,40}$|(?<=\n)[ \t]*(?:#+[ \t]*)?\**(?:human|user|assistant)\**[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
"""A marker of a chat or of a judge's prompt: what follows is not this answer, whatever it claims to be."""
_PHANTOM = re.compile(
    r"\\[hv]?phantom\s*\{[^{}]{0,2000}\}|\\(?:textcolor|color)\s*\{\s*white\s*\}\s*\{?[^{}\n]{0,2000}\}?"
)
_REMARK = re.compile(
    r"%%(?:[^%]|%(?!%)){1,5000}%%|\{#(?:[^#{]|#(?!\})|\{(?!#)){1,5000}#\}"
    r"|\{%-?\s*comment\b[^%]{0,100}%\}(?:[^{]|\{(?!%)){0,5000}\{%|\\begin\{comment\}(?:[^\\]|\\(?!end|begin)){0,5000}\\end\{comment\}"
)
"""Comments of Markdown editors, of templates and of LaTeX."""
_RECORD = re.compile(r"""[{\[]\s*(?:[{\[]\s*)?["'][^"'\n]{1,80}["']\s*:""")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[\[\]{}]')


def emphasis_in_word(text: str) -> bool:
    """Whether a mark of emphasis stands inside a word."""
    return any(text[match.start() - 1].isalpha() for match in _EMPHASIS.finditer(text) if match.start())


def displayed(sheet: Sheet) -> Sheet:
    """Without struck-out text, definitions, addresses and titles, and without emphasis inside words."""
    sheet = sheet.edited(_STRIKE, nothing).edited(_DEFINITION, nothing).edited(_TARGET, lambda _: "]")
    return sheet.edited(_URL, lambda _: " ").edited(_IN_WORD, nothing)


def without_asides(sheet: Sheet) -> Sheet:
    """Without descriptions of images and footnotes."""
    return sheet.edited(_IMAGE, nothing).edited(_FOOTNOTE, nothing)


def without_machinery(sheet: Sheet) -> Sheet:
    """Without program code, JSON, remarks, transparent formulas, and what follows markers of a chat or prompt."""
    marker = _MARKER.search(sheet.text)
    if marker:
        sheet = sheet.replaced([(marker.start(), len(sheet.text), "")])
    sheet = sheet.edited(_CODE, line_end).edited(_PHANTOM, nothing).edited(_REMARK, nothing)
    return sheet.replaced(_records(sheet.text))


def _records(text: str) -> list[Change]:
    """JSON inside other text: data, not advice. A text that is nothing but JSON is left as it is."""
    changes: list[Change] = []
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
    for match in _TOKEN.finditer(text, start):
        bracket = match.group()
        if len(bracket) == 1:
            depth += 1 if bracket in "[{" else -1
        position = match.end()
        if depth <= 0:
            return position
    return len(text)
