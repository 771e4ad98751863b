"""The run record: what a run found, as frozen values; ``run.json`` is exactly this."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from csedb_tests.answer import Answer, Usage
from csedb_tests.comparison.values import Comparison
from csedb_tests.judging import Judging
from csedb_tests.record_versions import read_versioned
from csedb_tests.schema import Case
from csedb_tests.score import Score
from csedb_tests.verdict import Ballot, Verdict
from csedb_tests.whole_file import replacing

SCHEMA_VERSION = 1

Status = Literal["passed", "below", "failed", "error"]
Decision = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One answer to a case with its verdicts. ``error`` says why it is unscored, or is empty.

    ``replaced`` are the judge's own verdicts where a review stands in their place, ``ballots`` the jurors' where the
    judge is a panel, ``second_opinion`` the pattern judge's under a cross-check; these decide nothing.
    """

    answer: Answer | None
    verdicts: tuple[Verdict, ...]
    score: Score
    error: str = ""
    replaced: tuple[Verdict, ...] = ()
    ballots: tuple[Ballot, ...] = ()
    second_opinion: tuple[Verdict, ...] = ()

    @property
    def own_verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts as the judge gave them, no review in their place."""
        own = {verdict.statement: verdict for verdict in self.replaced}
        return tuple(own.get(verdict.statement, verdict) for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case, its answers, its score over them, and what pytest was told.

    ``error`` is empty unless unscored; ``ran`` is False when the session ended before the case's turn.
    """

    case: Case
    samples: tuple[SampleRecord, ...]
    score: Score
    status: Status
    error: str = ""
    usage: Usage = Usage()
    ran: bool = True


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver as it met a gate: ``who`` answers for it, ``why``, and the last day it holds (UTC, ISO 8601).

    One that is ``expired`` excuses nothing any more; it fails its gate.
    """

    who: str
    why: str
    until: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class GateRecord:
    """A gate as decided.

    ``value`` is a share (0 to 1; a difference -1 to 1) or a count of ``unit``, wanted at ``least`` or at ``most`` the
    ``threshold``, over ``n`` cases. ``low`` and ``high`` bound it by what unscored cases could still change. The
    interval is that of sampling at ``confidence``, from the worst to the best that unscored cases leave possible; that
    of a count is of its rate per case. ``basis`` says whether the value or the interval's bound decided, ``more_cases``
    how many more would decide an inconclusive gate, as far as that can be told. ``detectable`` is what ``n`` cases can
    show with 80% power: the smallest true distance on the wrong side of the threshold; of a count, the smallest rate
    per case of which at least one would be seen. ``p`` belongs to a difference.

    ``decision`` stays as the figures have it under a ``waiver``; ``effect`` is what counts.
    """

    name: str
    decision: Decision
    value: float | None
    low: float | None
    high: float | None
    threshold: float
    n: int
    note: str = ""
    unit: Literal["share", "count"] = "share"
    sense: Literal["least", "most"] = "least"
    basis: Literal["value", "bound"] = "value"
    interval_low: float | None = None
    interval_high: float | None = None
    confidence: float | None = None
    more_cases: int | None = None
    detectable: float | None = None
    p: float | None = None
    waiver: Waived | None = None

    @property
    def is_waived(self) -> bool:
        """Whether a waiver in force keeps this gate from blocking, which without it would."""
        return self.waiver is not None and not self.waiver.expired and self.decision != "pass"

    @property
    def effect(self) -> Decision:
        """What the gate contributes to the run's decision."""
        return "pass" if self.is_waived else self.decision


@dataclass(frozen=True, slots=True)
class DropRecord:
    """The high-risk drop over scored cases: mean of other cases - mean of high-risk ones, with its interval.

    ``p`` is the one-sided Mann-Whitney probability of so low scores in high-risk cases if risk made no difference.
    """

    value: float
    interval_low: float
    interval_high: float
    confidence: float
    p: float
    high: int
    other: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that a result depends on."""

    model: dict[str, Any]
    judge: dict[str, Any]
    bank: str
    bank_digest: str
    policy: dict[str, Any]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was run: ``selected`` of the ``bank`` cases, narrowed by ``expressions`` (``-m high_risk`` and the like).

    A ``shard`` (``2/4``) is part of a selection whose case ids are ``planned``.
    """

    selected: int
    bank: int
    expressions: tuple[str, ...] = ()
    shard: str = ""
    planned: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether every case of the bank was selected."""
        return self.selected == self.bank


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A whole run. Times are UTC, ISO 8601."""

    run_id: str
    started: str
    finished: str
    identity: Identity
    selection: Selection
    cases: tuple[CaseRecord, ...]
    gates: tuple[GateRecord, ...]
    decision: Decision
    exit_code: int
    problems: tuple[str, ...] = ()
    usage: Usage = Usage()
    scores: dict[str, float | None] = field(default_factory=dict)
    judging: Judging = Judging()
    drop: DropRecord | None = None
    comparison: Comparison | None = None
    schema_version: int = SCHEMA_VERSION


_IN_CASE = {
    "exemplars": True,
    "tags": True,
    "rules": {"__all__": {"patterns", "tags"}},
    "never": {"__all__": {"patterns"}},
}


def write_record(record: RunRecord, path: Path) -> None:
    """Write ``run.json``: whole or not at all. Exemplars, patterns and tags belong to the bank, not to the record."""
    exclude = {"cases": {"__all__": {"case": _IN_CASE}}}
    data = _runs().dump_json(record, exclude=exclude, indent=1)  # type: ignore[arg-type]  # nested form
    with replacing(path) as file:
        file.writelines((data, b"\n"))  # one after the other: the data are many megabytes, and joining copies them


def read_record(path: Path) -> RunRecord:
    """Read ``run.json``; raises as `parse_record`."""
    return parse_record(path.read_bytes())


def parse_record(data: bytes) -> RunRecord:
    """The record that the bytes of a ``run.json`` hold, of this version or an older one.

    Raises ConfigError for a record of a newer version, pydantic's ValidationError for anything else.
    """
    return read_versioned(_runs(), data, SCHEMA_VERSION)


def dump_case(record: CaseRecord) -> str:
    """A case record as JSON, for another process."""
    return _cases().dump_json(record).decode()


def load_case(text: str) -> CaseRecord:
    """The case record that `dump_case` wrote. Raises pydantic's ValidationError for anything else."""
    return _cases().validate_json(text)


def prepare_writing() -> None:
    """Do ahead of time what `write_record` does only once."""
    _runs()


# Made once, and only where records leave or enter the process: building an adapter costs more than using it.
@cache
def _runs() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)


@cache
def _cases() -> TypeAdapter[CaseRecord]:
    return TypeAdapter(CaseRecord)
