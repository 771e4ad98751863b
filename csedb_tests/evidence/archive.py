"""A zip with a manifest, the same bytes for the same files: no clock, no order of a directory, no rights of a user."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from csedb_tests.whole_file import replacing

SUMS = "manifest.sha256"
"""SHA-256 of every other file, in the form that ``sha256sum -c`` reads."""
MANIFEST = "manifest.json"
"""What the pack is about, with size and SHA-256 of every file but the two manifests."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def with_manifests(files: Mapping[str, bytes], about: Mapping[str, Any]) -> dict[str, bytes]:
    """``files`` and both manifests."""
    listed = [{"path": name, "bytes": len(files[name]), "sha256": sha256(files[name])} for name in sorted(files)]
    manifest = json.dumps({**about, "files": listed}, indent=1, ensure_ascii=False) + "\n"
    found = {**files, MANIFEST: manifest.encode()}
    sums = "".join(f"{sha256(found[name])}  {name}\n" for name in sorted(found))
    return {**found, SUMS: sums.encode()}


def sha256(data: bytes) -> str:
    """The SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_zip(files: Mapping[str, bytes], path: Path) -> None:
    """Write the zip: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name in sorted(files):
            archive.writestr(_entry(name), files[name], zipfile.ZIP_DEFLATED, 9)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


def read_sums(text: str) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each line of `SUMS`. Raises ValueError that names a line of another form."""
    for number, line in enumerate(text.splitlines(), start=1):
        digest, mark, name = line[:64], line[64:66], line[66:]
        if mark not in ("  ", " *") or not name or any(c not in "0123456789abcdef" for c in digest):
            raise ValueError(f"line {number} is not one of sha256sum: {line!r:.100}")
        yield name, digest
