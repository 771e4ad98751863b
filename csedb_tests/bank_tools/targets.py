"""What lint is asked about: a whole bank, or some of its departments and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank_errors import BankError, Problem
from csedb_tests.bank_tree import shown_path
from csedb_tests.config_errors import ConfigError
from csedb_tests.schema import Case

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Target:
    """A bank, and what of it counts: everything, or ``parts``, the paths of files and directories below its root.

    The whole bank is read all the same: what is a duplicate shows only beside the others.
    """

    root: Path
    parts: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything counts."""
        return not self.parts

    def holds_case(self, case: Case) -> bool:
        """Whether the case stands in a part that counts."""
        stem = f"{case.department}/{case.criterion.code}"
        return self.is_whole or any(
            self._covers(part, f"{stem}{suffix}") for part in self.parts for suffix in _SUFFIXES
        )

    def holds_file(self, file: str) -> bool:
        """Whether the file, as messages name it, counts; what concerns all the bank (bank.yaml) always does."""
        path = file.removeprefix(f"{shown_path(self.root)}/")
        return self.is_whole or "/" not in path or any(self._covers(part, path) for part in self.parts)

    @staticmethod
    def _covers(part: str, path: str) -> bool:
        return path == part or path.startswith(f"{part}/")


def target_of(paths: Sequence[Path], cases: Path) -> Target:
    """What ``paths`` name, ``cases`` being the bank where there are none. Raises ConfigError.

    A file is that of a bank two directories above it (`<bank>/<department>/<criterion>.yaml`); a directory is a
    department if it holds case files itself, else a bank.
    """
    if not paths:
        return Target(cases)
    found = [_located(path) for path in paths]
    roots = {root.resolve(): root for root, _ in found}
    if len(roots) > 1:
        raise ConfigError(f"csedb lint: the paths lie in {len(roots)} banks; lint one bank at a time")
    parts = tuple(dict.fromkeys(part for _, part in found))
    return Target(found[0][0], () if "" in parts else parts)


def _located(path: Path) -> tuple[Path, str]:
    if path.is_dir():
        holds_cases = any(child.suffix in _SUFFIXES and child.name != "bank.yaml" for child in path.iterdir())
        if not holds_cases:
            return path, ""
        return path.parent if path.name else path.resolve().parent, path.resolve().name
    if not path.exists():
        raise BankError([Problem(shown_path(path), "there is no such file or directory")])
    absolute = path.resolve()
    if absolute.name in ("bank.yaml", "lint.toml"):
        return path.parent, ""
    return _above(path), f"{absolute.parent.name}/{absolute.name}"


def _above(path: Path) -> Path:
    """Two directories up, in the words of ``path`` where it has them."""
    return path.parent.parent if len(path.parts) > 2 else path.resolve().parent.parent
