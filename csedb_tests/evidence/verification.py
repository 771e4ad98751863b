"""Checking a pack: every file against the manifests, and the run counted again from its verdicts."""

import hashlib
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from csedb_tests.config_errors import ConfigError
from csedb_tests.evidence.archive import MANIFEST, SUMS, read_sums
from csedb_tests.recount import recount
from csedb_tests.run_lookup import FILE, explained, parse_run
from csedb_tests.text import one_line

_LARGEST_MANIFEST = 4_000_000
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
"""What zipfile raises for damaged, encrypted or unknown contents."""
_DAMAGED = "unreadable"


@dataclass(frozen=True, slots=True)
class Verification:
    """``problems``: what is not as it was packed, one line each. ``notes``: what was checked, or could not be."""

    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(path: Path, expected: str | None = None) -> Verification:
    """Check the pack at ``path``, against the ``expected`` SHA-256 of the zip too if there is one.

    Raises ConfigError when there is no such file.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: there is no evidence pack here")
    changed = () if expected is None or expected.lower() == _file_digest(path) else (_other_zip(path, expected),)
    try:
        with zipfile.ZipFile(path) as archive:
            found = _verified(archive)
    except _UNREADABLE as error:
        found = Verification((f"{path}: not a readable zip: {error}",))
    return Verification(tuple(map(one_line, (*changed, *found.problems))), found.notes)


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _other_zip(path: Path, expected: str) -> str:
    return f"{path}: its SHA-256 is {_file_digest(path)}, not {expected}"


def _verified(archive: zipfile.ZipFile) -> Verification:
    names = [entry.filename for entry in archive.infolist()]
    twice = [f"{name}: stands in the zip more than once" for name, count in Counter(names).items() if count > 1]
    missing = [f"{name}: missing" for name in (SUMS, MANIFEST, FILE) if name not in names]
    if twice or missing:
        return Verification((*twice, *missing))
    digests = {name: _digest(archive, name) for name in names}
    problems = [*_against_sums(archive, digests), *_between_manifests(archive)]
    counted = Verification(()) if digests[FILE].startswith(_DAMAGED) else _recounted(archive)
    return Verification((*problems, *counted.problems), (f"{len(names)} files", *counted.notes))


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    """The SHA-256 of a file; of what cannot be read, a sentence that equals no digest."""
    found = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while block := file.read(1 << 20):
                found.update(block)
    except _UNREADABLE as error:
        return f"{_DAMAGED}: {error}"
    return found.hexdigest()


def _against_sums(archive: zipfile.ZipFile, digests: Mapping[str, str]) -> Iterator[str]:
    try:
        listed = dict(read_sums(_small(archive, SUMS)))
    except _UNREADABLE as error:
        yield f"{SUMS}: {error}"
        return
    found = {name: digest for name, digest in digests.items() if name != SUMS}
    yield from (f"{name}: missing, {SUMS} lists it" for name in sorted(listed.keys() - found.keys()))
    yield from (f"{name}: added, {SUMS} does not list it" for name in sorted(found.keys() - listed.keys()))
    for name in sorted(found.keys() & listed.keys()):
        if found[name].startswith(_DAMAGED):
            yield f"{name}: {found[name]}"
        elif found[name] != listed[name]:
            yield f"{name}: changed, its SHA-256 is not the one in {SUMS}"


def _between_manifests(archive: zipfile.ZipFile) -> Iterator[str]:
    """Where the two manifests differ: whoever rewrote one may have forgotten the other."""
    try:
        sums = dict(read_sums(_small(archive, SUMS)))
        manifest: Any = json.loads(_small(archive, MANIFEST))
        listed = {str(entry["path"]): str(entry["sha256"]) for entry in manifest["files"]}
    except (*_UNREADABLE, KeyError, TypeError) as error:
        yield f"{MANIFEST}: cannot be compared with {SUMS}: {type(error).__name__}: {error}"
        return
    of_sums = {name: digest for name, digest in sums.items() if name != MANIFEST}
    for name in sorted(name for name in {*of_sums, *listed} if of_sums.get(name) != listed.get(name)):
        yield f"{name}: {MANIFEST} and {SUMS} do not say the same of it"


def _small(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > _LARGEST_MANIFEST:
        raise ValueError("larger than any manifest")
    return archive.read(name).decode()


def _recounted(archive: zipfile.ZipFile) -> Verification:
    """The run counted again, as far as this version can read it."""
    try:
        found = recount(parse_run(archive.read(FILE), FILE))
    except ConfigError as error:
        return Verification((str(error),))
    except ValidationError as error:
        return Verification((f"{FILE}: its policy is not one of this version: {explained(error)}",))
    uncounted = [f"gate {name} is taken as recorded: it rests on more than the record" for name in found.uncounted]
    return Verification(tuple(f"{FILE}: {text}" for text in found.differences), tuple(uncounted))
