"""Parts of the bank that are compared each by itself: tracks, risk levels inside them, criteria, departments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.catalogue import RISKS, TRACKS
from csedb_tests.comparison.pairing import Pair
from csedb_tests.comparison.values import Dimension
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the bank with its pairs, perhaps none."""

    name: str
    dimension: Dimension
    pairs: tuple[Pair, ...]


def strata_of(cases: Sequence[Case], pairs: Sequence[Pair]) -> Iterator[Stratum]:
    """The strata that hold one of the ``cases``, coarse to fine; ``overall`` only where both tracks are there."""
    yield from _each(cases, pairs, "total", _track, {track: track for track in TRACKS})
    if len({case.track for case in cases}) > 1:
        yield Stratum("overall", "total", tuple(pairs))
    yield from _each(cases, pairs, "risk", _cell, {f"{r}-risk {t}": f"{r}-risk {t}" for t in TRACKS for r in RISKS})
    codes = {case.criterion.code: f"criterion {case.criterion.code}" for case in cases}
    yield from _each(cases, pairs, "criterion", _criterion, codes)
    departments = {case.department: f"department {case.department}" for case in cases}
    yield from _each(cases, pairs, "department", _department, departments)


def _each(
    cases: Sequence[Case],
    pairs: Sequence[Pair],
    dimension: Dimension,
    key: Callable[[Case], str],
    names: dict[str, str],
) -> Iterator[Stratum]:
    """A stratum per key that a case has, in the order of ``names``, which gives what it is called."""
    groups: dict[str, list[Pair]] = {key(case): [] for case in cases}
    for pair in pairs:
        groups[key(pair.case)].append(pair)
    yield from (Stratum(name, dimension, tuple(groups[value])) for value, name in names.items() if value in groups)


def _track(case: Case) -> str:
    return case.criterion.track


def _cell(case: Case) -> str:
    return f"{case.risk}-risk {case.criterion.track}"


def _criterion(case: Case) -> str:
    return case.criterion.code


def _department(case: Case) -> str:
    return case.department
