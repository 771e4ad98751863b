"""CSV that opens in a spreadsheet as what it says: no cell runs as a formula, no text of a model breaks a row."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from csedb_tests.text import one_line

# What spreadsheets take for the beginning of a formula, in their full-width forms too.
_FORMULA = tuple("=+-@＝＋－＠")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A heading and the rows (RFC 4180: quoted, CRLF), every cell made safe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: safe_cell(text) for name, text in row.items()} for row in rows)
    return out.getvalue()


def safe_cell(text: str) -> str:
    """``text`` on one line, behind an apostrophe where a spreadsheet would run it."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
