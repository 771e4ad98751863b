"""The session of a pytest-xdist worker."""

from pathlib import Path

import pytest

from csedb_tests.plan import Plan
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from pytest_csedb.collection import PLANNED, cases_of
from pytest_csedb.worker import Mailbox


class WorkerSession:
    """Hands the controlling process's results to the tests that run here."""

    def __init__(self, plan: Plan, store: Path) -> None:
        # An answer and a verdict may each take the whole deadline; longer silence means that nothing will come.
        patience = 2 * plan.settings.deadline * plan.settings.samples + 60
        self._mailbox = Mailbox(store, plan.run_id, patience)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say what was selected, before pytest-xdist's own hook tells the controlling process: it looks at once."""
        planned = session.config.stash.get(PLANNED, [])
        self._mailbox.announce_selected([case.id for case in cases_of(session.items)], planned)

    def header_lines(self) -> list[str]:
        """Nothing: the controlling process says what the run is about to do."""
        return []

    @property
    def shows_live_progress(self) -> bool:
        """Never: a worker has no terminal."""
        return False

    def result(self, request: pytest.FixtureRequest, case: Case) -> CaseRecord:
        """The record of a case; waits for it."""
        return self._mailbox.result(case)
