"""The rows of a table, one after the other: CSV, JSON Lines, a sheet of an Excel workbook."""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError
from csedb_tests.importers.report import ImportReport, Place
from csedb_tests.importers.tolerant import opened_text, read_objects

LARGEST_CELL = 10_000_000
NEEDS_OPENPYXL = "reading .xlsx needs openpyxl: pip install 'csedb-tests[xlsx]', or save the sheet as CSV"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its place, and its cells by column. A cell is a text; in JSON Lines any JSON value."""

    place: Place
    cells: Mapping[str, Any]


Rows = Callable[[Path, ImportReport], Iterator[TableRow]]


def csv_rows(path: Path, report: ImportReport, delimiter: str | None = None) -> Iterator[TableRow]:
    """The rows of a CSV file, plain or gzip, UTF-8. Raises ConfigError."""
    csv.field_size_limit(min(LARGEST_CELL, sys.maxsize))
    with opened_text(path) as file:
        reader = csv.reader(file, delimiter=delimiter or ("\t" if ".tsv" in path.suffixes else ","), strict=True)
        try:
            yield from _with_header(path, report, _numbered(reader))
        except csv.Error as error:
            raise ConfigError(f"{path}:{reader.line_num}: not valid CSV: {error}") from None


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it begins in."""
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def json_rows(path: Path, report: ImportReport) -> Iterator[TableRow]:
    """The objects of a JSON Lines file or JSON array. Raises ConfigError."""
    for found in read_objects(path, report):
        yield TableRow(found.place, found.values)


def xlsx_rows(path: Path, report: ImportReport, sheet: str | None = None) -> Iterator[TableRow]:
    """The rows of a sheet, the first unless named, read one by one. Raises ConfigError."""
    try:
        openpyxl: Any = import_module("openpyxl")
    except ImportError:
        raise ConfigError(f"{path}: {NEEDS_OPENPYXL}") from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises what zipfile, its XML parser and its own checks raise
        raise ConfigError(f"{path}: not a workbook that openpyxl can read: {error}") from None
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise ConfigError(f"{path}: there is no sheet {sheet!r}. Allowed: {', '.join(book.sheetnames)}")
        found = book[sheet] if sheet is not None else book.worksheets[0]
        cells = ([_cell_text(cell) for cell in row] for row in found.iter_rows(values_only=True))
        yield from _with_header(path, report, enumerate(cells, start=1))
    finally:
        book.close()


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _with_header(path: Path, report: ImportReport, lines: Iterator[tuple[int, list[str]]]) -> Iterator[TableRow]:
    header: list[str] | None = None
    for number, cells in lines:
        place = Place(path.name, number)
        if not any(cell.strip() for cell in cells):
            report.odd("an empty line", place)
        elif header is None:
            header = _checked_header(cells, place)
        else:
            yield from _row(header, cells, place, report)
    if header is None:
        raise ConfigError(f"{path}: the file is empty; its first line must name the columns")


def _checked_header(cells: Sequence[str], place: Place) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{place}: the column {twice[0]!r} stands twice in the first line")
    return names


def _row(header: list[str], cells: list[str], place: Place, report: ImportReport) -> Iterator[TableRow]:
    if any(cell.strip() for cell in cells[len(header) :]):
        report.skipped(f"a row of {len(cells)} cells under {len(header)} columns", place)
        return
    if len(cells) < len(header):
        report.odd(f"a row of {len(cells)} cells under {len(header)} columns; the missing ones are empty", place)
    padded = cells[: len(header)] + [""] * (len(header) - len(cells))
    yield TableRow(place, dict(zip(header, padded, strict=True)))
