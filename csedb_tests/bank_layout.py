"""Where the files of a bank stand: `<department>/<criterion>.yaml`, named as in the catalogue.

A cell too large for one file goes on in `<department>/<criterion>/0002.yaml` and so on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from csedb_tests.bank_errors import Problem, did_you_mean, nearest
from csedb_tests.bank_tree import BankFile
from csedb_tests.catalogue import Catalogue, Criterion

SETTINGS_FILE = "bank.yaml"
LAYOUT = "case files are <department>/<criterion>.yaml"
_PART = re.compile(r"[0-9]{4,}\.ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BankCell:
    """A file of cases in its place. ``order`` ranks it: departments and criteria as in the catalogue."""

    file: BankFile
    department: str
    criterion: Criterion
    order: tuple[int, int, str]


def cell_of(file: BankFile, shown: str, catalogue: Catalogue) -> BankCell | Problem:
    """The cell that the path of ``file`` names, or why it names none; ``shown`` is its name in messages."""
    parts = file.path.split("/")
    is_part = len(parts) == 3 and _PART.fullmatch(parts[2]) is not None
    if len(parts) != 2 and not is_part:
        return _misplaced(parts, shown)
    department, code = parts[0], parts[1] if is_part else parts[1].rpartition(".")[0]
    if department not in catalogue.departments:
        return _unknown("department", department, shown, catalogue.departments)
    if code not in catalogue.criteria:
        return _unknown("criterion", code, shown, catalogue.criteria)
    order = list(catalogue.departments).index(department), list(catalogue.criteria).index(code), file.path
    return BankCell(file, department, catalogue.criteria[code], order)


def _misplaced(parts: list[str], shown: str) -> Problem:
    if len(parts) == 1 and nearest(parts[0], [SETTINGS_FILE]):
        return Problem(shown, "no case file", hint=f"did you mean {SETTINGS_FILE!r}?")
    return Problem(shown, "a case file in the wrong place", hint=LAYOUT)


def _unknown(kind: str, name: str, shown: str, allowed: Iterable[str]) -> Problem:
    names = tuple(allowed)
    return Problem(shown, f"unknown {kind} {name!r}", allowed=names, hint=did_you_mean(name, names))
