"""The finishing of report.html: pytest-html's page gets its cases, and a policy that forbids loading anything.

pytest-html keeps every row's text in memory, turns it into JSON, escapes that, and renders it into one string: several
copies of many megabytes. It is given a token for each case; the case's own text waits in a temporary file.
"""

import base64
import hashlib
import json
import re
import secrets
import tempfile
from html import escape
from pathlib import Path
from typing import BinaryIO


class CaseTexts:
    """The HTML of cases, kept on disk until the page is written."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as this does
        self._ends = [0]
        self._name = f"csedb-{secrets.token_hex(8)}-"  # no output of another test can hold it
        self.token = re.compile(rf"{self._name}(\d+);".encode())

    def keep(self, text: str) -> str:
        """Keep a case's HTML; gives the token that stands for it in the page (the text itself where a disk is full)."""
        data = escape(json.dumps(text)[1:-1]).encode()  # as pytest-html puts a text into the page's data
        try:
            self._file.seek(self._ends[-1])
            self._file.write(data)
            self._file.flush()
        except OSError:
            return text
        self._ends.append(self._ends[-1] + len(data))
        return f"{self._name}{len(self._ends) - 2};"

    def read(self, number: int) -> bytes:
        """The text that a token stands for."""
        self._file.seek(self._ends[number])
        return self._file.read(self._ends[number + 1] - self._ends[number])

    def close(self) -> None:
        """Give up the temporary file."""
        self._file.close()


def finish_page(path: Path, cases: CaseTexts) -> None:
    """Put the cases into the page, and a policy: its own one script, inline styles, data images, no request at all."""
    page = path.read_bytes()
    partial = path.with_suffix(".partial")
    with partial.open("wb") as out:
        head, mark, rest = page.partition(b"<head>")
        out.write(head + _policy_meta(page) if mark else head)
        _write_filled(rest, cases, out)
    partial.replace(path)


def _write_filled(page: bytes, cases: CaseTexts, out: BinaryIO) -> None:
    at = 0
    for found in cases.token.finditer(page):
        out.write(page[at : found.start()])
        out.write(cases.read(int(found[1])))
        at = found.end()
    out.write(page[at:])


def _policy_meta(page: bytes) -> bytes:
    script = page.rpartition(b"<script>")[2].partition(b"</script>")[0]  # the script stands at the page's end
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )
    return f'<head>\n    <meta http-equiv="Content-Security-Policy" content="{policy}">'.encode()
