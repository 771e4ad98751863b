"""The YAML files of a bank as they lie on disk: found, bounded, read and digested, but not yet understood."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from csedb_tests.bank_errors import BankError, Problem

MAX_FILE_BYTES = 2_000_000
MAX_BANK_BYTES = 200_000_000
MAX_ENTRIES = 50_000
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class BankFile:
    """A YAML file: its path below the bank's root, with ``/``, and its bytes with LF line ends."""

    path: str
    content: bytes


@dataclass(frozen=True)
class BankTree:
    """All YAML files of a bank, in the order of their paths; hidden files (``.name``) are no part of it."""

    root: Path
    files: tuple[BankFile, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over paths and contents: equal on every machine, whatever its line ends and file times."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{len(file.content)} {file.path}\0".encode(errors="surrogateescape"))
            digest.update(file.content)
        return digest.hexdigest()

    def shown(self, path: str) -> str:
        """How messages name a file: from the working directory when the bank is below it."""
        return f"{self._shown_root}/{path}"

    @cached_property
    def _shown_root(self) -> str:
        return shown_path(self.root)


def read_tree(root: Path) -> BankTree:
    """Read every YAML file below ``root``; raises BankError when that is no directory or beyond any bank's size."""
    if not _is_directory(root):
        fault = "a bank is a directory" if os.path.lexists(root) else "there is no such bank"
        raise BankError([Problem(shown_path(root), fault)])
    walk = _Walk(root)
    files = sorted(walk.files(), key=lambda file: file.path)
    return BankTree(root, tuple(files), tuple(walk.problems))


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a directory above it is closed
        return False


def shown_path(path: Path) -> str:
    """``path`` from the working directory if it lies below that, else as it is."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


class _Walk:
    """One pass over a bank's directories. What cannot be read becomes a problem, never an exception."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._real_root = os.path.realpath(root)
        self._entries = 0
        self._bytes = 0

    def files(self) -> Iterator[BankFile]:
        waiting: list[str] = [""]
        while waiting:
            directory = waiting.pop()
            for entry in self._visible(directory):
                path = f"{directory}{entry.name}"
                kind = self._kind(path, entry)
                if kind == "directory":
                    waiting.append(f"{path}/")
                elif kind == "file":
                    yield from self._read(path)

    def _visible(self, directory: str) -> Iterable[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / directory) as found:
                return [entry for entry in self._counted(found) if not entry.name.startswith(".")]
        except OSError as error:
            return self._refuse(directory, f"cannot be read: {error.strerror}")

    def _counted(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            self._entries += 1
            if self._entries > MAX_ENTRIES:
                raise BankError([Problem(shown_path(self.root), f"a bank holds at most {MAX_ENTRIES:,} files")])
            yield entry

    def _kind(self, path: str, entry: os.DirEntry[str]) -> str:
        """``directory`` to walk, ``file`` to read, or nothing: refused, or none of a bank's business."""
        is_yaml = entry.name.lower().endswith(_SUFFIXES)
        try:
            mode = entry.stat().st_mode
            is_directory = stat.S_ISDIR(mode)
            fault = self._link_fault(path, is_directory) if entry.is_symlink() and (is_yaml or is_directory) else None
        except OSError as error:
            # A link that leads nowhere may have been a whole department: never passed over in silence.
            return self._refuse_kind(path, f"cannot be read: {error.strerror}")
        if fault or (is_yaml and not stat.S_ISREG(mode)):
            return self._refuse_kind(path, fault or f"is {'a directory' if is_directory else 'no regular file'}")
        return "directory" if is_directory else "file" if is_yaml else ""

    def _link_fault(self, path: str, is_directory: bool) -> str | None:
        target = Path(os.path.realpath(self.root / path))
        if not target.is_relative_to(self._real_root):
            return "is a symbolic link that leads out of the bank"
        parent = os.path.realpath((self.root / path).parent)
        if is_directory and Path(parent).is_relative_to(target):
            return "is a symbolic link that leads back to a directory above it"
        return None

    def _read(self, path: str) -> Iterable[BankFile]:
        try:
            with (self.root / path).open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return self._refuse(path, f"cannot be read: {error.strerror}")
        if len(content) > MAX_FILE_BYTES:
            return self._refuse(path, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        self._weigh(len(content))
        return [BankFile(path, content.replace(b"\r\n", b"\n"))]

    def _weigh(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_BANK_BYTES:
            message = f"a bank holds at most {MAX_BANK_BYTES // 1_000_000} MB"
            raise BankError([Problem(shown_path(self.root), message)])

    def _refuse(self, path: str, message: str) -> tuple[()]:
        self.problems.append(Problem(shown_path(self.root / path), message))
        return ()

    def _refuse_kind(self, path: str, message: str) -> str:
        self._refuse(path, message)
        return ""
