"""Writing an export: all of it, or nothing."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from csedb_tests.config_errors import ConfigError


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A text file that appears under ``path`` when it is complete. Raises ConfigError where it cannot be written."""
    with partial_path(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def partial_path(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes ``path`` when all went well. Raises ConfigError."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write a row per line; gives their number. Raises ConfigError."""
    count = 0
    with whole_file(path) as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
