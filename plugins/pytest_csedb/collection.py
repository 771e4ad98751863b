"""From the bank to pytest items, and which of them run."""

from collections.abc import Sequence

import pytest

from csedb_tests.plan import Plan
from csedb_tests.schema import Case
from csedb_tests.selection import choose
from pytest_csedb.markers import marks_of

CASE = "csedb_case"
RECORD = "csedb_record"
PLANNED = pytest.StashKey[list[str]]()


def parametrize(metafunc: pytest.Metafunc, plan: Plan) -> None:
    """Give a test one item per case of the track it asks for (all of them without ``csedb_cases(track=...)``).

    The case is the parameter of the record's fixture where a test takes a record: a fixture fewer for every test.
    """
    marker = metafunc.definition.get_closest_marker("csedb_cases")
    track = marker.kwargs.get("track") if marker else None
    cases = [case for case in plan.bank.cases if track in (None, case.track)]
    takes_record = RECORD in metafunc.fixturenames
    parameters = [pytest.param(case, id=case.id, marks=marks_of(case)) for case in cases]
    metafunc.parametrize(RECORD if takes_record else CASE, parameters, indirect=takes_record)


def case_of(item: pytest.Item) -> Case | None:
    """The case an item tests, or None for somebody else's test."""
    callspec = getattr(item, "callspec", None)
    case = (callspec.params.get(RECORD) or callspec.params.get(CASE)) if callspec is not None else None
    return case if isinstance(case, Case) else None  # a track without cases leaves one item, skipped, without a case


def cases_of(items: Sequence[pytest.Item]) -> list[Case]:
    """The cases of the items, in their order."""
    return [case for item in items if (case := case_of(item)) is not None]


def narrow(config: pytest.Config, items: list[pytest.Item], plan: Plan) -> None:
    """Deselect what ``--csedb-select``, ``--csedb-sample`` and ``--csedb-shard`` leave out, after everybody else."""
    chosen = choose(cases_of(items), plan.settings)
    config.stash[PLANNED] = sorted(chosen.planned)
    left_out = [item for item in items if (case := case_of(item)) is not None and case.id not in chosen.here]
    if left_out:
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=left_out)
