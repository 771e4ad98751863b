"""Tables of any program, by way of a mapping file: rows into cases, rules, never-events and answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from csedb_tests.catalogue import RISKS, Catalogue, catalogue
from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.importers.draft import Draft, DraftNever, DraftRule
from csedb_tests.importers.ids import id_of_content
from csedb_tests.importers.intake import UNSPECIFIED, UNSPECIFIED_NAME, Intake
from csedb_tests.importers.mapping import Mapping as TableMapping
from csedb_tests.importers.mapping import NeverColumns, RuleColumns
from csedb_tests.importers.report import Place
from csedb_tests.importers.rows import TableRow

_LISTS = ("population", "sources", "tags")


class UnusableRow(ValueError):
    """A row that cannot become (part of) a case; the message says why."""


@dataclass(slots=True)
class TableTaker:
    """Takes rows as a mapping says. Raises ConfigError where the mapping does not fit the table or the catalogue.

    In a ``sparse`` table, such as JSON Lines, a row may lack a column that others have.
    """

    mapping: TableMapping
    intake: Intake
    sparse: bool = False
    _columns: set[str] = field(default_factory=set)
    _first: Place | None = None
    _ended: bool = False

    def take(self, rows: Iterable[TableRow]) -> None:
        """Take all rows."""
        self._declare()
        for group in self._cases(rows):
            self._take_case(group)
        self._ended = True
        self._check_columns()

    @property
    def _catalogue(self) -> Catalogue:
        shipped = catalogue()
        return Catalogue({**shipped.criteria}, {**shipped.departments, **self.intake.departments}, shipped.populations)

    def _declare(self) -> None:
        self.intake.criteria.update(self.mapping.criteria)
        self.intake.departments.update(self.mapping.departments)
        self.intake.department(UNSPECIFIED, UNSPECIFIED_NAME)

    def _cases(self, rows: Iterable[TableRow]) -> Iterator[list[TableRow]]:
        """The rows of each case: one, or all that stand together under one id."""
        noted = (self._noted(row) for row in rows)
        if self.mapping.rows == "case":
            yield from ([row] for row in noted)
            return
        key = self.mapping.columns.id or self.mapping.columns.question
        seen: dict[str, Place] = {}
        for name, group in groupby(noted, key=lambda row: str(_at(row.cells, key))):
            rows_of_case = list(group)
            self._check_together(name, rows_of_case, seen)
            yield rows_of_case

    def _check_together(self, name: str, rows: list[TableRow], seen: dict[str, Place]) -> None:
        """A rubric torn in two would make two cases with half a rubric each."""
        place = rows[0].place
        first = seen.setdefault(name, place)
        if first != place:
            raise ConfigError(
                f"{place}: rows of the case {name!r:.60} do not stand together (others at {first}); sort the table"
            )

    def _noted(self, row: TableRow) -> TableRow:
        """``row``, once its columns are known to the mapping, or named in the report."""
        self._first = self._first or row.place
        new = [column for column in row.cells if column not in self._columns]
        known = {name.split(".")[0] for _, name in self.mapping.read_columns()} | {
            name for _, name in self.mapping.read_columns()
        }
        for column in new:
            self._columns.add(column)
            if column not in known and column not in self.mapping.ignore:
                self.intake.report.skipped(
                    f"the column {column!r}, which the mapping neither names nor ignores", row.place
                )
        if row.place == self._first:
            self._check_columns()
        return row

    def _check_columns(self) -> None:
        """A column that the table lacks is an error at the first row of a table, and at the end of JSON Lines."""
        for key, column in self.mapping.read_columns():
            is_there = column in self._columns or column.split(".")[0] in self._columns
            if self._first is not None and not is_there and not self._may_come(key):
                names = ", ".join(self._columns)
                raise ConfigError(
                    f"{self._first}: {key} of the mapping names the column {column!r}, which is not there. "
                    f"Columns: {names}.{nearest(column, self._columns)}"
                )

    def _may_come(self, key: str) -> bool:
        """What the first row of a sparse table lacks may stand in a later one, unless no case can do without it."""
        return self.sparse and not self._ended and key != "columns.question"

    def _take_case(self, rows: list[TableRow]) -> None:
        first = rows[0]
        try:
            entry = self.intake.case(self._draft(rows))
        except UnusableRow as error:
            self.intake.report.skipped(f"a row that makes no case: {error}", first.place)
            return
        if entry is None:
            return
        for name, column in self.mapping.answers.items():
            answer = _at(first.cells, column)
            if isinstance(answer, str) and answer.strip():
                self.intake.recordings.answer(name, entry.id, answer)
            else:
                self.intake.report.odd(f"no answer of {name}; the case is unscored for it", first.place)

    def _draft(self, rows: list[TableRow]) -> Draft:
        row = rows[0]
        question = _at(row.cells, self.mapping.columns.question)
        others = [_at(other.cells, self.mapping.columns.question) for other in rows[1:]]
        if any(other not in ("", None, question) for other in others):
            raise UnusableRow("its rows ask different questions")
        exemplars = {kind: self._text(row, kind) for kind in ("safe", "unsafe")}
        lists = {name: tuple(self._list(row, name)) for name in _LISTS}
        return Draft(
            place=row.place,
            source_id=self._text(row, "id") or id_of_content(str(question), "case"),
            criterion=self._known(row, "criterion", {**catalogue().criteria, **self.intake.criteria}),
            department=self._known(row, "department", self._catalogue.departments),
            question=question if question is not None else "",
            rules=self._rules(rows),
            title=self._text(row, "title"),
            risk=self._risk(row),
            language=self._text(row, "language") or self.mapping.defaults.language,
            never=tuple(self._never(rows)),
            population=tuple(self._populations(lists["population"], row)),
            sources=lists["sources"],
            tags=lists["tags"],
            exemplars={kind: text for kind, text in exemplars.items() if text},
        )

    def _text(self, row: TableRow, key: str) -> str | None:
        """What a row says under a key of a case, translated; None where it says nothing."""
        column = getattr(self.mapping.columns, key)
        found = _text(_at(row.cells, column)) if column else ""
        return self.mapping.values.get(key, {}).get(found, found) or None

    def _list(self, row: TableRow, key: str) -> Iterator[str]:
        column = getattr(self.mapping.columns, key)
        words = self.mapping.values.get(key, {})
        yield from (words.get(t, t) for t in _texts(_at(row.cells, column), self.mapping.separator) if column)

    def _risk(self, row: TableRow) -> str | None:
        risk = self._text(row, "risk") or self.mapping.defaults.risk
        if risk is not None and risk not in RISKS:
            raise UnusableRow(f"risk is {risk!r:.60}; allowed: {', '.join(RISKS)}; 'values.risk' can translate it")
        return risk

    def _known(self, row: TableRow, key: str, known: Mapping[str, Any]) -> str:
        value = self._text(row, key) or getattr(self.mapping.defaults, key)
        if value is None and key == "department":
            return UNSPECIFIED
        if value is None:
            raise UnusableRow(f"no {key}: name its column, or one for all under 'defaults'")
        if value not in known:
            table = "criteria" if key == "criterion" else "departments"
            raise UnusableRow(
                f"the {key} {value!r:.60} is not known; declare it under '{table}'.{nearest(value, known)}"
            )
        return str(value)

    def _populations(self, tags: tuple[str, ...], row: TableRow) -> Iterator[str]:
        for tag in tags:
            if tag in self._catalogue.populations:
                yield tag
            else:
                self.intake.report.skipped(f"the population {tag!r}, which the catalogue does not have", row.place)

    def _rules(self, rows: list[TableRow]) -> tuple[DraftRule, ...]:
        found = [rule for row in rows for columns in self.mapping.rules for rule in _rules_of(row, columns)]
        return tuple(DraftRule(f"r{number}", *rule) for number, rule in enumerate(found, start=1))

    def _never(self, rows: list[TableRow]) -> Iterator[DraftNever]:
        found = [event for row in rows for columns in self.mapping.never for event in _never_of(row, columns)]
        yield from (DraftNever(f"n{number}", *event) for number, event in enumerate(found, start=1))


def _rules_of(row: TableRow, columns: RuleColumns) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    if columns.list is None:
        points = _points(columns.points, row.cells)
        tags = tuple(_texts(_at(row.cells, columns.tags), ";")) if columns.tags else ()
        for text in _texts(_at(row.cells, columns.text), columns.separator):
            if points is None:
                raise UnusableRow(f"the points in column {columns.points!r} are no number")
            yield text, points, tags
        return
    entries = _at(row.cells, columns.list)
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict):
            raise UnusableRow(f"the list in column {columns.list!r} holds something that is no object")
        text, points = _text(_at(entry, columns.text)), _points(columns.points, entry)
        if not text or points is None:
            raise UnusableRow(
                f"an entry of {columns.list!r} has no text {columns.text!r} or no points {columns.points!r}"
            )
        yield text, points, tuple(_texts(_at(entry, columns.tags), ";")) if columns.tags else ()


def _never_of(row: TableRow, columns: NeverColumns) -> Iterator[tuple[str, str]]:
    hazard = _text(_at(row.cells, columns.hazard)) if columns.hazard else ""
    for text in _texts(_at(row.cells, columns.text), columns.separator):
        if not (hazard or columns.hazard_text):
            raise UnusableRow("a never-event without a hazard: name its column with 'hazard', or give 'hazard_text'")
        yield text, hazard or str(columns.hazard_text)


def _points(given: float | str, cells: Mapping[str, Any]) -> float | None:
    value = _at(cells, given) if isinstance(given, str) else given
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _at(cells: Mapping[str, Any], column: str | None) -> Any:
    """The cell in ``column``; ``a.b`` also finds the key b of an object under a."""
    if column is None or column in cells:
        return cells.get(column or "")
    found: Any = cells
    for part in column.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _texts(value: Any, separator: str | None) -> list[str]:
    """The texts of a cell: of a list, of a text cut at the separator, or the text itself."""
    parts = value if isinstance(value, list) else _text(value).split(separator) if separator else [value]
    return [text for part in parts if (text := _text(part))]
