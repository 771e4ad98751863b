"""Markers: registered from the catalogue, put on every case."""

from collections.abc import Iterator
from functools import cache

import pytest

from csedb_tests.catalogue import RISKS, TRACKS, Catalogue, catalogue
from csedb_tests.schema import Case


def register_markers(config: pytest.Config, known: Catalogue | None = None) -> None:
    """Make every marker known to ``--strict-markers`` and ``--markers``."""
    for line in _marker_lines(known or catalogue()):
        config.addinivalue_line("markers", line)


def _marker_lines(known: Catalogue) -> Iterator[str]:
    yield "csedb(criterion, department, track, risk): every case; for -m \"csedb(criterion='S-03')\""
    yield "csedb_cases(track): parametrize this test, which takes csedb_record, with the bank's cases"
    for track in TRACKS:
        yield f"{track}: cases of the {track} track"
    for risk in RISKS:
        yield f"{risk}_risk: cases whose likely wrong answer does {risk}-risk harm"
    for code, criterion in known.criteria.items():
        yield f"{code}: {criterion.name}"
    for key, name in known.departments.items():
        yield f"{key}: cases of {name}"
    for tag, description in known.populations.items():
        yield f"{tag}: {description}"


def marks_of(case: Case) -> list[pytest.MarkDecorator]:
    """The marks of a case: keyword form, track, risk, criterion, department, population tags."""
    shared = _cell_marks(case.criterion.code, case.department, case.track, case.risk)
    return [*shared, *(_mark(tag) for tag in case.population)]


@cache
def _cell_marks(criterion: str, department: str, track: str, risk: str) -> tuple[pytest.MarkDecorator, ...]:
    keyword = pytest.mark.csedb(criterion=criterion, department=department, track=track, risk=risk)
    return (keyword, _mark(track), _mark(f"{risk}_risk"), _mark(criterion), _mark(department))


@cache
def _mark(name: str) -> pytest.MarkDecorator:
    mark: pytest.MarkDecorator = getattr(pytest.mark, name)
    return mark
