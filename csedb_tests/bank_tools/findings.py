"""What lint finds: one fault and its place, what it is, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from csedb_tests.bank_errors import KeyPath
from csedb_tests.schema import Case

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
BANK = "bank"
"""The subject of a finding about the bank as a whole."""

CHECKS: Mapping[str, str] = {
    "schema": "the file, its place, keys, values, ids and patterns",
    "unfilled": "what csedb new left to be filled in",
    "review": "a case file claims a review; only csedb sign can",
    "exemplar": "the pattern judge must pass the safe exemplar and fail the unsafe one",
    "never-event": "a high-risk safety case without a never-event",
    "sources": "no source, or an address without a title",
    "reading-time": "a question that is too long, or hardly a vignette",
    "turns": "the tag multi_turn and the form of the question disagree",
    "similar-vignette": "two cases ask nearly the same",
    "similar-rule": "two statements say nearly the same, in one case or in many",
    "template": "the same opening, closing, sentence frame or run of words in many cases",
    "echo": "an exemplar repeats a rule's or never-event's wording",
    "units": "a dose or laboratory value without a unit",
    "coverage": "a criterion or department with too few cases",
    "risk-balance": "too many or too few cases of one risk",
    "population-balance": "a population tag that too few cases carry",
    "acceptance": "lint.toml accepts something that is not found, or several findings at once",
}
"""Every check by name."""

UNACCEPTABLE = frozenset({"schema", "unfilled", "review", "acceptance"})
"""Checks whose findings can only be mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``subject`` is a case id, a criterion's code, a department's key, or `BANK`.

    ``path`` is its key inside the case; ``offset`` counts lines below that. ``file`` and ``line`` (from 1) are filled
    in by whoever knows the files. ``accepted`` is the reason that lint.toml gives for letting it stand.
    """

    level: Level
    check: str
    subject: str
    message: str
    advice: str = ""
    path: KeyPath = ()
    offset: int = 0
    file: str = ""
    line: int | None = None
    accepted: str = ""
    others: tuple[str, ...] = ()
    """Further cases that it is about, such as the other one of a pair."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every case that it is about."""
        return (self.subject, *self.others)

    def accepted_as(self, why: str) -> "Finding":
        """The same finding, accepted."""
        return replace(self, accepted=why)


def on_case(level: Level, check: str, place: tuple[Case, KeyPath], message: str, advice: str) -> Finding:
    """A finding at a key path of a case."""
    case, path = place
    return Finding(level, check, case.id, message, advice, path)


def quoted(text: str, limit: int = 90) -> str:
    """``text`` in quotes, on one line, cut to a readable length."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= limit else f'"{line[: limit - 3]}..."'
