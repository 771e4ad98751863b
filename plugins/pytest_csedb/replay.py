"""report.html from a run record alone: pytest-html writes it, given the cases as reports of tests that never ran."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.record import CaseRecord, RunRecord
from pytest_csedb import html
from pytest_csedb.tally import mark

_INHERITED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
"""What would bring somebody's options and plugins into the page."""


def write_html_report(record: RunRecord, path: Path) -> None:
    """Write the page to ``path``, its directory made if need be; the same record gives the same bytes.

    Raises OSError where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    replay = Replay(record, path.resolve())
    with tempfile.TemporaryDirectory(prefix="csedb-") as directory, _inheriting_nothing(), _silent() as said:
        configuration = Path(directory) / "pytest.ini"
        configuration.write_text("[pytest]\n", encoding="utf-8")
        pytest.main([*_arguments(configuration), directory], plugins=[replay])
    if not replay.is_written:
        raise OSError(f"pytest-html wrote no page: {said.getvalue().strip()[-300:]}")


def _arguments(configuration: Path) -> list[str]:
    unneeded = ("cacheprovider", "logging", "warnings", "faulthandler", "unraisableexception", "threadexception")
    plugins = ("metadata", "html", *(f"no:{name}" for name in unneeded))
    named = [part for name in plugins for part in ("-p", name)]
    return [
        f"--config-file={configuration}",
        "--disable-plugin-autoload",
        "--noconftest",
        "--capture=no",
        "--tb=no",
        "-rN",
        *named,
    ]


@contextmanager
def _silent() -> Iterator[io.StringIO]:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        yield said


@contextmanager
def _inheriting_nothing() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in _INHERITED if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


class Replay:
    """A plugin of a session without tests: it reports the record's cases."""

    def __init__(self, record: RunRecord, path: Path) -> None:
        self._record = record
        self._path = path
        self._cases = {case.case.id: case for case in record.cases}
        self._page: html.HtmlReport | None = None

    @property
    def is_written(self) -> bool:
        """Whether the page is finished."""
        return self._page is not None and self._page.is_finished

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Nothing to collect."""
        session.items = []
        return True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """A report for each case, as a session would give them."""
        self._page = page = html.attach(session.config, session, self._path.parent, self._cases.get, self._path.name)
        assert page is not None, "pytest-html is loaded by name"
        page.record = self._record
        page.writer._report.set_data("environment", dict(self._record.identity.environment))
        for case in self._record.cases:
            for report in _reports(case):
                session.config.hook.pytest_runtest_logreport(report=report)
        return True


def _reports(case: CaseRecord) -> Iterator[pytest.TestReport]:
    yield _report(case, "setup" if case.status == "error" else "call", passed=case.status == "passed")
    yield _report(case, "teardown", passed=True)


def _report(case: CaseRecord, when: Any, *, passed: bool) -> pytest.TestReport:
    case_id, outcome = case.case.id, "passed" if passed else "failed"
    report = pytest.TestReport(case_id, ("", None, case_id), {}, outcome, None, when)  # type: ignore[arg-type]  # a name
    mark(report, case_id, case.status)
    return report
