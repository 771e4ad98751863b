"""Files of people's labels: what raters said of statements about answers. CSV or JSON Lines, perhaps gzipped.

The schema is closed. CSV: columns ``answer`` and ``statement``, perhaps ``id``, ``question`` and ``criterion``, and one
column per rater (``rater_...``, or those that ``--raters`` names). JSON Lines: objects with ``answer``, ``statement``
and ``labels``, an object from rater to label, perhaps the other three. A cell without a label is a rater who gave none.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.jsonl import read_rows, read_text
from csedb_tests.qualification.label_options import LabelOptions

WHAT = "labelled file"
REQUIRED = ("answer", "statement")
OPTIONAL = ("id", "question", "criterion")
RATER_PREFIX = "rater_"
_LONGEST_CELL = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Item:
    """A statement about an answer, with each rater's label, True for met. Texts that the file lacks are empty."""

    id: str
    answer: str
    statement: str
    question: str
    criterion: str
    labels: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A labelled file, read and checked. ``digest`` is the SHA-256 of its bytes, ``raters`` in the file's order."""

    path: Path
    digest: str
    raters: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row before its labels are understood: ``texts`` by column of the schema, ``labels`` by rater."""

    place: str
    line: int
    texts: Mapping[str, str]
    labels: Mapping[str, str]


def read_labels(path: Path, options: LabelOptions) -> LabelFile:
    """The file at ``path``. Raises ConfigError: one line with file, line, column, value and what is allowed."""
    entries = list(_csv_entries(path, options) if _is_csv(path) else _json_entries(path, options))
    if not entries:
        raise ConfigError(f"{path}: the {WHAT} is empty")
    items = tuple(_item(entry, options) for entry in entries)
    _check_ids(entries, items)
    raters = options.raters or tuple(dict.fromkeys(rater for entry in entries for rater in entry.labels))
    _check_raters(path, raters, items)
    return LabelFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), raters, items)


def _is_csv(path: Path) -> bool:
    kind = path.with_suffix("") if path.suffix == ".gz" else path
    if kind.suffix not in (".csv", ".jsonl"):
        raise ConfigError(f"{path}: a {WHAT} is called .csv or .jsonl, or either with .gz behind it")
    return kind.suffix == ".csv"


# CSV


def _csv_entries(path: Path, options: LabelOptions) -> Iterator[_Entry]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(read_text(path, WHAT), newline=""), strict=True)
    try:
        header = next(reader, [])
        columns = _columns(path, header, options)
        for row in reader:
            if row:
                yield _csv_entry(f"{path}:{reader.line_num}", reader.line_num, header, row, columns)
    except csv.Error as error:
        raise ConfigError(f"{path}:{reader.line_num}: not valid CSV: {error}") from None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Position of each column: of the schema's, and of the raters'."""

    texts: Mapping[str, int]
    raters: Mapping[str, int]


def _columns(path: Path, header: list[str], options: LabelOptions) -> _Columns:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ConfigError(f"{path}:1: column {twice[0]!r} stands twice")
    sought = {key: options.columns.get(key, key) for key in (*REQUIRED, *OPTIONAL)}
    for key, name in sought.items():
        if name not in header and (key in REQUIRED or key in options.columns):
            raise ConfigError(
                f"{path}:1: no column {name!r} for the {key}. Columns: {_listed(header)}. "
                f"Name it with --column {key}=COLUMN.{nearest(name, header)}"
            )
    texts = {key: header.index(name) for key, name in sought.items() if name in header}
    raters = options.raters or tuple(name for name in header if name.startswith(RATER_PREFIX))
    _check_header(path, header, raters, [*sought.values(), *raters, *options.ignored])
    return _Columns(texts, {name: header.index(name) for name in raters})


def _check_header(path: Path, header: list[str], raters: tuple[str, ...], known: list[str]) -> None:
    if not raters:
        raise ConfigError(f"{path}:1: no column of a rater; call it {RATER_PREFIX}NAME or name it with --raters")
    for name in raters:
        if name not in header:
            raise ConfigError(f"{path}:1: --raters: no column {name!r}. Columns: {_listed(header)}.")
    unknown = [name for name in header if name not in known]
    if unknown:
        named = ",".join(unknown)
        raise ConfigError(
            f"{path}:1: unknown column {unknown[0]!r}. Allowed: {', '.join((*REQUIRED, *OPTIONAL))} and "
            f"{RATER_PREFIX}* or --raters.{nearest(unknown[0], known)} To leave columns out: --ignore '{named}'"
        )


def _csv_entry(place: str, line: int, header: list[str], row: list[str], columns: _Columns) -> _Entry:
    if len(row) != len(header):
        raise ConfigError(f"{place}: {len(row)} cells, but the header has {len(header)} columns")
    texts = {key: row[position] for key, position in columns.texts.items()}
    return _Entry(place, line, texts, {rater: row[position] for rater, position in columns.raters.items()})


# JSON Lines


def _json_entries(path: Path, options: LabelOptions) -> Iterator[_Entry]:
    for row in read_rows(path, WHAT, dict.fromkeys(REQUIRED, str) | {"labels": dict}, dict.fromkeys(OPTIONAL, str)):
        labels = row.values["labels"]
        for rater, label in labels.items():
            if not isinstance(label, str):
                raise ConfigError(f"{row.place}: labels.{rater} must be a text, not {label!r:.80}")
        kept = {rater: label for rater, label in labels.items() if not options.raters or rater in options.raters}
        texts = {key: row.values.get(key, "") for key in (*REQUIRED, *OPTIONAL)}
        yield _Entry(row.place, int(row.place.rpartition(":")[2]), texts, kept)


# Both


def _item(entry: _Entry, options: LabelOptions) -> Item:
    for key in REQUIRED:
        if not entry.texts[key].strip():
            raise ConfigError(f"{entry.place}: the {key} is empty")
    given = {rater: label.strip() for rater, label in entry.labels.items() if label.strip()}
    if not given:
        raise ConfigError(f"{entry.place}: no rater labelled this statement; take the row out")
    labels = {rater: _label(entry.place, rater, label, options) for rater, label in given.items()}
    return Item(
        id=entry.texts.get("id", "").strip() or str(entry.line),
        answer=entry.texts["answer"],
        statement=entry.texts["statement"],
        question=entry.texts.get("question", ""),
        criterion=entry.texts.get("criterion", "").strip(),
        labels=labels,
    )


def _label(place: str, rater: str, label: str, options: LabelOptions) -> bool:
    met = options.labels.get(label)
    if met is None:
        known = ", ".join(options.labels)
        raise ConfigError(
            f"{place}: {rater} = {label!r:.80} is no label. Allowed: {known}."
            f"{nearest(label, options.labels)} For another word: --label met={label:.80} or --label not_met={label:.80}"
        )
    return met


def _check_ids(entries: list[_Entry], items: tuple[Item, ...]) -> None:
    seen: dict[str, str] = {}
    for entry, item in zip(entries, items, strict=True):
        if item.id in seen:
            raise ConfigError(f"{entry.place}: id {item.id!r:.80} stands at {seen[item.id]} already")
        seen[item.id] = entry.place


def _check_raters(path: Path, raters: tuple[str, ...], items: tuple[Item, ...]) -> None:
    known = dict.fromkeys(rater for item in items for rater in item.labels)
    for rater in raters:
        if rater not in known:
            raise ConfigError(f"{path}: rater {rater!r} gave no label.{nearest(rater, known)}")


def _listed(header: list[str]) -> str:
    return ", ".join(repr(name) for name in header) or "none"
