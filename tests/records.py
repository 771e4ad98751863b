"""Case records out of nothing, for arithmetic."""

from csedb_tests.catalogue import Criterion, catalogue
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from csedb_tests.score import Score

OPEN = Score(None, 0.0, 1.0, (), ("n0",))


def known(value: float, *never: str) -> Score:
    return Score(value, value, value, never)


def record(
    code: str,
    score: Score,
    risk: str = "high",
    weight: float | None = None,
    number: int = 1,
    never: int = 1,
    department: str = "cardiology",
) -> CaseRecord:
    entry = catalogue().criteria[code]
    criterion = Criterion(code, entry.name, entry.track, entry.scoring, weight or entry.weight)
    case = Case(
        id=f"{department}-{criterion.slug}-{number:02d}",
        title="T",
        risk=risk,
        question="Q",
        rules=[{"id": "r", "text": "rule", "points": 1}],
        never=[{"id": f"n{i}", "text": "never", "hazard": "h"} for i in range(never)],
        department=department,
        criterion=criterion,
    )
    return CaseRecord(case, (), score, "passed")


def records(code: str, scores: list[Score], **options) -> list[CaseRecord]:
    return [record(code, score, number=i, **options) for i, score in enumerate(scores, 1)]
