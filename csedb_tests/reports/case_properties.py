"""The facts of a case as junit.xml carries them. Apart from the rest of that file: every pytest session loads this."""

from collections.abc import Mapping

from csedb_tests.record import CaseRecord


def case_properties(record: CaseRecord) -> Mapping[str, str]:
    """The facts of a case as plain ASCII texts; all come from the bank or from arithmetic, none from a model."""
    case, score = record.case, record.score
    return {
        "csedb.case": case.id,
        "csedb.criterion": case.criterion.code,
        "csedb.department": case.department,
        "csedb.risk": case.risk,
        "csedb.status": record.status,
        "csedb.score": "unscored" if score.value is None else f"{score.value:.4f}",
        "csedb.never_events": " ".join(score.never_events),
    }
