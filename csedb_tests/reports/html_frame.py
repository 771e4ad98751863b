"""What of pytest-html's page is moved, renamed or left out, so that it frames the gate's report.

The page is read on phones and by screen readers, and must be the same however often it is rebuilt: so it gets a
language, a viewport, landmarks and headings in order, loses the times of its making, and what pytest counted goes to
its end. An edit that does not find its place in another pytest-html is left out, and said to be in ``Frame.found``.
"""

import re
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True, slots=True)
class Frame:
    """A page cut in two where the cases go: ``before`` them, and ``after``, with pytest-html's data and script."""

    before: bytes
    after: bytes
    found: dict[str, bool] = field(default_factory=dict)


_HEAD = (
    b'<meta name="viewport" content="width=device-width, initial-scale=1">'
    b'<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
)
_ENVIRONMENT = re.compile(
    rb'<div id="environment-header">\s*<h2>Environment</h2>\s*</div>\s*<table id="environment"></table>'
)
_COUNTS = re.compile(rb'<p class="run-count">.*?(?=</div>\s*<div class="additional-summary summary">)', re.DOTALL)
_GENERATED = re.compile(rb"<p>Report generated on .*?</a>\s*v([\w.+-]+)</p>", re.DOTALL)
_TOOK = re.compile(rb'(<p class="run-count">[^<]*?) took [^<]*')
_RELOAD = re.compile(rb'<div class="summary__reload">.*?</div>\s*</div>\s*</div>', re.DOTALL)
_MEDIA = re.compile(rb'<div class="media">.*?(?=<div class="logwrapper">)', re.DOTALL)
_STYLESHEET = re.compile(rb'<link href="[^"]*" rel="stylesheet" type="text/css"/>')


def frame_page(page: bytes, run: str) -> Frame:
    """The page without what is left out. ``run`` says which run it shows, and when that ran."""
    before, mark, after = page.rpartition(b"<footer>")
    if not mark:
        return Frame(page, b"")
    edits = _Edits(before)
    edits.replace("generated", _GENERATED, rb"<p>" + _plain(run) + rb" Page by pytest-html \1.</p>")
    edits.replace("took", _TOOK, rb"\1.")
    edits.replace("reload", _RELOAD, b"")
    edits.replace("summary heading", re.compile(rb"<h2>Summary</h2>"), b"")
    edits.replace("language", re.compile(rb"<html>"), b'<html lang="en">')
    edits.replace("head", re.compile(rb'<meta charset="utf-8"/>'), rb"\g<0>" + _HEAD)
    edits.replace("main", re.compile(rb"<body>"), rb'\g<0><a class="csedb-skip" href="#csedb-cases">Cases</a><main>')
    if b"format_type&#34;: &#34;image" not in after and b"format_type&#34;: &#34;video" not in after:
        edits.replace("media", _MEDIA, b'<div class="media"></div>')  # a player per row takes seconds to build
    moved = edits.take("counts", _COUNTS) + edits.take("environment", _ENVIRONMENT)
    return Frame(edits.page, _end(moved) + mark + after, edits.found)


def _end(moved: bytes) -> bytes:
    return (
        b'<details class="csedb-pytest"><summary><h2>Environment, and what pytest counted</h2></summary>'
        + moved
        + b"</details>\n</main>\n"
    )


def _plain(text: str) -> bytes:
    """As a text of the page and of a replacement."""
    return escape(text).encode().replace(b"\\", rb"\\")


class _Edits:
    """A page being edited, and which edits found their place."""

    def __init__(self, page: bytes) -> None:
        self.page = page
        self.found: dict[str, bool] = {}

    def replace(self, name: str, pattern: re.Pattern[bytes], replacement: bytes) -> None:
        self.page, times = pattern.subn(replacement, self.page, count=1)
        self.found[name] = bool(times)

    def take(self, name: str, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.search(self.page)
        self.found[name] = found is not None
        if found is None:
            return b""
        self.page = self.page[: found.start()] + self.page[found.end() :]
        return found.group()
