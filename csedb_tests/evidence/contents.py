"""What goes into an evidence pack: the record as it stands, what follows from it, and the files a decision rests on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csedb_tests.evidence.archive import sha256
from csedb_tests.evidence.readme import readme
from csedb_tests.record import RunRecord
from csedb_tests.reports.outputs import OUTPUTS
from csedb_tests.run_lookup import FILE
from csedb_tests.schema import Case

FORMAT = 1
_MADE = ("summary", "hazards", "model-card")
_AS_WRITTEN = ("report.html", "review.csv")


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of a pack by name, and what its manifest says it is about."""

    files: Mapping[str, bytes]
    about: Mapping[str, Any]


def evidence(record: RunRecord, file: Path, locks: Mapping[str, bytes]) -> Pack:
    """The pack of the run whose record stands in ``file``; ``locks`` are lock files by name."""
    files = {
        FILE: file.read_bytes(),
        **{OUTPUTS[name].file: OUTPUTS[name].data(record) for name in _MADE},
        "junit.xml": _written(file, "junit.xml") or OUTPUTS["junit"].data(record),
        **{name: data for name in _AS_WRITTEN if (data := _written(file, name)) is not None},
        **locks,
        "policy.json": _json(record.identity.policy),
        "environment.json": _json(record.identity.environment),
        "identity.json": _json({"model": record.identity.model, "judge": record.identity.judge}),
        "bank.json": _json(_bank(record)),
    }
    return Pack({**files, "README.md": readme(record, sorted(files)).encode()}, _about(record))


def _written(file: Path, name: str) -> bytes | None:
    """A report that the run wrote beside its record, as people saw it."""
    path = file.with_name(name)
    return path.read_bytes() if path.is_file() else None


def _about(record: RunRecord) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "run": record.run_id,
        "started": record.started,
        "finished": record.finished,
        "decision": record.decision,
        "model": record.identity.model.get("model"),
        "judge": record.identity.judge.get("judge"),
        "bank": record.identity.bank,
        "bank_digest": record.identity.bank_digest,
    }


def _bank(record: RunRecord) -> dict[str, Any]:
    return {
        "name": record.identity.bank,
        "digest": record.identity.bank_digest,
        "cases": record.selection.bank,
        "selected": {case.case.id: case_digest(case.case) for case in record.cases},
    }


def case_digest(case: Case) -> str:
    """The SHA-256 of a case as it was asked and judged: the record's own copy, without patterns and exemplars."""
    return sha256(_json(dict(_judged(case))))


def _judged(case: Case) -> Iterator[tuple[str, Any]]:
    criterion = case.criterion
    yield "id", case.id
    yield "department", case.department
    yield "risk", case.risk
    yield "criterion", [criterion.code, criterion.track, criterion.scoring, criterion.weight]
    yield "question", [[turn.role, turn.content] for turn in case.turns]
    yield "rules", [[rule.id, rule.text, rule.points] for rule in case.rules]
    yield "never", [[never.id, never.text, never.hazard] for never in case.never]


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
