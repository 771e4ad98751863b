"""An import appears as a whole or not at all: it is written beside its place and moved there when it is complete.

After a kill at any point the same command begins anew and gives the same result.
"""

import glob
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError

REPORT = "import-report.json"


class Staging:
    """The directory ``target`` in the making. ``root`` is where to write until `publish`."""

    def __init__(self, target: Path, *, replace: bool) -> None:
        self.target = target
        self._replace = replace
        self._beside = target.absolute().parent
        self._stem = f".{target.absolute().name}.importing-"
        # The process's number is in the name: two imports at once never write to one directory.
        self.root = self._beside / f"{self._stem}{os.getpid()}"
        self._old = self._beside / f".{target.absolute().name}.replaced"

    def begin(self) -> None:
        """Make an empty directory to write to. Raises ConfigError if what lies at the target must not be replaced."""
        if self._old.is_dir() and not self.target.exists():
            self._old.rename(self.target)  # a run was killed between its two renames
        self._check_target()
        self._remove_leftovers()
        self.root.mkdir(parents=True)

    def _remove_leftovers(self) -> None:
        """Remove what killed imports left behind."""
        for path in self._beside.glob(f"{glob.escape(self._stem)}*"):
            number = path.name.removeprefix(self._stem)
            if number.isdecimal() and (int(number) == os.getpid() or not _is_running(int(number))):
                shutil.rmtree(path, ignore_errors=True)

    def _check_target(self) -> None:
        if not self.target.exists():
            return
        if not self.target.is_dir():
            raise ConfigError(f"{self.target}: is no directory; --into names the directory to make")
        if self._replace or not any(self.target.iterdir()):
            return
        known = imported_files(self.target)
        if known is None:
            raise ConfigError(f"{self.target}: holds something else than an import; name another directory with --into")
        changed = [name for name in {**known, **digests(self.target)} if known.get(name) != _digest(self.target / name)]
        if changed:
            raise ConfigError(
                f"{self.target}: was changed since it was imported ({len(changed)} files, first {min(changed)}); "
                "name another directory with --into, or give up the changes with --replace"
            )

    def publish(self, report: Mapping[str, Any]) -> None:
        """Write the report, and put the import in its place."""
        text = json.dumps({**report, "files": digests(self.root)}, ensure_ascii=False, indent=1)
        (self.root / REPORT).write_text(text + "\n", encoding="utf-8", newline="\n")
        shutil.rmtree(self._old, ignore_errors=True)
        if self.target.exists():
            self.target.rename(self._old)
        self.root.rename(self.target)
        shutil.rmtree(self._old, ignore_errors=True)

    def abandon(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.root, ignore_errors=True)


def _is_running(number: int) -> bool:
    if sys.platform == "win32":  # there, signal 0 would end the process
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def imported_files(directory: Path) -> dict[str, str] | None:
    """The files that an import wrote to ``directory``, with their digests; None if it is no import."""
    try:
        report = json.loads((directory / REPORT).read_text(encoding="utf-8"))
        return dict(report["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def digests(root: Path) -> dict[str, str]:
    """SHA-256 by file, the report itself and hidden files left out."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    names = {path.relative_to(root).as_posix(): path for path in files}
    return {name: _digest(path) or "" for name, path in names.items() if name != REPORT and "/." not in f"/{name}"}


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
