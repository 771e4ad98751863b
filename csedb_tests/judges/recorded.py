"""``recorded:FILE.jsonl``: verdicts given elsewhere, by people or by another program.

Keys of a line: ``case`` and ``verdicts``, an object from statement id to ``met``, ``not_met`` or ``cannot_tell``;
optionally ``sample`` (from 0) and ``answer_sha256``, which ties the verdicts to the one answer they were given on.
``quotes`` and ``reasons``, by statement id, are shown beside the verdicts. ``error`` says why there are none to be
trusted: the case is unscored.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from csedb_tests.answer import Answer
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import Unscored
from csedb_tests.jsonl import Row, read_rows
from csedb_tests.judges.base import Call, Judgement
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.text import storable
from csedb_tests.verdict import VERDICT_VALUES, Verdict, VerdictValue


@dataclass(frozen=True, slots=True)
class _Recorded:
    values: Mapping[str, VerdictValue]
    answer_sha256: str | None
    quotes: Mapping[str, str]
    reasons: Mapping[str, str]
    error: str


@dataclass(frozen=True, slots=True)
class RecordedJudge:
    """Verdicts read from a file; a case, or a statement, that the file lacks is unknown."""

    path: Path
    digest: str
    records: dict[tuple[str, int], _Recorded] = field(repr=False)
    paid = False
    host = None

    @property
    def identity(self) -> Identity:
        return {"judge": f"recorded:{self.path.name}", "digest": self.digest}

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        recorded = self.records.get((case.id, sample))
        if recorded is None:
            raise Unscored(f"{self.path.name} holds no verdicts on {case.id}")
        if recorded.answer_sha256 not in (None, hashlib.sha256(answer.text.encode()).hexdigest()):
            raise Unscored(f"the verdicts on {case.id} in {self.path.name} were given on another answer")
        if recorded.error:
            raise Unscored(recorded.error)
        return Judgement(tuple(_verdict(s.id, recorded) for s in case.statements))

    async def close(self) -> None:
        """Nothing to release."""


def _verdict(statement: str, recorded: _Recorded) -> Verdict:
    value = recorded.values.get(statement)
    if value is None:
        return Verdict(statement, "cannot_tell", reason="no recorded verdict")
    return Verdict(statement, value, recorded.quotes.get(statement, ""), recorded.reasons.get(statement, "recorded"))


def load_verdicts(path: Path) -> RecordedJudge:
    """Read a verdicts file. Raises ConfigError with file, line and what is wrong."""
    records: dict[tuple[str, int], _Recorded] = {}
    optional = {"sample": int, "answer_sha256": str, "quotes": dict, "reasons": dict, "error": str}
    for row in read_rows(path, "verdicts file", {"case": str, "verdicts": dict}, optional):
        key = (row.values["case"], row.values.get("sample", 0))
        if key in records:
            raise ConfigError(f"{row.place}: second verdicts on {key[0]!r}, sample {key[1]}")
        quotes, reasons = _texts(row, "quotes"), _texts(row, "reasons")
        sha256, error = row.values.get("answer_sha256"), row.values.get("error", "")
        if quotes and sha256 is None:
            raise ConfigError(f"{row.place}: 'quotes' need 'answer_sha256', the answer that they stand in")
        records[key] = _Recorded(_values(row), sha256, quotes, reasons, storable(error))
    return RecordedJudge(path, hashlib.sha256(path.read_bytes()).hexdigest(), records)


def _values(row: Row) -> Mapping[str, VerdictValue]:
    verdicts: Mapping[str, VerdictValue] = row.values["verdicts"]
    for statement, value in verdicts.items():
        if value not in VERDICT_VALUES:
            allowed = ", ".join(VERDICT_VALUES)
            raise ConfigError(f"{row.place}: verdicts.{statement} is {value!r:.40}; allowed: {allowed}")
    return verdicts


def _texts(row: Row, key: str) -> Mapping[str, str]:
    found: Mapping[str, object] = row.values.get(key, {})
    for statement, text in found.items():
        if not isinstance(text, str):
            raise ConfigError(f"{row.place}: {key}.{statement} must be a text, not {text!r:.40}")
    return {statement: storable(str(text)) for statement, text in found.items()}
