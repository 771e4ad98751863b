"""Reading JSON as other programs write it: compressed, with a byte-order mark, NaN, empty lines, one row after another.

Whatever is tolerated is noted; whatever cannot be read is skipped and noted. A file is never held as a whole.
"""

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, Any, cast

from csedb_tests.config_errors import ConfigError
from csedb_tests.importers.report import ImportReport, Place

_GZIP = b"\x1f\x8b"
_BOMS_16_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_CHUNK = 1 << 18
_SPACE = " \t\r\n"
_SPACES = re.compile(f"[{_SPACE}]*")


@dataclass(frozen=True, slots=True)
class Found:
    """An object of a file: its place, its values, and the text it was read from."""

    place: Place
    values: dict[str, Any]
    text: str


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if it is a gzip file, whatever it is called. Raises ConfigError."""
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start.startswith(_BOMS_16_32):
                raise ConfigError(f"{path}: is not UTF-8 but UTF-16 or UTF-32; save it as UTF-8")
            if start.startswith(_GZIP):
                with gzip.open(raw) as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: not a whole gzip file: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None


@contextmanager
def opened_text(path: Path) -> Iterator[TextIOWrapper]:
    """The text of a file, without a byte-order mark. Raises ConfigError where it is not UTF-8."""
    with opened(path) as raw:
        try:
            yield TextIOWrapper(cast(BufferedReader, raw), encoding="utf-8-sig", newline="")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: is not UTF-8 (byte 0x{error.object[error.start]:02x})") from None


def read_objects(path: Path, report: ImportReport) -> Iterator[Found]:
    """The objects of a JSON Lines file, or of a file that is one JSON array of objects. Raises ConfigError."""
    with opened(path) as raw:
        start = raw.read(_CHUNK).removeprefix(codecs.BOM_UTF8).lstrip()
    yield from array_objects(path, report) if start.startswith(b"[") else line_objects(path, report)


def line_objects(path: Path, report: ImportReport) -> Iterator[Found]:
    """The objects of a JSON Lines file; lines that are none are skipped and noted."""
    with opened(path) as raw:
        for number, line in enumerate(raw, start=1):
            place = Place(path.name, number)
            text = _decoded(line, place, report)
            if text is not None:
                yield from _object(text, place, report)


def _decoded(line: bytes, place: Place, report: ImportReport) -> str | None:
    if place.line == 1 and line.startswith(codecs.BOM_UTF8):
        report.odd("a byte-order mark begins the file", place)
        line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        report.odd("an empty line", place)
        return None
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        report.skipped(f"a line that is not UTF-8 (byte 0x{line[error.start]:02x})", place)
        return None


def _object(text: str, place: Place, report: ImportReport) -> Iterator[Found]:
    reader = TolerantJson()
    try:
        value, end = reader.raw_decode(text.lstrip(_SPACE))
    except (ValueError, RecursionError) as error:
        report.skipped(f"a line that is not JSON: {_short(error)}", place)
        return
    if text.lstrip(_SPACE)[end:].strip():
        report.skipped("a line that goes on after its JSON object", place)
    elif not isinstance(value, dict):
        report.skipped(f"a line that is no JSON object but {type(value).__name__}", place)
    else:
        reader.note(report, place)
        yield Found(place, value, text)


def array_objects(path: Path, report: ImportReport) -> Iterator[Found]:
    """The objects of a JSON array, each read when it is wanted. Raises ConfigError where the array ends or breaks."""
    with opened_text(path) as file:
        window = _Window(path, file)
        window.expect("[")
        while (char := window.next_char()) != "]":
            if char == ",":
                window.take(1)
                continue
            place = Place(path.name, window.line)
            reader = TolerantJson()
            value, text = window.value(reader)
            if isinstance(value, dict):
                reader.note(report, place)
                yield Found(place, value, text)
            else:
                report.skipped(f"an entry that is no JSON object but {type(value).__name__}", place)
        window.take(1)
        if window.next_char():
            report.odd("text after the end of the JSON array", Place(path.name, window.line))


class _Window:
    """The part of a file that is being read, and the line at which it begins."""

    def __init__(self, path: Path, file: TextIOWrapper) -> None:
        self.line = 1
        self._path, self._file = path, file
        self._text, self._at, self._ended = "", 0, False

    def next_char(self) -> str:
        """The next character that is no white space; nothing at the end of the file."""
        while True:
            space = _SPACES.match(self._text, self._at)
            self.take(len(space[0]) if space else 0)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def take(self, count: int) -> None:
        self.line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def expect(self, wanted: str) -> None:
        if self.next_char() != wanted:
            raise ConfigError(f"{self._path}:{self.line}: a JSON array is wanted here; '{wanted}' is missing")
        self.take(1)

    def value(self, reader: "TolerantJson") -> tuple[Any, str]:
        """The value that begins here, with its text. A window that grows twofold keeps the work in proportion."""
        if not self.next_char():
            raise ConfigError(f"{self._path}:{self.line}: the file ends inside its JSON array")
        while True:
            try:
                value, end = reader.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if not self._grow():
                    raise ConfigError(f"{self._path}:{self.line}: not valid JSON: {_short(error)}") from None
                continue
            if end == len(self._text) and self._grow():  # a number may go on behind the window
                continue
            text = self._text[self._at : end]
            self.take(end - self._at)
            return value, text

    def _grow(self) -> bool:
        more = "" if self._ended else self._file.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not more
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


class TolerantJson:
    """Reads one value and remembers what strict JSON would not have allowed in it."""

    def __init__(self) -> None:
        self._oddities: dict[str, None] = {}
        self._decoder = json.JSONDecoder(object_pairs_hook=self._pairs, parse_constant=self._constant)

    def raw_decode(self, text: str, start: int = 0) -> tuple[Any, int]:
        """The value that begins at ``start``, and where it ends. Raises ValueError or RecursionError."""
        self._oddities = {}
        return self._decoder.raw_decode(text, start)

    def note(self, report: ImportReport, place: Place) -> None:
        """Tell the report."""
        for oddity in self._oddities:
            report.odd(oddity, place)

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            self._oddities["a key that stands twice in an object; the last counts"] = None
        return values

    def _constant(self, name: str) -> float:
        self._oddities[f"a bare {name}, which is no JSON"] = None
        return float(name)


def _short(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
