"""Answers and verdicts, of a run's record or of the store, as the files that ``answers:`` and ``recorded:`` read."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from csedb_tests.answer import Answer
from csedb_tests.config_errors import ConfigError
from csedb_tests.judges.base import Judge
from csedb_tests.judges.panel import Panel
from csedb_tests.models.base import Model
from csedb_tests.record import RunRecord
from csedb_tests.results import answer_key, read_answer, read_judgement, verdict_key
from csedb_tests.schema import Case
from csedb_tests.store import Store
from csedb_tests.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a case with the verdicts on it; either may be missing. ``error`` says why verdicts are."""

    case_id: str
    sample: int
    answer: Answer | None
    verdicts: tuple[Verdict, ...] = ()
    error: str = ""


def of_run(record: RunRecord) -> Iterator[Given]:
    """What a run got. Verdicts are those that counted, reviews included."""
    for found in record.cases:
        for number, sample in enumerate(found.samples):
            error = "" if sample.verdicts else sample.error or found.error
            yield Given(found.case.id, number, sample.answer, sample.verdicts, error)


def of_store(store: Store, model: Model, judge: Judge, cases: Iterable[Case], samples: int) -> Iterator[Given]:
    """What the store holds for a run of these settings. Raises ConfigError for a panel, whose jurors are kept apart."""
    if isinstance(judge, Panel):
        raise ConfigError("--judge: the store keeps a panel's jurors apart; name one of them, or export from a run")
    for case in cases:
        for number in range(samples):
            stored = store.get(answer_key(model, case, number))
            if stored is not None:
                answer = read_answer(stored)
                kept = store.get(verdict_key(judge, case, answer))
                yield Given(case.id, number, answer, read_judgement(kept).verdicts if kept is not None else ())


def answer_rows(found: Iterable[Given], model: str) -> Iterator[dict[str, Any]]:
    """A row per answer."""
    for given in found:
        if given.answer is not None:
            yield {"case": given.case_id, "sample": given.sample, "answer": given.answer.text, "model": model}


def verdict_rows(found: Iterable[Given]) -> Iterator[dict[str, Any]]:
    """A row per judged answer, tied to it; one that could not be judged has the reason as its ``error``."""
    for given in found:
        if given.answer is None or not (given.verdicts or given.error):
            continue
        row: dict[str, Any] = {
            "case": given.case_id,
            "sample": given.sample,
            "answer_sha256": hashlib.sha256(given.answer.text.encode()).hexdigest(),
            "verdicts": {verdict.statement: verdict.value for verdict in given.verdicts},
        }
        for key, texts in (("quotes", _texts(given.verdicts, "quote")), ("reasons", _texts(given.verdicts, "reason"))):
            row |= {key: texts} if texts else {}
        yield row | ({"error": given.error} if given.error else {})


def _texts(verdicts: Sequence[Verdict], name: str) -> dict[str, str]:
    """What was said beside the verdicts; for one that a person settled, by whom and when too."""
    found = {v.statement: getattr(v, name) for v in verdicts}
    if name == "reason":
        found = {v.statement: "; ".join(filter(None, (v.source, v.reason))) for v in verdicts}
    return {statement: text for statement, text in found.items() if text}
