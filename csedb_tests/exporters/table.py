"""Results as a table with a row per answer: CSV for any program, Parquet where pyarrow is installed."""

import csv
import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError
from csedb_tests.exporters.deepeval_cases import conversation
from csedb_tests.exporters.files import partial_path, whole_file
from csedb_tests.record import CaseRecord, RunRecord, SampleRecord

NEEDS_PYARROW = "writing Parquet needs pyarrow: pip install 'csedb-tests[parquet]', or name a .csv file"
_BATCH = 1_000

COLUMNS: dict[str, str] = {
    "run": "string",
    "model": "string",
    "judge": "string",
    "case": "string",
    "source_id": "string",
    "title": "string",
    "department": "string",
    "criterion": "string",
    "track": "string",
    "scoring": "string",
    "weight": "float64",
    "risk": "string",
    "language": "string",
    "sample": "int64",
    "status": "string",
    "score": "float64",
    "score_low": "float64",
    "score_high": "float64",
    "never_events": "string",
    "rules_met": "int64",
    "rules_not_met": "int64",
    "rules_cannot_tell": "int64",
    "error": "string",
    "prompt_tokens": "int64",
    "completion_tokens": "int64",
    "question": "string",
    "answer": "string",
    "verdicts": "string",
}
"""The columns and their types. A score that is unknown is empty, never 0; ``verdicts`` is a JSON object."""


def write_table(record: RunRecord, path: Path) -> int:
    """Write a .csv or .parquet file; gives the number of rows. Raises ConfigError."""
    if path.suffix == ".csv":
        return _write_csv(rows(record), path)
    if path.suffix == ".parquet":
        return _write_parquet(rows(record), path)
    raise ConfigError(f"{path}: a table is written as .csv or .parquet, as the file's name says")


def rows(record: RunRecord) -> Iterator[dict[str, Any]]:
    """A row per answer, and per case that got none."""
    head = {
        "run": record.run_id,
        "model": str(record.identity.model.get("model", "")),
        "judge": str(record.identity.judge.get("judge", "")),
    }
    for found in record.cases:
        for number, sample in enumerate(found.samples):
            yield head | _case(found) | _sample(found, sample, number)


def _case(found: CaseRecord) -> dict[str, Any]:
    case, criterion = found.case, found.case.criterion
    return {
        "case": case.id,
        "source_id": case.source_id,
        "title": case.title,
        "department": case.department,
        "criterion": criterion.code,
        "track": criterion.track,
        "scoring": criterion.scoring,
        "weight": criterion.weight,
        "risk": case.risk,
        "language": case.language,
        "status": found.status,
        "question": conversation(case),
    }


def _sample(found: CaseRecord, sample: SampleRecord, number: int) -> dict[str, Any]:
    rules = {rule.id for rule in found.case.rules}
    values = [verdict.value for verdict in sample.verdicts if verdict.statement in rules]
    usage = sample.answer.usage if sample.answer else None
    return {
        "sample": number,
        "score": sample.score.value,
        "score_low": sample.score.low,
        "score_high": sample.score.high,
        "never_events": ";".join(sample.score.never_events),
        "rules_met": values.count("met"),
        "rules_not_met": values.count("not_met"),
        "rules_cannot_tell": values.count("cannot_tell"),
        "error": sample.error or found.error,
        "prompt_tokens": usage.prompt_tokens if usage else None,
        "completion_tokens": usage.completion_tokens if usage else None,
        "answer": sample.answer.text if sample.answer else None,
        "verdicts": json.dumps({v.statement: v.value for v in sample.verdicts}, ensure_ascii=False),
    }


def _write_csv(found: Iterable[dict[str, Any]], path: Path) -> int:
    # Cells stay as they are, unlike those of hazards.csv: programs read this table, and must get the answers unchanged.
    count = 0
    with whole_file(path) as file:
        writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        for row in found:
            writer.writerow(row)
            count += 1
    return count


def _write_parquet(found: Iterable[dict[str, Any]], path: Path) -> int:
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigError(f"{path}: {NEEDS_PYARROW}") from None
    schema = arrow.schema([(name, getattr(arrow, kind)()) for name, kind in COLUMNS.items()])
    count, left = 0, iter(found)
    with partial_path(path) as partial, parquet.ParquetWriter(partial, schema) as writer:
        while batch := list(islice(left, _BATCH)):
            writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count
