"""K-QA (MIT): questions of patients, with statements by physicians that an answer must, or may well, hold.

Points: 5 for a Must_have, 1 for a Nice_to_have statement, unless the user says otherwise. With no points for
Nice_to_have the score is K-QA's comprehensiveness: the share of Must_have statements that the answer entails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csedb_tests.importers.draft import Draft, DraftRule
from csedb_tests.importers.ids import id_of_content
from csedb_tests.importers.intake import UNSPECIFIED, UNSPECIFIED_NAME, Intake
from csedb_tests.importers.report import Place
from csedb_tests.importers.tolerant import Found, read_objects

PHYSICIAN = "physician"
CRITERION = "kqa"
_ROW = {"Question", "Free_form_answer", "Must_have", "Nice_to_have", "Sources", "ICD_10_diag"}


@dataclass(frozen=True, slots=True)
class Points:
    """What a statement of each kind is worth; 0 leaves the kind out of the score."""

    must: float = 5
    nice: float = 1


def take_kqa(source: Path, intake: Intake, points: Points) -> None:
    """Take the rows of K-QA's file of questions with answers. Raises ConfigError."""
    intake.department(UNSPECIFIED, UNSPECIFIED_NAME)
    intake.criterion(CRITERION, "K-QA: statements of physicians", "effectiveness", "graded", 1)
    intake.report.mapped(f"Must_have became rules of {points.must:g} points, Nice_to_have of {points.nice:g}")
    for found in read_objects(source, intake.report):
        _take_row(found, intake, points)


def _take_row(found: Found, intake: Intake, points: Points) -> None:
    row, place = found.values, found.place
    for key in (key for key in row if key not in _ROW):
        intake.report.skipped(f"the key {key!r}, which K-QA does not have", place)
    question = row.get("Question")
    if not isinstance(question, str) or not question.strip():
        intake.report.skipped("a row without a Question", place)
        return
    if not _statements(row, "Must_have", place, intake):
        intake.report.skipped("a row without Must_have statements", place)
        return
    draft = Draft(
        place=place,
        source_id=id_of_content(question.strip(), "kqa"),
        criterion=CRITERION,
        department=UNSPECIFIED,
        question=question,
        rules=tuple(_rules(row, points, place, intake)),
        language="en",
        sources=_one_text(row.get("Sources")),
        tags=tuple(_tags(row, points, place, intake)),
    )
    entry = intake.case(draft)
    answer = row.get("Free_form_answer")
    if entry is not None and isinstance(answer, str) and answer.strip():
        intake.recordings.answer(PHYSICIAN, entry.id, answer)


def _rules(row: Mapping[str, Any], points: Points, place: Place, intake: Intake) -> Iterator[DraftRule]:
    for key, prefix, worth in (("Must_have", "must", points.must), ("Nice_to_have", "nice", points.nice)):
        for number, text in enumerate(_statements(row, key, place, intake), start=1):
            if worth:
                yield DraftRule(f"{prefix}-{number}", text, worth, (key,))


def _tags(row: Mapping[str, Any], points: Points, place: Place, intake: Intake) -> Iterator[str]:
    """What has no other place in a case."""
    yield from (f"icd_10: {text}" for text in _one_text(row.get("ICD_10_diag")))
    if not points.nice:
        intake.report.mapped("Nice_to_have statements, worth nothing, became tags of their case", place)
        yield from (f"nice to have: {text}" for text in _statements(row, "Nice_to_have", place, intake))


def _statements(row: Mapping[str, Any], key: str, place: Place, intake: Intake) -> list[str]:
    found = row.get(key) or []
    if not isinstance(found, list):
        intake.report.skipped(f"{key} that is no list of statements", place)
        return []
    return [text for text in found if isinstance(text, str) and text.strip()]


def _one_text(value: Any) -> tuple[str, ...]:
    return (value.strip(),) if isinstance(value, str) and value.strip() else ()
