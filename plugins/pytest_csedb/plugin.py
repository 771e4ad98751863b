"""Hooks of the csedb plugin. They translate and hand over; the session objects and the domain package act."""

import atexit
import gc
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import csedb_tests
from csedb_tests.bank_errors import BankError
from csedb_tests.check import raise_if_unscored
from csedb_tests.config_errors import ConfigError
from csedb_tests.plan import Plan, make_plan
from csedb_tests.record import CaseRecord
from csedb_tests.schema import Case
from pytest_csedb import reporting
from pytest_csedb.collection import CASE, RECORD, case_of, narrow, parametrize
from pytest_csedb.markers import register_markers
from pytest_csedb.options import add_options, given_options

if TYPE_CHECKING:
    from pytest_csedb.session import GateSession
    from pytest_csedb.worker_session import WorkerSession

PLAN = pytest.StashKey[Plan]()
SESSION = pytest.StashKey["GateSession | WorkerSession"]()
SUITE = Path(csedb_tests.__file__).parent


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add our options. deepeval's own plugin is blocked: it slows every session, reads .env files and prints."""
    pluginmanager.set_blocked("deepeval")
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and what marks reports."""
    register_markers(config)
    config.pluginmanager.register(ReportMarker(), "csedb-report-marker")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Check everything that can be checked, before a test is collected and a model is called."""
    if _runs_suite(session.config):
        _prepare(session.config)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What the run is about to do."""
    session = config.stash.get(SESSION, None)
    return session.header_lines() if session is not None else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per case for every test that takes a case."""
    if CASE in metafunc.fixturenames or RECORD in metafunc.fixturenames:
        _prepare(metafunc.config)
        parametrize(metafunc, metafunc.config.stash[PLAN])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Apply --csedb-select and --csedb-sample."""
    plan = config.stash.get(PLAN, None)
    if plan is not None:
        try:
            narrow(config, items, plan)
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Bank and items stay to the end: have the garbage collector search them no more (a fifth of a run's time)."""
    if PLAN in session.config.stash:
        gc.freeze()
        atexit.register(gc.freeze)  # nor when the process ends, where it would search once more


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
    """Give a case that did not pass its text in place of a traceback."""
    return reporting.told_report(item, call)


class ReportMarker:
    """A second hook of the same name, which a module cannot hold: it goes round pytest's own."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Mark a case's report, whoever made it."""
        report = yield
        reporting.describe_report(item, call, report)
        return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """The word BELOW, and no letters where live progress is shown."""
    session = config.stash.get(SESSION, None)
    return reporting.status_words(report, is_live=session is not None and session.shows_live_progress)


@pytest.fixture
def csedb_case(request: pytest.FixtureRequest) -> Case | None:
    """The case of this test."""
    return case_of(request.node)


@pytest.fixture
def csedb_record(request: pytest.FixtureRequest) -> CaseRecord:
    """The record of this case: answer, verdicts, score. An unscored case is an error here, in setup."""
    session = request.config.stash[SESSION]
    record = session.result(request, request.param)
    reporting.remember(request.node, record)
    raise_if_unscored(record)
    return record


def _runs_suite(config: pytest.Config) -> bool:
    """Whether an argument of the command line holds, is, or lies in the suite."""
    return any(_meets_suite(config, argument.partition("::")[0]) for argument in config.args)


def _meets_suite(config: pytest.Config, argument: str) -> bool:
    if config.option.pyargs and argument.partition(".")[0] == SUITE.name:
        return True
    path = (config.invocation_params.dir / argument).resolve()
    return SUITE.is_relative_to(path) or path.is_relative_to(SUITE)


def _prepare(config: pytest.Config) -> None:
    """Make the plan and the session object of this process, once. Raises UsageError for anything wrong with either."""
    if PLAN in config.stash:
        return
    try:
        config.stash[PLAN] = plan = make_plan(
            given_options(config), config.rootpath, _workerinput(config).get("csedb_run")
        )
        register_markers(config, plan.bank.catalogue)
        if not config.option.collectonly:
            _open_session(config, plan)
    except (ConfigError, BankError) as error:
        raise pytest.UsageError(str(error)) from None


def _open_session(config: pytest.Config, plan: Plan) -> None:
    config.stash[SESSION] = session = _make_session(config, plan)
    config.pluginmanager.register(session, "csedb-session")


def _make_session(config: pytest.Config, plan: Plan) -> "GateSession | WorkerSession":
    # Imported here: whoever only looks at the list of cases needs no engine, no judge and no report.
    from pytest_csedb.session import GateSession
    from pytest_csedb.worker_session import WorkerSession

    if hasattr(config, "workerinput"):
        return WorkerSession(plan, _announcements(_workerinput(config)))
    return GateSession(config, plan, shared=_distributes(config))


def _workerinput(config: pytest.Config) -> dict[str, Any]:
    """What the controlling process told this one, which is a pytest-xdist worker; else nothing."""
    told: dict[str, Any] = getattr(config, "workerinput", {})
    return told


def _announcements(workerinput: dict[str, Any]) -> Path:
    if "csedb_store" not in workerinput:
        raise ConfigError(
            "with pytest-xdist, csedb cases are evaluated by the controlling process, which needs the suite on its "
            "command line: add --pyargs csedb_tests"
        )
    return Path(workerinput["csedb_store"])


def _distributes(config: pytest.Config) -> bool:
    return bool(getattr(config.option, "dist", "no") != "no" and getattr(config.option, "tx", None))
