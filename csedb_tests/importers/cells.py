"""The files of a bank as they grow: cases of every cell, gathered and appended, in parts that a bank may hold."""

from dataclasses import dataclass, field
from pathlib import Path

from csedb_tests.bank_tree import MAX_FILE_BYTES
from csedb_tests.importers.yaml_text import yaml_text
from csedb_tests.schema import CaseEntry

HEAD = "# Written by csedb import; what was taken and what was not stands in import-report.json.\n"
PART_BYTES = 1_000_000
HELD_BYTES = 8_000_000


class CaseTooLarge(ValueError):
    """A case that no bank file can hold."""


@dataclass(slots=True)
class _Cell:
    """One cell: what is not written yet, and how large its current part is."""

    part: int = 1
    size: int = 0
    waiting: list[bytes] = field(default_factory=list)


class Cells:
    """Writes cases below ``root``, holding at most `HELD_BYTES` of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._held = 0

    def add(self, department: str, criterion: str, entry: CaseEntry) -> None:
        """Add a case to its cell. Raises CaseTooLarge."""
        text = yaml_text([_values(entry)]).encode()
        if len(text) + len(HEAD) > MAX_FILE_BYTES:
            raise CaseTooLarge(f"the case takes {len(text):,} bytes; a bank file holds {MAX_FILE_BYTES:,}")
        place = (department, criterion)
        cell = self._cells.setdefault(place, _Cell())
        if cell.size and cell.size + len(text) > PART_BYTES:
            self._flush_cell(place, cell)
            cell.part, cell.size = cell.part + 1, 0
        cell.waiting.append(text)
        cell.size += len(text)
        self._held += len(text)
        if self._held > HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for place, cell in self._cells.items():
            self._flush_cell(place, cell)
        self._held = 0

    def _flush_cell(self, place: tuple[str, str], cell: _Cell) -> None:
        if not cell.waiting:
            return
        department, criterion = place
        path = self._root / department / f"{criterion}.yaml"
        if cell.part > 1:
            path = self._root / department / criterion / f"{cell.part:04}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            if file.tell() == 0:
                file.write(HEAD.encode())
            file.writelines(cell.waiting)
        cell.waiting.clear()


def _values(entry: CaseEntry) -> dict[str, object]:
    values = entry.model_dump(mode="json", exclude_defaults=True)
    # The bank's own language may be another than the schema's default.
    return {**values, "language": entry.language}
