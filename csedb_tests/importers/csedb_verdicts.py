"""The judgments of CSEDB's release: read from the judge's text, and its scores held against those computed here."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csedb_tests.importers.csedb_names import ReleasedModel
from csedb_tests.importers.tolerant import TolerantJson
from csedb_tests.verdict import VerdictValue

_FENCE = re.compile(r"\s*```[a-z]*\s*(.*?)\s*```\s*", re.DOTALL)
_DECIMALS = 10_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Judgment:
    """A judge's verdicts on one answer by statement, or the ``error`` for which there are none to be trusted.

    ``odd`` are the entries that are neither "yes" nor "no".
    """

    values: Mapping[str, VerdictValue]
    error: str = ""
    odd: tuple[str, ...] = ()


def read_judgment(case: Mapping[str, Any], model: ReleasedModel, statements: Sequence[str]) -> Judgment:
    """The verdicts on the answer of ``model``. As in the release, only exactly "yes" is met.

    A list that is empty or of the wrong length cannot be lined up with the statements: the release scored it 0, here
    nobody knows what it says.
    """
    text = case.get(model.field)
    if text is None:
        return Judgment({}, f"the release has no {model.field}")
    parsed = _parsed(text)
    if not isinstance(parsed, dict):
        return Judgment({}, f"{model.field} is no JSON object")
    listed = parsed.get(model.verdicts)
    entries = [listed] if isinstance(listed, str) else listed
    if not isinstance(entries, list):
        return Judgment({}, f"{model.field} has no list {model.verdicts}")
    if len(entries) != len(statements):
        return Judgment({}, f"{model.verdicts} holds {len(entries)} verdicts for {len(statements)} statements")
    values: dict[str, VerdictValue] = {
        statement: "met" if entry == "yes" else "not_met" for statement, entry in zip(statements, entries, strict=True)
    }
    return Judgment(values, odd=tuple(json.dumps(e, ensure_ascii=False) for e in entries if e not in ("yes", "no")))


def _parsed(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    fenced = _FENCE.fullmatch(text)
    inner = fenced[1] if fenced else text
    try:
        return TolerantJson().raw_decode(inner, max(0, inner.find("{")))[0]
    except (ValueError, RecursionError):
        return None


def truncated(score: float) -> float:
    """``score`` as the release writes it: cut, not rounded, to 4 decimals, and at most 1."""
    return min(1.0, math.floor(score * _DECIMALS + _ROUNDING * _DECIMALS) / _DECIMALS)


def agrees(ours: float, released: float) -> bool:
    """Whether the released score is ``ours``, cut to 4 decimals.

    Cutting takes off less than 0.0001; exactly so much is allowed too, as a float may fall below the decimal it stands
    for before it is cut.
    """
    return -_ROUNDING <= min(1.0, ours) - released <= 1 / _DECIMALS + _ROUNDING


def released_score(case: Mapping[str, Any], model: ReleasedModel) -> float | None:
    """The score that the release gives; None where it has none."""
    found = case.get(model.score)
    try:
        score = math.nan if found is None or isinstance(found, bool) else float(found)
    except (TypeError, ValueError):
        return None
    return score if math.isfinite(score) else None


@dataclass(slots=True)
class ModelCheck:
    """The scores of one model, released and ours."""

    agree: int = 0
    differ: int = 0
    unscored: int = 0
    not_released: int = 0
    differing: list[str] = field(default_factory=list)
    _released: list[float] = field(default_factory=list)
    _ours: list[float] = field(default_factory=list)

    def add(self, case_id: str, released: float | None, ours: float | None) -> bool | None:
        """Count one case; gives whether the two agree, None where there are not two."""
        self._released += [] if released is None else [released]
        self._ours += [] if ours is None else [ours]
        self.unscored += ours is None
        self.not_released += released is None
        if released is None or ours is None:
            return None
        same = agrees(ours, released)
        self.agree, self.differ = self.agree + same, self.differ + (not same)
        self.differing += [] if same else [case_id]
        return same

    def as_json(self) -> dict[str, Any]:
        """The counts, the means over the cases that have a score, and the cases that differ."""
        counts = {"agree": self.agree, "differ": self.differ, "unscored": self.unscored}
        means = {"released_mean": _mean(self._released), "our_mean": _mean(self._ours)}
        return {**counts, "without_released_score": self.not_released, **means, "differing": self.differing}


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
