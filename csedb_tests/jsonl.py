"""Reading JSON Lines files that people made: every problem names the file and the line."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError, nearest


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``place`` reads ``file:line``."""

    place: str
    values: Mapping[str, Any]


def read_rows(path: Path, what: str, required: Mapping[str, type], optional: Mapping[str, type]) -> Iterator[Row]:
    """The lines of ``path``, each an object with the required keys, perhaps the optional ones, and no others.

    ``what`` names the file in errors ("answers file"). Raises ConfigError.
    """
    found = False
    for number, line in enumerate(read_text(path, what).split("\n"), start=1):
        if line.strip():
            found = True
            yield _row(f"{path}:{number}", line, required, optional)
    if not found:
        raise ConfigError(f"{path}: the {what} is empty")


def read_text(path: Path, what: str) -> str:
    """The text of a file, one that ends in ``.gz`` unpacked. Raises ConfigError; ``what`` names the file in it."""
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: the {what} is not a whole gzip file: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the {what}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the {what} is not UTF-8 (byte {error.start})") from None


def _row(place: str, line: str, required: Mapping[str, type], optional: Mapping[str, type]) -> Row:
    try:
        values = json.loads(line, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: not valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{place}: a line must be an object with {', '.join(map(repr, required))}")
    allowed = {**required, **optional}
    for key in values:
        if key not in allowed:
            raise ConfigError(f"{place}: unknown key {key!r}. Allowed: {', '.join(allowed)}.{nearest(key, allowed)}")
    for key, kind in allowed.items():
        if key in values or key in required:
            _check(place, key, values.get(key), kind)
    return Row(place, values)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values for one key JSON keeps the last in silence; here one of them is a mistake."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key stands twice")
    return values


_NAMES = {str: "a text", int: "a whole number", dict: "an object"}


def _check(place: str, key: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigError(f"{place}: {key!r} must be {_NAMES[kind]}, not {value!r:.80}")
