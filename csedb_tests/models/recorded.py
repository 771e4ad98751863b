"""``answers:FILE.jsonl``: answers recorded elsewhere, one JSON object per line.

Keys: ``case`` (the case id) and ``answer`` (text); optionally ``sample`` (from 0) and ``model`` (who said it).
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import Unscored
from csedb_tests.jsonl import read_rows
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.text import storable


@dataclass(frozen=True, slots=True)
class RecordedModel:
    """Answers read from a file; a case that the file lacks is unscored."""

    path: Path
    digest: str
    answers: dict[tuple[str, int], str] = field(repr=False)
    paid = False
    host = None

    @property
    def identity(self) -> Identity:
        return {"model": f"answers:{self.path.name}", "digest": self.digest}

    async def answer(self, case: Case, sample: int) -> Answer:
        text = self.answers.get((case.id, sample))
        if text is None:
            number = f" (answer {sample + 1})" if sample else ""
            raise Unscored(f"{self.path.name} holds no answer to {case.id}{number}")
        return strip_reasoning(Answer(storable(text), finish_reason="stop"))

    async def close(self) -> None:
        """Nothing to release."""


def load_recorded(path: Path) -> RecordedModel:
    """Read an answers file. Raises ConfigError with file, line and what is wrong."""
    answers: dict[tuple[str, int], str] = {}
    for row in read_rows(path, "answers file", {"case": str, "answer": str}, {"sample": int, "model": str}):
        key = (row.values["case"], row.values.get("sample", 0))
        if key in answers:
            raise ConfigError(f"{row.place}: a second answer to {key[0]!r}, sample {key[1]}; number them with 'sample'")
        answers[key] = row.values["answer"]
    return RecordedModel(path, hashlib.sha256(path.read_bytes()).hexdigest(), answers)
