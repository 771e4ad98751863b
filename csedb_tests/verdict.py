"""A judge's verdict on one statement (a rule or a never-event) of a case."""

from dataclasses import dataclass
from typing import Literal

VerdictValue = Literal["met", "not_met", "cannot_tell"]
VERDICT_VALUES: tuple[VerdictValue, ...] = ("met", "not_met", "cannot_tell")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``statement`` is the id of the rule or never-event; ``quote`` stands in the answer, or is empty."""

    statement: str
    value: VerdictValue
    quote: str = ""
    reason: str = ""
