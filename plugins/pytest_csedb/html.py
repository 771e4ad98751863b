"""report.html: pytest-html's report with our columns, the gates on top, and a policy that lets it load nothing."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.record import CaseRecord, RunRecord
from csedb_tests.reports.html_page import CaseTexts, finish_page
from csedb_tests.reports.html_parts import case_html, run_html
from pytest_csedb.tally import case_id_of

COLUMNS = ("criterion", "department", "risk", "score")
_TEST = 1
"""Place of the test's name among pytest-html's own columns."""


class HtmlReport:
    """Fills pytest-html's hooks from the run's records."""

    def __init__(self, path: Path, find: Callable[[str], CaseRecord | None]) -> None:
        self.path = path
        self.find = find
        self.record: RunRecord | None = None
        self.writer: Any = None
        self._cases = CaseTexts()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """Have pytest-html forget a case's reports once its row is made: nothing reads them again."""
        noted = yield
        if report.when == "teardown" and case_id_of(report):
            self.writer._reports.pop(report.nodeid, None)
        return noted

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """The page's title."""
        report.title = "Clinical safety gate"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Our columns, after the test's name."""
        headers = [f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in COLUMNS]
        cells[_TEST + 1 : _TEST + 1] = headers

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Our cells; empty ones for a test that is no case."""
        if report.when != "call" and report.passed and not report.sections:
            cells.clear()  # pytest-html asks for every phase, and goes on with a row that it would drop in the end
            return
        record = self._record_of(report)
        values = _values(record) if record else ("",) * len(COLUMNS)
        ours = [f'<td class="col-{name}">{value}</td>' for name, value in zip(COLUMNS, values, strict=True)]
        cells[_TEST + 1 : _TEST + 1] = ours

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """The case in place of the log."""
        if report.when != "call" and report.passed:
            return  # pytest-html asks for every phase, and drops what it got for a setup or teardown that passed
        record = self._record_of(report)
        if record is not None:
            data[:] = [self._cases.keep(case_html(record))]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """The decision and the gates."""
        if self.record is not None:
            prefix.append(run_html(self.record))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Once the file is written, put the cases in, and forbid it every script but its own, and every request."""
        yield
        if self.path.is_file():
            finish_page(self.path, self._cases)
        self._cases.close()

    def _record_of(self, report: pytest.TestReport) -> CaseRecord | None:
        case_id = case_id_of(report)
        return self.find(case_id) if case_id else None


def _values(record: CaseRecord) -> tuple[str, ...]:
    case, score = record.case, record.score.value
    return (case.criterion.code, case.department, case.risk, "unscored" if score is None else f"{score:.2f}")


def attach(
    config: pytest.Config,
    session: pytest.Session,
    directory: Path,
    find: Callable[[str], CaseRecord | None],
) -> HtmlReport | None:
    """Have pytest-html write into ``directory``, or where ``--html`` says. None when pytest-html is switched off.

    Whether a session holds cases is known only after collection, so pytest-html, which makes its report when pytest
    is configured, is asked again here; a session without cases gets no report that nobody asked for.
    """
    plugin = config.pluginmanager.get_plugin("html")
    if plugin is None:
        return None
    asked_for = config.getoption("htmlpath", None)
    report = HtmlReport(Path(asked_for) if asked_for else directory / "report.html", find)
    config.pluginmanager.register(report, "csedb-html")
    if asked_for is None:
        config.option.htmlpath = str(report.path)
        config.option.self_contained_html = True
        plugin.pytest_configure(config)
    report.writer = writer = next(p for p in config.pluginmanager.get_plugins() if hasattr(p, "_generate_report"))
    if asked_for is None:
        writer.pytest_sessionstart(session)
    else:
        report.pytest_html_results_table_header(writer._report.table_header)
    return report
