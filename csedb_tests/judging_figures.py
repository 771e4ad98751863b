"""The figures of a run's judging, from its case records."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from csedb_tests.judging import CrossCheckFigures, Judging, JurorFigures, PairFigures, PanelFigures
from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.verdict import VERDICT_VALUES, VerdictValue

Said = Mapping[str, VerdictValue]
"""One juror's verdicts by place: the statement's id, with the answer's number in the run before it."""


def judging_of(cases: Sequence[CaseRecord]) -> Judging:
    """The figures of a run's cases."""
    samples = [sample for case in cases for sample in case.samples]
    return Judging(
        panel=_panel([sample for sample in samples if sample.ballots]),
        cross_check=_cross_check([sample for sample in samples if sample.second_opinion]),
        reviewed=sum(1 for sample in samples for verdict in sample.verdicts if verdict.source),
    )


def _panel(samples: Sequence[SampleRecord]) -> PanelFigures | None:
    if not samples:
        return None
    from csedb_tests.statistics.agreement import fleiss_kappa

    names = sorted({ballot.juror for sample in samples for ballot in sample.ballots})
    said = {name: dict(_said_by(name, samples)) for name in names}
    own = dict(_own(samples))
    failed = [sum(1 for ballot in sample.ballots if ballot.error) for sample in samples]
    lost = sum(1 for sample in samples if not sample.verdicts)
    return PanelFigures(
        answers=len(samples),
        reduced=sum(map(bool, failed)) - lost,
        lost=lost,
        verdicts=len(own),
        split=sum(1 for place, value in own.items() if value == "cannot_tell" and not _has_majority(place, said)),
        kappa=fleiss_kappa([_counts(place, said) for place in _places(said)]),
        jurors=tuple(_juror(name, samples, said[name], own) for name in names),
        pairs=tuple(_pair(a, b, said[a], said[b]) for a, b in combinations(names, 2)),
    )


def _said_by(name: str, samples: Sequence[SampleRecord]) -> Iterator[tuple[str, VerdictValue]]:
    for number, sample in enumerate(samples):
        for ballot in sample.ballots:
            if ballot.juror == name:
                yield from ((f"{number} {verdict.statement}", verdict.value) for verdict in ballot.verdicts)


def _own(samples: Sequence[SampleRecord]) -> Iterator[tuple[str, VerdictValue]]:
    for number, sample in enumerate(samples):
        yield from ((f"{number} {verdict.statement}", verdict.value) for verdict in sample.own_verdicts)


def _places(said: Mapping[str, Said]) -> list[str]:
    return sorted({place for verdicts in said.values() for place in verdicts})


def _counts(place: str, said: Mapping[str, Said]) -> list[int]:
    """How many jurors gave each verdict at a place, in the order of `VERDICT_VALUES`."""
    given = [verdicts[place] for verdicts in said.values() if place in verdicts]
    return [given.count(value) for value in VERDICT_VALUES]


def _has_majority(place: str, said: Mapping[str, Said]) -> bool:
    counts = _counts(place, said)
    return 2 * max(counts) > sum(counts)


def _juror(name: str, samples: Sequence[SampleRecord], said: Said, own: Said) -> JurorFigures:
    ballots = [ballot for sample in samples for ballot in sample.ballots if ballot.juror == name]
    failures = [ballot.error for ballot in ballots if ballot.error]
    decided = [place for place in said if own.get(place, "cannot_tell") != "cannot_tell"]
    equal = sum(said[place] == own[place] for place in decided)
    return JurorFigures(name, len(ballots), len(failures), next(iter(failures), ""), len(decided), equal)


def _pair(first: str, second: str, one: Said, other: Said) -> PairFigures:
    from csedb_tests.statistics.agreement import cohen_kappa

    both = [(one[place], other[place]) for place in one if place in other]
    return PairFigures(first, second, len(both), sum(a == b for a, b in both), cohen_kappa(both))


def _cross_check(samples: Sequence[SampleRecord]) -> CrossCheckFigures | None:
    if not samples:
        return None
    compared = disagreements = settled = undecided = 0
    for sample in samples:
        second = {verdict.statement: verdict.value for verdict in sample.second_opinion}
        sources = {verdict.statement: verdict.source for verdict in sample.verdicts}
        for own in sample.own_verdicts:
            undecided += own.value == "cannot_tell"
            if "cannot_tell" in (own.value, second.get(own.statement, "cannot_tell")):
                continue
            compared += 1
            disagreements += own.value != second[own.statement]
            settled += own.value != second[own.statement] and bool(sources[own.statement])
    return CrossCheckFigures(compared, disagreements, settled, undecided)
