"""Results as deepeval test cases: the JSON list that ``EvaluationDataset.add_test_cases_from_json_file`` reads.

Keys are those of ``LLMTestCase`` (deepeval 4.3); the loader takes the input's and the answer's key as arguments and
leaves ``name`` and ``additional_metadata``, where scores and verdicts stand, to whoever reads the file otherwise.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csedb_tests.exporters.files import whole_file
from csedb_tests.record import CaseRecord, RunRecord, SampleRecord
from csedb_tests.schema import Case


def write_test_cases(record: RunRecord, path: Path) -> int:
    """Write a test case per answer; gives their number. Raises ConfigError."""
    count = 0
    with whole_file(path) as file:
        file.write("[")
        for count, row in enumerate(test_cases(record), start=1):
            file.write(("\n" if count == 1 else ",\n") + json.dumps(row, ensure_ascii=False))
        file.write("\n]\n")
    return count


def test_cases(record: RunRecord) -> Iterator[dict[str, Any]]:
    """A row per answer that was given."""
    for found in record.cases:
        for number, sample in enumerate(found.samples):
            if sample.answer is not None:
                yield {
                    "name": found.case.id if len(found.samples) == 1 else f"{found.case.id}[{number + 1}]",
                    "input": conversation(found.case),
                    "actual_output": sample.answer.text,
                    "expected_output": None,
                    "context": None,
                    "retrieval_context": None,
                    "tools_called": [],
                    "expected_tools": [],
                    "additional_metadata": _metadata(found, sample, number),
                }


def conversation(case: Case) -> str:
    """The question as one text: a conversation with a heading for each turn."""
    if len(case.turns) == 1:
        return case.turns[0].content
    return "\n\n".join(f"{turn.role}:\n{turn.content}" for turn in case.turns)


def _metadata(found: CaseRecord, sample: SampleRecord, number: int) -> dict[str, Any]:
    case = found.case
    return {
        "case": case.id,
        "sample": number,
        "department": case.department,
        "criterion": case.criterion.code,
        "track": case.track,
        "risk": case.risk,
        "score": sample.score.value,
        "status": found.status,
        "never_events": list(sample.score.never_events),
        "error": sample.error,
        "verdicts": {verdict.statement: verdict.value for verdict in sample.verdicts},
    }
