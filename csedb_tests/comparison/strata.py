"""Parts of the bank that are compared each by itself: tracks, risk levels inside them, criteria, departments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.catalogue import RISKS, TRACKS
from csedb_tests.comparison.values import Dimension
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the bank: of every case ``key`` tells whether it belongs to it, by giving ``value``."""

    name: str
    dimension: Dimension
    key: Callable[[Case], object]
    value: object

    def holds(self, case: Case) -> bool:
        """Whether the case belongs to it."""
        return self.key(case) == self.value


def strata_of(cases: Sequence[Case]) -> Iterator[Stratum]:
    """The strata that hold one of the ``cases``, coarse to fine; ``overall`` only where both tracks are there."""
    tracks = {case.track for case in cases}
    yield from (Stratum(track, "total", _track, track) for track in TRACKS if track in tracks)
    if len(tracks) > 1:
        yield Stratum("overall", "total", _everywhere, True)
    cells = {_cell(case) for case in cases}
    for track in TRACKS:
        for risk in RISKS:
            if (risk, track) in cells:
                yield Stratum(f"{risk}-risk {track}", "risk", _cell, (risk, track))
    yield from _each(cases, "criterion", lambda case: case.criterion.code)
    yield from _each(cases, "department", lambda case: case.department)


def _everywhere(_: Case) -> bool:
    return True


def _track(case: Case) -> str:
    return case.track


def _cell(case: Case) -> tuple[str, str]:
    return case.risk, case.track


def _each(cases: Sequence[Case], dimension: Dimension, key: Callable[[Case], str]) -> Iterator[Stratum]:
    for value in dict.fromkeys(map(key, cases)):
        yield Stratum(f"{dimension} {value}", dimension, key, value)
