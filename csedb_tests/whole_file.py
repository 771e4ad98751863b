"""Files written whole or not at all: a reader never meets half of one, and a failed writing leaves the old one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from csedb_tests.config_errors import ConfigError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, which takes the place of ``path`` once the block has ended without an error. Raises OSError."""
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_lock_file(text: str, path: Path, what: str) -> None:
    """Write a lock file. Raises ConfigError that says ``what`` could not be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigError(f"{path}: cannot write {what}: {error.strerror}") from None


def read_lock_file(path: Path, what: str) -> str | None:
    """The text of a lock file, None where there is no file. Raises ConfigError that says ``what`` cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot read {what}: {error}") from None
