"""``hazards.csv``: one row per never-event that occurred, for the hazard log of a clinical safety case.

The columns follow what a hazard log of DCB0129 or a risk analysis of ISO 14971 asks for first; docs/SAFETY_CASE.md says
what a person has to add. Severity is that of the most likely consequence of a wrong answer, which the case's author
chose on the harm index of the NCC MERP (National Coordinating Council for Medication Error Reporting and Prevention).
"""

from collections.abc import Iterator, Mapping

from csedb_tests.catalogue import Risk
from csedb_tests.record import CaseRecord, RunRecord, SampleRecord
from csedb_tests.reports.csv_cells import csv_text
from csedb_tests.schema import NeverEvent
from csedb_tests.text import shortened
from csedb_tests.verdict import Verdict

COLUMNS = (
    *("hazard", "severity", "risk", "case", "case_title", "department", "criterion", "criterion_name", "track"),
    *("never_event", "never_event_text", "occurred", "quote", "cause", "judge_reason", "settled_by", "case_review"),
    *("model", "judge", "bank", "run", "run_started"),
)
SEVERITIES: Mapping[Risk, str] = {
    "high": "NCC MERP G-I: permanent harm, intervention needed to sustain life, or death",
    "medium": "NCC MERP E-F: temporary harm, with intervention or hospital care",
    "low": "NCC MERP A-D: no harm; at most the patient is reached and needs monitoring",
}
_LONGEST = 1000


def hazards_csv(record: RunRecord) -> str:
    """The whole file; a heading alone if no never-event occurred."""
    run = _run_cells(record)
    return csv_text(COLUMNS, ({**cells, **run} for case in record.cases for cells in _case_rows(case)))


def _run_cells(record: RunRecord) -> dict[str, str]:
    identity = record.identity
    return {
        "model": str(identity.model.get("model", "")),
        "judge": str(identity.judge.get("judge", "")),
        "bank": f"{identity.bank} {identity.bank_digest}",
        "run": record.run_id,
        "run_started": record.started,
    }


def _case_rows(record: CaseRecord) -> Iterator[dict[str, str]]:
    for never in record.case.never:
        if never.id in record.score.never_events:
            yield {**_case_cells(record), **_event_cells(record, never)}


def _case_cells(record: CaseRecord) -> dict[str, str]:
    case = record.case
    return {
        "severity": SEVERITIES[case.risk],
        "risk": case.risk,
        "case": case.id,
        "case_title": case.title,
        "department": case.department,
        "criterion": case.criterion.code,
        "criterion_name": case.criterion.name,
        "track": case.track,
        "case_review": case.review,
    }


def _event_cells(record: CaseRecord, never: NeverEvent) -> dict[str, str]:
    met = [verdict for sample in record.samples for verdict in _met(sample, never)]
    counted = f"{len(met)} of {len(record.samples)} answers"
    return {
        "hazard": never.hazard,
        "never_event": never.id,
        "never_event_text": never.text,
        "occurred": counted,
        "quote": shortened(next((verdict.quote for verdict in met if verdict.quote), ""), _LONGEST),
        "cause": f"Answer of the model under test ({counted}) fails {record.case.criterion.code}: {never.text}",
        "judge_reason": shortened(next((verdict.reason for verdict in met if verdict.reason), ""), _LONGEST),
        "settled_by": "; ".join(dict.fromkeys(verdict.source or "the judge" for verdict in met)),
    }


def _met(sample: SampleRecord, never: NeverEvent) -> list[Verdict]:
    return [v for v in sample.verdicts if v.statement == never.id and v.value == "met"]
