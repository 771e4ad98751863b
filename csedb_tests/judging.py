"""How a run was judged: what its jurors, its second opinion and its reviewers did. Counts and shares, no decisions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JurorFigures:
    """One juror of a panel over a run's answers.

    ``equal`` of ``compared`` verdicts are the panel's, of those that the panel reached. ``failed`` counts the answers
    it gave no verdicts on, ``failure`` being the first reason.
    """

    juror: str
    answers: int
    failed: int
    failure: str
    compared: int
    equal: int


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Two jurors on the ``compared`` verdicts that both gave; ``kappa`` is Cohen's, None where it is undefined."""

    first: str
    second: str
    compared: int
    equal: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class PanelFigures:
    """A panel over a run. ``reduced`` answers were judged by fewer than all jurors, ``lost`` by too few to count.

    ``split`` verdicts found no majority. ``kappa`` is Fleiss' over all jurors, None where it is undefined.
    """

    answers: int
    reduced: int
    lost: int
    verdicts: int
    split: int
    kappa: float | None
    jurors: tuple[JurorFigures, ...]
    pairs: tuple[PairFigures, ...]


@dataclass(frozen=True, slots=True)
class CrossCheckFigures:
    """The pattern judge beside the judge.

    Of ``compared`` verdicts, on which both said met or not_met, ``disagreements`` differ, ``settled`` of them by now.
    ``undecided`` are the judge's cannot_tell: no disagreement, but worth a person's look.
    """

    compared: int
    disagreements: int
    settled: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Judging:
    """What is known of the judging beside the verdicts. ``reviewed`` verdicts are a person's, not the judge's."""

    panel: PanelFigures | None = None
    cross_check: CrossCheckFigures | None = None
    reviewed: int = 0
