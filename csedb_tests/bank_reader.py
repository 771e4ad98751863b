"""A changed bank read from its YAML: layout, schema, ids, tags and patterns checked, all problems told at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from pydantic import ValidationError

from csedb_tests.bank_errors import BankError, KeyPath, Problem, did_you_mean, key_text, shown
from csedb_tests.bank_file import Document, read_document
from csedb_tests.bank_index import Contents
from csedb_tests.bank_layout import LAYOUT, SETTINGS_FILE, BankCell, cell_of
from csedb_tests.bank_tree import BankTree, shown_path
from csedb_tests.patterns.language import PatternError, parse
from csedb_tests.schema import MAX_PATTERN, BankSettings, Case, CaseEntry, placed
from csedb_tests.schema_problems import schema_problems

MAX_PROBLEMS = 1_000
_NUMBER = re.compile(r"[0-9]{2,}")


def read_contents(tree: BankTree) -> Contents:
    """The bank in ``tree``; raises BankError with every problem of every file."""
    settings = _settings(tree)
    reader = _Reader(tree, settings)
    cases = reader.cases()
    if reader.problems:
        ordered = sorted(reader.problems, key=lambda problem: (problem.file, problem.line or 0))
        raise BankError(ordered, complete=not reader.full)
    return Contents(settings, cases)


def _settings(tree: BankTree) -> BankSettings | None:
    file = next((file for file in tree.files if file.path == SETTINGS_FILE), None)
    if file is None:
        return None
    document = read_document(tree.shown(file.path), file.content)
    if document.problems:
        raise BankError(document.problems)
    try:
        return BankSettings.model_validate(document.value)
    except ValidationError as error:
        # Nothing else is read: departments and criteria would all look unknown.
        raise BankError(list(schema_problems(error, BankSettings, document))) from None


class _Reader:
    """One pass over a bank's case files."""

    def __init__(self, tree: BankTree, settings: BankSettings | None) -> None:
        self.tree = tree
        self.problems = list(tree.problems)
        self._language = settings.language if settings else None
        self._shipped_ids = settings is None
        self._catalogue = Contents(settings, ()).catalogue
        self._places: dict[str, str] = {}
        self._sound_patterns: set[str] = set()

    @property
    def full(self) -> bool:
        return len(self.problems) >= MAX_PROBLEMS

    def cases(self) -> tuple[Case, ...]:
        cells = sorted(self._cells(), key=lambda cell: cell.order)
        if not cells and not self.problems:
            self._note(Problem(shown_path(self.tree.root), "the bank holds no cases", hint=LAYOUT))
        return tuple(case for cell in cells for case in self._cell_cases(cell))

    def _cells(self) -> Iterator[BankCell]:
        for file in self.tree.files:
            found = cell_of(file, self.tree.shown(file.path), self._catalogue) if file.path != SETTINGS_FILE else None
            if isinstance(found, BankCell):
                yield found
            elif found and not self.full:
                self._note(found)

    def _cell_cases(self, cell: BankCell) -> Iterator[Case]:
        if self.full:
            return
        document = read_document(self.tree.shown(cell.file.path), cell.file.content)
        self.problems.extend(document.problems)
        if document.readable:
            for index, value in enumerate(self._entries(document)):
                if self.full:
                    return
                yield from self._case(_Place(document, index, cell), value)

    def _entries(self, document: Document) -> list[object]:
        value = document.value
        if isinstance(value, list) and value:
            return value
        message = "the file holds no cases" if not value else "a bank file is a list of cases"
        hint = "" if not value else "begin each case with '- id: ...'"
        self._note(Problem(document.file, message, line=document.line(()), hint=hint))
        return []

    def _case(self, place: "_Place", value: object) -> Iterator[Case]:
        if not _is_mapping(value):
            self._note(place.problem((), "a case is a mapping that begins with 'id:'", value=shown(value)))
            return
        self._check_id(place, value.get("id"))
        self._check_population(place, value.get("population"))
        self._check_patterns(place, value)
        if self._language and "language" not in value:
            value["language"] = self._language
        entry = self._entry(place, value)
        if entry:
            yield placed(entry, place.cell.department, place.cell.criterion)

    def _entry(self, place: "_Place", value: object) -> CaseEntry | None:
        try:
            return CaseEntry.model_validate(value)
        except ValidationError as error:
            self.problems.extend(schema_problems(error, CaseEntry, place.document, (place.index,)))
            return None

    def _check_id(self, place: "_Place", case_id: object) -> None:
        if not isinstance(case_id, str):
            return
        first = self._places.get(case_id)
        if first is not None:
            self._note(place.problem(("id",), f"the id {shown(case_id)} is used twice in the bank; first at {first}"))
        self._places.setdefault(case_id, f"{place.document.file}:{place.line('id')}")
        stem = f"{place.cell.department}-{place.cell.criterion.slug}-"
        if self._shipped_ids and not (case_id.startswith(stem) and _NUMBER.fullmatch(case_id, len(stem))):
            message = f"ids in this file are {stem}01, {stem}02 and so on"
            self._note(place.problem(("id",), message, value=shown(case_id)))

    def _check_population(self, place: "_Place", tags: object) -> None:
        known = self._catalogue.populations
        for index, tag in enumerate(_items(tags)):
            if isinstance(tag, str) and tag not in known and not self.full:
                path = ("population", index)
                hint = did_you_mean(tag, known)
                self._note(place.problem(path, "unknown population tag", shown(tag), tuple(known), hint))

    def _check_patterns(self, place: "_Place", value: dict[str, object]) -> None:
        for path, pattern in _patterns(value):
            if pattern not in self._sound_patterns and not self.full:
                self._check_pattern(place, path, pattern)

    def _check_pattern(self, place: "_Place", path: KeyPath, pattern: str) -> None:
        try:
            parse(pattern)
        except PatternError as error:
            message = f"malformed pattern, character {error.position + 1}: {error.fault}"
            self._note(place.problem(path, message, value=shown(pattern)))
        else:
            self._sound_patterns.add(pattern)

    def _note(self, problem: Problem) -> None:
        self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class _Place:
    """A case's place: the document, its number in it, and the cell."""

    document: Document
    index: int
    cell: BankCell

    def line(self, *path: str | int) -> int:
        return self.document.line((self.index, *path))

    def problem(
        self,
        path: KeyPath,
        message: str,
        value: str | None = None,
        allowed: tuple[str, ...] = (),
        hint: str = "",
    ) -> Problem:
        key = key_text(path or (self.index,))
        return Problem(self.document.file, message, self.line(*path), None, key, value, allowed, hint)


def _is_mapping(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)  # the document builder makes no other keys than texts


def _patterns(case: dict[str, object]) -> Iterator[tuple[KeyPath, str]]:
    """Every pattern of a case, which need not fit the schema, with its key path."""
    for part in ("rules", "never"):
        for number, statement in enumerate(_items(case.get(part))):
            if _is_mapping(statement):
                for index, pattern in enumerate(_items(statement.get("patterns"))):
                    if isinstance(pattern, str) and 0 < len(pattern.strip()) <= MAX_PATTERN:
                        yield (part, number, "patterns", index), pattern.strip()


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
