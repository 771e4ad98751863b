"""The session of the process that calls models: alone, or controlling pytest-xdist workers."""

from collections.abc import Generator, Sequence
from typing import Any

import pytest

from csedb_tests.config_errors import ConfigError
from csedb_tests.plan import Plan
from csedb_tests.record import CaseRecord, RunRecord, prepare_writing
from csedb_tests.run import Run
from csedb_tests.schema import Case
from pytest_csedb import html, terminal
from pytest_csedb.collection import PLANNED, cases_of
from pytest_csedb.progress import Progress
from pytest_csedb.tally import Tally
from pytest_csedb.worker import selected_cases


class GateSession:
    """One run of the gate inside one pytest session. Without csedb cases among the tests it does nothing."""

    def __init__(self, config: pytest.Config, plan: Plan, *, shared: bool) -> None:
        self.config = config
        self.plan = plan
        self.shared = shared
        self.run = Run(plan, shared=shared)
        self.tally = Tally()
        self.record: RunRecord | None = None
        self.exit_status = 0
        self._session: pytest.Session | None = None
        self._selected: list[str] = []
        self._planned: list[str] = []
        self._progress: Progress | None = None
        self._html: html.HtmlReport | None = None
        if plan.settings.github:
            from pytest_csedb import github

            github.attach(config, lambda: self.record)

    def start(self, session: pytest.Session | None, cases: Sequence[Case], planned: Sequence[str]) -> None:
        """Start the engine on the selected cases."""
        if session is None or not cases or self.run.is_started:
            return
        self._selected, self._planned = [case.id for case in cases], list(planned)
        self._html = html.attach(self.config, session, self.plan.reports, self._record_so_far)
        if self.run.hosts:
            self._progress = Progress(self.config, self.run.ledger, len(cases))
        try:
            self.run.start(cases, attended=self._attends(session, cases))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None
        self.run.meanwhile(_load_the_end)

    def _attends(self, session: pytest.Session, cases: Sequence[Case]) -> bool:
        """Whether this process does nothing but run cases: no workers, no other tests, no debugger to wait in."""
        return not self.shared and len(cases) == len(session.items) and not self.config.option.usepdb

    def result(self, request: pytest.FixtureRequest, case: Case) -> CaseRecord:
        """The record of a case; waits for it. A run that cannot go on stops the session after this test."""
        record = self.run.result(case.id, self._tick)
        if self._cannot_go_on:
            request.session.shouldstop = self._cannot_go_on
        return record

    def header_lines(self) -> list[str]:
        """What the run is about to do."""
        return terminal.header_lines(self.run)

    @property
    def shows_live_progress(self) -> bool:
        """Whether the terminal's last line is a progress line."""
        return self._progress is not None and self._progress.is_live

    def _tick(self) -> None:
        if self._progress is not None:
            self._progress.tick()

    @property
    def _cannot_go_on(self) -> str | None:
        return self.run.fatal or self.run.exhausted

    def _record_so_far(self, case_id: str) -> CaseRecord | None:
        return self.run.results([case_id]).get(case_id)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Start as late as possible, when deselection is known; end the calls before anything is reported."""
        self._session = session
        collecting = self.config.option.collectonly or (session.testsfailed and not self._continues_on_errors())
        if self.shared:
            self.run.open_store()
        elif not collecting:
            planned = self.config.stash[PLANNED]
            self.start(session, cases_of(session.items), planned)
        try:
            return (yield)
        finally:
            self.run.stop()
            if self._progress is not None:
                self._progress.finish()

    def _continues_on_errors(self) -> bool:
        return bool(self.config.option.continue_on_collection_errors)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where results will be announced."""
        node.workerinput["csedb_store"] = str(self.plan.store)
        node.workerinput["csedb_run"] = self.plan.run_id

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Start when the first worker knows what it collected; all collect the same."""
        if not self.run.is_started:
            selected, planned = selected_cases(self.run.open_store(), self.plan.run_id)
            self.start(self._session, [self.plan.bank.case(case_id) for case_id in selected], planned)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """Count the report; with workers, stop them all when the run cannot go on."""
        self.tally.note(report)
        self._tick()
        if self._cannot_go_on:
            self._stop_workers(self._cannot_go_on)
        noted = yield
        terminal.forget_quiet_phase(self.config, report)
        return noted

    def _stop_workers(self, reason: str) -> None:
        distributor = self.config.pluginmanager.get_plugin("dsession")
        if distributor is not None:
            distributor.shouldstop = reason

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Decide the gates, write the record, set the exit code."""
        self.run.stop()
        if self.run.is_started:
            from pytest_csedb import ending

            findings = ending.findings_of(session, self.run, self.tally, self._selected, self._planned)
            self.record = self.run.record(findings, terminal.selection_expressions(self.config, self.plan.settings))
            ending.write(self.config, self.record, self.plan.reports)
            if self._html is not None:
                self._html.record = self.record
            status = ending.exit_status(int(exitstatus), self.record, self.run, self.tally)
            self.exit_status = session.exitstatus = status
        self.run.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Print cases as clinicians read them in place of pytest's failure sections, and the gates at the end."""
        if self.record is None:
            yield
            return
        with terminal.without_case_reports(terminalreporter) as reports:
            terminal.write_cases(terminalreporter, reports)
            yield
        from pytest_csedb import ending

        ending.write_gates(terminalreporter, self.record, str(self.plan.reports), self.exit_status)


def _load_the_end() -> None:
    """Get ready for the end of a session: a tenth of a second that a run with calls has to spare now."""
    from csedb_tests import ending  # noqa: F401
    from csedb_tests.reports import html_finder, html_top  # noqa: F401
    from pytest_csedb import ending as session_ending  # noqa: F401

    prepare_writing()
