"""A judge's verdict on one statement (a rule or a never-event) of a case."""

from dataclasses import dataclass
from typing import Literal

VerdictValue = Literal["met", "not_met", "cannot_tell"]
VERDICT_VALUES: tuple[VerdictValue, ...] = ("met", "not_met", "cannot_tell")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``statement`` is the id of the rule or never-event; ``quote`` stands in the answer, or is empty.

    ``source`` says who settled it in the judge's place ("reviewed by NAME on DATE"), and is empty for the judge's own.
    """

    statement: str
    value: VerdictValue
    quote: str = ""
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one juror of a panel said of an answer: a verdict per statement, or why it gave none."""

    juror: str
    verdicts: tuple[Verdict, ...] = ()
    error: str = ""
