"""The finishing of report.html: pytest-html's page gets the cases, our script and style, and a policy against the rest.

A case's text is some kilobytes, and a page has thousands: the texts are made while the run waits for answers, and wait
in a temporary file. In the page each is an inert ``<template>``, which the browser builds when a reader opens the case.
"""

import base64
import hashlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_order import standing_of
from csedb_tests.reports.html_case import case_html
from csedb_tests.reports.html_colors import color_rules
from csedb_tests.reports.html_frame import frame_page
from csedb_tests.whole_file import replacing

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
_LINKED = re.compile(rb'<link href="([^"]*)" rel="stylesheet" type="text/css"/>')


class CaseTexts:
    """The HTML of cases, kept on disk until the page is written."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as this does
        self._kept: dict[str, tuple[CaseRecord, int, int]] = {}
        self._end = 0

    def keep(self, record: CaseRecord) -> None:
        """Make a case's text and keep it; where the disk is full it is made again in the end."""
        data = _template(record)
        try:
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
        except OSError:
            return
        self._kept[record.case.id] = (record, self._end, len(data))
        self._end += len(data)

    def text(self, record: CaseRecord) -> bytes:
        """The text of a case: as kept, unless what is recorded of it has changed since."""
        kept, start, size = self._kept.get(record.case.id, (None, 0, 0))
        if kept is not record and kept != record:
            return _template(record)
        self._file.seek(start)
        return self._file.read(size)

    def close(self) -> None:
        """Give up the temporary file."""
        self._file.close()


def _template(record: CaseRecord) -> bytes:
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in _facets(record).items())
    return f'<template id="csedb-case-{escape(record.case.id)}"{data}>{case_html(record)}</template>\n'.encode()


def _facets(record: CaseRecord) -> dict[str, str]:
    """What the script filters and sorts by."""
    case = record.case
    return {
        "status": standing_of(record),
        "track": case.track,
        "criterion": case.criterion.code,
        "department": case.department,
        "risk": case.risk,
    }


def finish_page(path: Path, cases: Sequence[CaseRecord], texts: CaseTexts, run: str) -> None:
    """Finish the page at ``path``, whole or not at all. ``run`` says which run it shows, and when that ran."""
    frame = frame_page(_with_styles_inside(path), run)
    style, script = page_style(), page_script()
    after = _SCRIPT.sub(lambda found: found.group() + b"\n<script>" + script + b"</script>", frame.after, count=1)
    head, mark, body = frame.before.partition(b"</head>")
    head += b"<style>" + style + b"</style>\n  " if mark else b""
    policy = _policy(_STYLE.findall(head), _SCRIPT.findall(after))
    with replacing(path) as out:
        out.write(head.replace(b"<head>", b"<head>\n    " + policy, 1) + mark + body)
        _write_texts(cases, texts, out)
        out.write(after)


def _write_texts(cases: Iterable[CaseRecord], texts: CaseTexts, out: BinaryIO) -> None:
    for case in cases:
        out.write(texts.text(case))


def _with_styles_inside(path: Path) -> bytes:
    """The page with pytest-html's stylesheet in it, where a file beside it was asked for: the policy loads none."""
    page = path.read_bytes()
    linked = _LINKED.search(page)
    file = path.parent / linked[1].decode() if linked else None
    if linked is None or file is None or not file.is_file():
        return page
    return page[: linked.start()] + b"<style>" + file.read_bytes() + b"</style>" + page[linked.end() :]


def page_style() -> bytes:
    """Our style: the colors, then the rules."""
    return (color_rules() + _asset("report.css")).encode()


def page_script() -> bytes:
    """Our script."""
    return _asset("report.js").encode()


def _asset(name: str) -> str:
    return files("csedb_tests.reports").joinpath("page", name).read_text(encoding="utf-8")


def _policy(styles: Iterable[bytes], scripts: Iterable[bytes]) -> bytes:
    policy = (
        f"default-src 'none'; script-src {_digests(scripts)}; style-src {_digests(styles)}; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'.encode()


def _digests(texts: Iterable[bytes]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
