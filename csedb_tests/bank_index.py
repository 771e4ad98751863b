"""The index of a parsed bank: what lets the next start skip YAML.

One file per bank in the user's cache directory. Its first line must equal, byte for byte, what this code, on these bank
contents, would write; the second line is JSON. File times are never trusted and a damaged or foreign file is never an
error: whatever does not fit is written anew. The cases go through the schema again when read, which costs little and
means that no file can smuggle in what a bank could not hold.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from csedb_tests.bank_tree import BankTree
from csedb_tests.catalogue import Catalogue, catalogue
from csedb_tests.schema import BankSettings, Case, CaseEntry, placed

FORMAT = "csedb-bank-index 1"
CACHE_VARIABLE = "CSEDB_CACHE_DIR"
_HEADER_BYTES = 400
# Whatever decides what a bank file means; a change in any of them makes every index stale, in a clone as well.
_SOURCES = (
    "bank_file.py",
    "bank_index.py",
    "bank_layout.py",
    "bank_reader.py",
    "bank_tree.py",
    "catalogue.py",
    "schema.py",
)
_SOURCE_DIRECTORIES = ("data", "patterns")


@dataclass(frozen=True, slots=True)
class Contents:
    """A bank's files, understood: the cases in the bank's order, and its `bank.yaml` if it has one."""

    settings: BankSettings | None
    cases: tuple[Case, ...]

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of this bank."""
        return self.settings.catalogue() if self.settings else catalogue()


class _Cell(BaseModel):
    """The cases of one department and criterion that stand together."""

    model_config = ConfigDict(extra="forbid")

    department: str
    criterion: str
    entries: tuple[CaseEntry, ...]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid")

    settings: BankSettings | None
    cells: tuple[_Cell, ...]


@dataclass(frozen=True, slots=True)
class BankIndex:
    """The index file of one bank in ``directory``; without a directory, an index that keeps nothing."""

    directory: Path | None

    def read(self, tree: BankTree) -> Contents | None:
        """What the index holds for exactly this tree, or nothing."""
        path = self._path(tree)
        try:
            return _parsed(tree, path) if path and path.is_file() else None
        except (OSError, ValueError, KeyError):
            return None

    def write(self, tree: BankTree, contents: Contents) -> None:
        """Keep ``contents``, replacing the old index in one step; where that is not allowed, go without."""
        path = self._path(tree)
        if path:
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, _rendered(tree, contents))

    def _path(self, tree: BankTree) -> Path | None:
        if self.directory is None:
            return None
        name = hashlib.sha256(os.fsencode(os.path.realpath(tree.root))).hexdigest()[:24]
        return self.directory / f"bank-{name}.json"


def default_index_directory() -> Path | None:
    """``CSEDB_CACHE_DIR``, else `csedb-tests` in the platform's cache directory; nothing if there is no such place."""
    own = os.environ.get(CACHE_VARIABLE)
    if own:
        return Path(own)
    try:
        return _platform_cache() / "csedb-tests"
    except RuntimeError:  # no home directory
        return None


def _platform_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    # The XDG base directory specification has relative paths ignored.
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".cache"


def _parsed(tree: BankTree, path: Path) -> Contents | None:
    with path.open("rb") as file:
        header = file.readline(_HEADER_BYTES)
        if not header.startswith(_stamp(tree)):
            return None
        payload = file.read()
    if header != _header(tree, payload):
        return None
    return _contents(_adapter().validate_json(payload))


def _rendered(tree: BankTree, contents: Contents) -> bytes:
    payload = _Payload(settings=contents.settings, cells=tuple(_cells(contents.cases)))
    text = _adapter().dump_json(payload, exclude_unset=True)
    return _header(tree, text) + text


def _header(tree: BankTree, payload: bytes) -> bytes:
    return _stamp(tree) + hashlib.sha256(payload).hexdigest().encode() + b"\n"


def _stamp(tree: BankTree) -> bytes:
    return f"{FORMAT} {_sources_digest()} {tree.digest} ".encode()


@cache
def _adapter() -> TypeAdapter[_Payload]:
    return TypeAdapter(_Payload)


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256()
    for content in _sources():
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _sources() -> Iterator[bytes]:
    package = files("csedb_tests")
    for name in _SOURCES:
        yield package.joinpath(name).read_bytes()
    for directory in _SOURCE_DIRECTORIES:
        found = sorted(package.joinpath(directory).iterdir(), key=lambda source: source.name)
        yield from (source.read_bytes() for source in found if source.name.endswith((".py", ".toml")))


def _contents(payload: _Payload) -> Contents:
    known = Contents(payload.settings, ()).catalogue
    cases = (
        placed(entry, cell.department, known.criteria[cell.criterion])
        for cell in payload.cells
        for entry in cell.entries
    )
    return Contents(payload.settings, tuple(cases))


def _cells(cases: tuple[Case, ...]) -> Iterator[_Cell]:
    for (department, criterion), group in groupby(cases, key=lambda case: (case.department, case.criterion.code)):
        entries = tuple(_entry(case) for case in group)
        yield _Cell.model_construct(department=department, criterion=criterion, entries=entries)


def _entry(case: Case) -> CaseEntry:
    fields = {name: getattr(case, name) for name in CaseEntry.model_fields}
    return CaseEntry.model_construct(_fields_set=case.model_fields_set & set(fields), **fields)


def _replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that no process ever sees a part of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
