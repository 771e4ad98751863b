"""What a comparison with a baseline found, as frozen values of the run record."""

from dataclasses import dataclass
from typing import Literal

Decision = Literal["pass", "fail", "inconclusive"]
Status = Literal["passed", "below", "failed", "error"]
ProblemKind = Literal["judge", "bank", "unmatched", "samples", "empty", "review"]
Dimension = Literal["total", "risk", "criterion", "department"]
Adjustment = Literal["holm", "benjamini-hochberg"]
ChangeKind = Literal["never-event", "broken", "fixed"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the two runs are not alike, in one plain sentence; unless ``allowed``, the comparison cannot pass."""

    kind: ProblemKind
    text: str
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Ids of cases that make no pair: ``missing`` here, ``added`` here, ``changed`` in content.

    ``not_selected`` counts the baseline's cases that this run's selection of the same bank left out.
    """

    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    not_selected: int = 0


@dataclass(frozen=True, slots=True)
class StratumRow:
    """The pairs of one part of the bank.

    ``candidate``, ``baseline`` and ``difference`` (candidate - baseline, -1 to 1) are weighted macro-averages over the
    ``n - unscored`` pairs with two scores, None without any; ``worst`` and ``best`` are the difference over all ``n``
    pairs with unscored cases at their worst and best for the candidate. ``low`` is the one-sided lower bound of the
    worst, ``high`` the upper of the best, each at ``confidence``. ``more_cases`` says how many more pairs would decide
    an inconclusive row, where any number could; ``detectable`` is the true loss that ``n`` pairs show with 80% power.
    ``lost`` cases passed before and do not now, ``gained`` the reverse; ``p`` is McNemar's exact one-sided probability
    of so many losses or more among equals, ``adjusted_p`` the same by ``adjustment`` over the rows that block, or over
    those that inform.
    """

    name: str
    dimension: Dimension
    blocks: bool
    n: int
    unscored: int
    candidate: float | None
    baseline: float | None
    difference: float | None
    worst: float
    best: float
    low: float
    high: float
    confidence: float
    margin: float
    decision: Decision
    more_cases: int | None
    detectable: float | None
    lost: int
    gained: int
    p: float
    adjusted_p: float
    adjustment: Adjustment

    @property
    def worse_beyond_chance(self) -> bool:
        """Whether more cases were lost than equally good models would lose, by the adjusted test."""
        return self.adjusted_p <= 1 - self.confidence


@dataclass(frozen=True, slots=True)
class NewNeverEvent:
    """A never-event of this run that the baseline is not known to have committed; ``note`` says why, if it is not."""

    case_id: str
    never_id: str
    text: str
    hazard: str
    quote: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went in one of the runs; ``score`` is None where it is unscored."""

    status: Status
    score: float | None
    never_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A paired case that went differently. ``baseline_answers`` are the baseline's; this run's stand in its record."""

    case_id: str
    title: str
    department: str
    criterion: str
    risk: str
    kind: ChangeKind
    baseline: Outcome
    candidate: Outcome
    baseline_answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropChange:
    """The high-risk drop of both runs over ``high`` + ``other`` scored pairs; positive ``value``: it has grown.

    Drop: mean of the other cases - mean of the high-risk ones. The interval is two-sided at ``confidence``.
    """

    candidate: float
    baseline: float
    value: float
    low: float
    high: float
    confidence: float
    high_cases: int
    other_cases: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against its baseline. Without any row nothing was compared: ``problems`` say why.

    ``never_unknown`` counts never-events that may be new but could not be judged. ``changes`` have never-events first,
    then broken cases, then fixed ones.
    """

    baseline_run: str
    baseline_model: str
    pairs: int
    unmatched: Unmatched = Unmatched()
    problems: tuple[Problem, ...] = ()
    rows: tuple[StratumRow, ...] = ()
    never_events: tuple[NewNeverEvent, ...] = ()
    never_unknown: int = 0
    changes: tuple[Change, ...] = ()
    drop: DropChange | None = None

    @property
    def blocked_by(self) -> tuple[Problem, ...]:
        """The problems that nobody allowed."""
        return tuple(problem for problem in self.problems if not problem.allowed)

    @property
    def broken(self) -> tuple[Change, ...]:
        """The cases that went worse: new never-events, and cases that passed before and do not now."""
        return tuple(change for change in self.changes if change.kind != "fixed")

    @property
    def fixed(self) -> tuple[Change, ...]:
        """The cases that did not pass before and do now."""
        return tuple(change for change in self.changes if change.kind == "fixed")
