"""Answers and verdicts as the store keeps them: the key of each, and how it is read back.

Whatever fetches a result, a call of the engine or a batch, keeps it under the same key; so each finds the other's.
"""

from typing import Any

from csedb_tests.answer import Answer, Usage
from csedb_tests.judges.base import Judge, Judgement
from csedb_tests.models.base import Model
from csedb_tests.schema import Case
from csedb_tests.store import key_of
from csedb_tests.verdict import Verdict


def answer_key(model: Model, case: Case, sample: int) -> str:
    """The key of a model's answer to a case."""
    return key_of("answer", dict(model.identity), _turns(case), sample)


def verdict_key(judge: Judge, case: Case, answer: Answer) -> str:
    """The key of a judge's verdicts on an answer; the same text given twice has one key."""
    statements = [(statement.id, statement.text) for statement in case.statements]
    return key_of("verdicts", dict(judge.identity), _turns(case), statements, answer.text)


def _turns(case: Case) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in case.turns]


def kept_answer(answer: Answer) -> dict[str, Any]:
    """An answer as it is kept."""
    return {**_fields(answer), "usage": _fields(answer.usage)}


def kept_judgement(judgement: Judgement) -> dict[str, Any]:
    """One judge's verdicts as they are kept, without the ballots of a panel."""
    return {"verdicts": [_fields(verdict) for verdict in judgement.verdicts], "usage": _fields(judgement.usage)}


def _fields(value: Answer | Usage | Verdict) -> dict[str, Any]:
    """The fields of a flat value; `dataclasses.asdict` takes ten times as long, and every result is kept."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def read_answer(stored: dict[str, Any]) -> Answer:
    """The answer that `kept_answer` made."""
    return Answer(**{**stored, "usage": Usage(**stored["usage"])})


def read_judgement(stored: dict[str, Any]) -> Judgement:
    """The judgement that `kept_judgement` made."""
    return Judgement(tuple(Verdict(**verdict) for verdict in stored["verdicts"]), Usage(**stored["usage"]))
