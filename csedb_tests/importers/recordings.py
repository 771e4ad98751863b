"""Answers and verdicts that come with a source, as the files that ``answers:`` and ``recorded:`` read."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.text import storable
from csedb_tests.verdict import VerdictValue


class Recordings:
    """Writes ``answers/NAME.jsonl`` and ``verdicts/NAME.jsonl`` below ``root``."""

    def __init__(self, root: Path) -> None:
        self.rows: Counter[str] = Counter()
        self._root = root
        self._files: dict[str, IO[str]] = {}

    def answer(self, name: str, case_id: str, text: str, sample: int = 0) -> None:
        """Keep an answer of the model ``name``."""
        self._write(f"answers/{name}.jsonl", {"case": case_id, "answer": storable(text), **_number(sample)})

    def verdicts(
        self,
        name: str,
        case_id: str,
        values: Mapping[str, VerdictValue],
        *,
        sample: int = 0,
        answer: str | None = None,
        error: str = "",
    ) -> None:
        """Keep the verdicts on an answer of ``name``; with an ``error``, that there are none to be trusted."""
        row: dict[str, Any] = {"case": case_id, "verdicts": dict(values), **_number(sample)}
        if answer is not None:
            row["answer_sha256"] = judged_sha256(answer)
        self._write(f"verdicts/{name}.jsonl", row | ({"error": error} if error else {}))

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _write(self, name: str, row: dict[str, Any]) -> None:
        file = self._files.get(name)
        if file is None:
            path = self._root / name
            path.parent.mkdir(exist_ok=True)
            file = self._files[name] = path.open("w", encoding="utf-8", newline="\n")
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.rows[name] += 1


def judged_sha256(answer: str) -> str:
    """The digest of an answer as a judge gets it, which is what verdicts are tied to."""
    judged = strip_reasoning(Answer(storable(answer))).text
    return hashlib.sha256(judged.encode()).hexdigest()


def _number(sample: int) -> dict[str, int]:
    return {"sample": sample} if sample else {}
