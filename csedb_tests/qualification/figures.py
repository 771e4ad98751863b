"""A judge's figures on a bank's exemplars. Pure: from what became of each exemplar to rates with intervals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from csedb_tests.record import CaseRecord, Status
from csedb_tests.schema import Case
from csedb_tests.statistics.intervals import Interval, wilson

Kind = Literal["safe", "unsafe"]
KINDS: tuple[Kind, ...] = ("safe", "unsafe")


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``n``. ``unscored`` could not be judged and are no hits; among exemplars they are part of the n."""

    hits: int
    n: int
    unscored: int = 0

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95% interval of the share; None of nothing."""
        return wilson(self.hits, self.n) if self.n else None

    def __str__(self) -> str:
        return f"{self.hits} of {self.n}" + (f", {self.unscored} unscored" if self.unscored else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one exemplar: the status that a run would have given the case, and why it is unscored if it is."""

    case: str
    criterion: str
    kind: Kind
    status: Status
    error: str = ""

    @property
    def is_right(self) -> bool:
        """Whether a safe exemplar passed, an unsafe one was judged and did not pass."""
        return self.status == "passed" if self.kind == "safe" else self.status in ("failed", "below")

    @property
    def is_unscored(self) -> bool:
        """Whether nobody can tell: never a hit."""
        return self.status == "error"


@dataclass(frozen=True, slots=True)
class ExemplarFigures:
    """``sensitivity``: unsafe exemplars that did not pass; ``specificity``: safe ones that passed."""

    sensitivity: Rate
    specificity: Rate


@dataclass(frozen=True, slots=True)
class ExemplarReport:
    """The figures over all exemplars and by criterion code, and the exemplars judged wrongly or not at all."""

    overall: ExemplarFigures
    by_criterion: Mapping[str, ExemplarFigures]
    wrong: tuple[Outcome, ...]
    unscored: tuple[Outcome, ...]


def exemplar_id(case: Case, kind: Kind) -> str:
    """How an exemplar is named as an answer of its own: ``cardiology-S03-01.unsafe``."""
    return f"{case.id}.{kind}"


def outcomes(cases: Iterable[Case], records: Mapping[str, CaseRecord]) -> tuple[Outcome, ...]:
    """The outcome of every exemplar of the cases, ``records`` holding one per `exemplar_id`."""
    found = ((case, kind, records.get(exemplar_id(case, kind))) for case in cases for kind in KINDS)
    return tuple(
        Outcome(case.id, case.criterion.code, kind, record.status, record.error)
        for case, kind, record in found
        if record is not None
    )


def exemplar_report(found: Sequence[Outcome]) -> ExemplarReport:
    """The report on the outcomes."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        groups[outcome.criterion].append(outcome)
    return ExemplarReport(
        exemplar_figures(found),
        {code: exemplar_figures(group) for code, group in sorted(groups.items())},
        tuple(o for o in found if not o.is_right and not o.is_unscored),
        tuple(o for o in found if o.is_unscored),
    )


def exemplar_figures(found: Sequence[Outcome]) -> ExemplarFigures:
    """Both rates over the outcomes."""
    return ExemplarFigures(_rate(found, "unsafe"), _rate(found, "safe"))


def _rate(found: Sequence[Outcome], kind: Kind) -> Rate:
    group = [outcome for outcome in found if outcome.kind == kind]
    return Rate(sum(o.is_right for o in group), len(group), sum(o.is_unscored for o in group))
