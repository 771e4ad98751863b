"""A filled-in review.csv, read back: one review per row that holds a verdict."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from csedb_tests.clock import utc_now
from csedb_tests.config_errors import ConfigError
from csedb_tests.reviews import Review, Reviews, Subject, checked_date, reviewer_name
from csedb_tests.verdict import VerdictValue

_REQUIRED = ("case", "statement", "answer_sha256", "subject_sha256", "verdict")
_WORDS: Mapping[str, VerdictValue] = {
    "met": "met",
    "m": "met",
    "not_met": "not_met",
    "not met": "not_met",
    "n": "not_met",
    "cannot_tell": "cannot_tell",
    "cannot tell": "cannot_tell",
    "c": "cannot_tell",
}
_SHA256_DIGITS = 64


def read_filled(path: Path, reviewer: str | None) -> list[Review]:
    """The reviews of the rows that are filled in, every row checked. ``reviewer`` is who a row without a name is by.

    Raises ConfigError with file, line, column and what is wrong.
    """
    return [review for place, row in _rows(path) if (review := _review(place, row, reviewer)) is not None]


def news(found: list[Review], known: Reviews) -> list[Review]:
    """Those of ``found`` that say something new: a file read twice adds nothing."""
    return [review for review in found if not _is_known(review, known.last_of(review.subject, review.reviewer))]


def _is_known(review: Review, last: Review | None) -> bool:
    return last is not None and (review.verdict, review.comment) == (last.verdict, last.comment)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    text = _text(path)
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)  # spreadsheets write the one of their country
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(f"{path}:1: lacks the columns {', '.join(missing)}; fill in a run's own review.csv")
        for row in reader:
            yield f"{path}:{reader.line_num}", {key: (row[key] or "").strip() for key in row if isinstance(key, str)}
    except csv.Error as error:
        raise ConfigError(f"{path}:{reader.line_num}: not valid CSV: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the review: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start}); save it as 'CSV UTF-8'") from None


def _review(place: str, row: Mapping[str, str], reviewer: str | None) -> Review | None:
    if not row["verdict"]:
        return None
    verdict = _WORDS.get(row["verdict"].casefold())
    if verdict is None:
        raise ConfigError(f"{place}: verdict is {row['verdict']!r:.40}; allowed: met, not_met, cannot_tell, or empty")
    name = row.get("reviewer") or reviewer
    if not name:
        raise ConfigError(f"{place}: a verdict without a reviewer; fill in the column, or give --reviewer")
    date = checked_date(row.get("date") or utc_now(), place)
    return Review(
        _subject(place, row), verdict, reviewer_name(name, f"{place}: reviewer"), date, row.get("comment", "")
    )


def _subject(place: str, row: Mapping[str, str]) -> Subject:
    for name in ("answer_sha256", "subject_sha256"):
        if len(row[name]) != _SHA256_DIGITS or set(row[name]) - set("0123456789abcdef"):
            raise ConfigError(f"{place}: {name} is {row[name]!r:.40}, which is no SHA-256; leave this column as it was")
    return Subject(row["case"], row["statement"], row["answer_sha256"], row["subject_sha256"])
