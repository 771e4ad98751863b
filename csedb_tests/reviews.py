"""Verdicts that people settled: what each is about, and the file that keeps them.

A review is about one statement and one answer. It holds as long as the question, the statement's text and the answer
are the same to the letter; a change of any of them voids it. The file is only ever added to, one JSON object per line.
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from csedb_tests.config_errors import ConfigError
from csedb_tests.jsonl import Row, read_rows
from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.settings import Settings
from csedb_tests.text import one_line, storable
from csedb_tests.verdict import VERDICT_VALUES, VerdictValue

LONGEST_NAME = 100
_FIELDS = ("case", "statement", "answer_sha256", "subject_sha256", "verdict", "reviewer", "date", "comment")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a review is about. ``subject_sha256`` is taken over the question and the statement's text."""

    case: str
    statement: str
    answer_sha256: str
    subject_sha256: str


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict that ``reviewer`` gave on ``date`` (UTC, ISO 8601)."""

    subject: Subject
    verdict: VerdictValue
    reviewer: str
    date: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The verdict that stands on a subject; ``source`` says in words whose it is."""

    value: VerdictValue
    source: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reviews:
    """All reviews there are, by subject, oldest first."""

    by_subject: Mapping[Subject, Sequence[Review]] = field(default_factory=dict)

    def settled(self, subject: Subject) -> Settled | None:
        """The verdict on ``subject``, if anybody gave one.

        A reviewer's later verdict replaces the earlier one. Reviewers who disagree settle it as ``cannot_tell``.
        """
        given = self.by_subject.get(subject, ())
        if not given:
            return None
        latest = {review.reviewer: review for review in given}
        if len({review.verdict for review in latest.values()}) == 1:
            review = given[-1]
            return Settled(review.verdict, f"reviewed by {review.reviewer} on {review.date[:10]}", review.comment)
        said = ", ".join(f"{r.reviewer} {r.verdict} on {r.date[:10]}" for _, r in sorted(latest.items()))
        return Settled("cannot_tell", f"reviewers disagree: {said}")

    def last_of(self, subject: Subject, reviewer: str) -> Review | None:
        """The verdict that ``reviewer`` gave last on ``subject``."""
        given = [review for review in self.by_subject.get(subject, ()) if review.reviewer == reviewer]
        return given[-1] if given else None

    def __bool__(self) -> bool:
        return bool(self.by_subject)


def subject_of(case: Case, statement: Rule | NeverEvent, answer: str) -> Subject:
    """What a review of ``statement`` on ``answer`` is about."""
    turns = [(turn.role, turn.content) for turn in case.turns]
    return Subject(case.id, statement.id, digest(answer), digest(json.dumps([turns, statement.text])))


def digest(text: str) -> str:
    """SHA-256 of ``text`` as UTF-8, in hexadecimal."""
    return hashlib.sha256(storable(text).encode()).hexdigest()


def reviewer_name(text: str, where: str) -> str:
    """``text`` as the name of a reviewer. Raises ConfigError that begins with ``where``."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or one_line(name) != name:
        raise ConfigError(f"{where}: {text!r:.120} is not a name of 1 to {LONGEST_NAME} printable characters")
    return name


def reviews_path(settings: Settings, directory: Path) -> Path:
    """Where reviews are kept: as set, or beside the store."""
    if settings.reviews:
        return directory / settings.reviews
    return (directory / (settings.store or ".csedb/store.db")).parent / "reviews.jsonl"


def read_reviews(path: Path) -> Reviews:
    """Every review of the file; none where there is no file. Raises ConfigError with file, line and what is wrong."""
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return Reviews()
    return gathered(_review(row) for row in read_rows(path, "reviews file", dict.fromkeys(_FIELDS, str), {}))


def gathered(reviews: Iterable[Review]) -> Reviews:
    """The reviews by subject."""
    found: dict[Subject, list[Review]] = defaultdict(list)
    for review in reviews:
        found[review.subject].append(review)
    return Reviews(dict(found))


def _review(row: Row) -> Review:
    case, statement, answer, subject, verdict, reviewer, date, comment = (row.values[name] for name in _FIELDS)
    return Review(
        Subject(case, statement, answer, subject),
        checked_verdict(verdict, row.place),
        reviewer_name(reviewer, f"{row.place}: reviewer"),
        checked_date(date, row.place),
        comment,
    )


def checked_verdict(value: str, where: str) -> VerdictValue:
    """``value`` if it is a verdict. Raises ConfigError."""
    for known in VERDICT_VALUES:
        if value == known:
            return known
    raise ConfigError(f"{where}: verdict is {value!r:.40}; allowed: {', '.join(VERDICT_VALUES)}")


def checked_date(text: str, where: str) -> str:
    """``text`` if it is a date, with or without a time. Raises ConfigError."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where}: date is {text!r:.40}; it must read like 2025-03-31") from None
    return text


def add_review(path: Path, review: Review) -> None:
    """Add one review to the file, which is on the disk when this returns. Raises ConfigError."""
    values = (*(getattr(review.subject, name) for name in _FIELDS[:4]), review.verdict, review.reviewer, review.date)
    line = json.dumps(dict(zip(_FIELDS, (*values, review.comment), strict=True)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            file.write(f"{_missing_break(file)}{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(f"{path}: cannot keep the review: {error.strerror}") from None


def _missing_break(file: IO[bytes]) -> str:
    """A line break where a person's editor left none at the end of the file."""
    if file.seek(0, os.SEEK_END) == 0:
        return ""
    file.seek(-1, os.SEEK_END)
    return "" if file.read(1) == b"\n" else "\n"
