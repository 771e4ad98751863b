"""The case bank: every case of a directory of YAML files, checked, in a stable order."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from csedb_tests.bank_errors import did_you_mean
from csedb_tests.bank_index import BankIndex, Contents, default_index_directory
from csedb_tests.bank_tree import BankTree, read_tree
from csedb_tests.catalogue import Catalogue
from csedb_tests.schema import Case
from csedb_tests.sign_offs import read_sign_offs, signed_cases

SHIPPED_NAME = "csedb-tests"


@dataclass(frozen=True)
class Bank:
    """A bank without a fault. ``cases`` stand in the catalogue's order of departments and criteria, then the file's.

    ``digest`` is a SHA-256 over the paths and contents of all bank files, equal on every machine.
    """

    root: Path
    name: str
    cases: tuple[Case, ...]
    catalogue: Catalogue
    digest: str

    @cached_property
    def by_id(self) -> Mapping[str, Case]:
        """The cases by id."""
        return MappingProxyType({case.id: case for case in self.cases})

    def case(self, case_id: str) -> Case:
        """The case called ``case_id``; raises LookupError that names the nearest id."""
        found = self.by_id.get(case_id)
        if found is None:
            hint = did_you_mean(case_id, self.by_id)
            raise LookupError(f"no case {case_id!r} in the bank{f'; {hint}' if hint else ''}")
        return found


def load_bank(root: Path, *, index_dir: Path | None = None) -> Bank:
    """The bank in ``root``; raises BankError with every problem in it.

    A case that somebody signed as it stands says so in its ``review``; every other case is unreviewed, whatever its
    file says. A bank that has not changed comes from its index in ``index_dir`` (default: the user's cache directory).
    """
    with _collector_paused():
        tree = read_tree(root)
        index = BankIndex(index_dir or default_index_directory())
        contents = None if tree.problems else index.read(tree)
        return _bank(tree, contents or _read_and_keep(tree, index))


def default_bank_root() -> Path:
    """The shipped bank: inside the package when installed from a wheel, else beside it."""
    package = Path(__file__).resolve().parent
    inside = package / "cases"
    return inside if inside.is_dir() else package.parent / "cases"


def _read_and_keep(tree: BankTree, index: BankIndex) -> Contents:
    # Here and not above: an unchanged bank must not pay for importing PyYAML.
    from csedb_tests.bank_reader import read_contents

    contents = read_contents(tree)
    index.write(tree, contents)
    return contents


def _bank(tree: BankTree, contents: Contents) -> Bank:
    name = contents.settings.name if contents.settings else SHIPPED_NAME
    cases = signed_cases(contents.cases, read_sign_offs(tree.root))
    return Bank(tree.root, name, cases, contents.catalogue, tree.digest)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Loading makes some hundred thousand objects and no garbage cycles; searching for these doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
