"""report.html: pytest-html's report with our rows, the gates on top, and a policy that lets it load nothing."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.record import CaseRecord, RunRecord
from csedb_tests.reports.html_page import CaseTexts, finish_page
from csedb_tests.reports.html_rows import CaseCells, add_cells, add_headers, finished_head, finished_rows
from pytest_csedb.tally import PENDING, case_id_of, status_of

OUTCOMES = ["passed", "skipped", "failed", "error", "xfailed", "xpassed", "rerun"]


class HtmlReport:
    """Fills pytest-html's hooks from the run's records."""

    def __init__(self, path: Path, find: Callable[[str], CaseRecord | None]) -> None:
        self.path = path
        self.find = find
        self.record: RunRecord | None = None
        self.writer: Any = None
        self.is_finished = False
        self._case_ids: dict[str, str] = {}
        self._texts = CaseTexts()
        self._cells = CaseCells()

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
        """Our columns."""
        add_headers(cells)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Our cells, still empty."""
        if report.when != "call" and report.passed and not report.sections:
            cells.clear()  # pytest-html asks for every phase, and goes on with a row that it would drop in the end
            return
        add_cells(cells)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """No log for a case's result: the case's text stands in its place."""
        case_id = case_id_of(report)
        if case_id is None or not _tells_result(report):
            return
        self._case_ids[report.nodeid] = case_id
        data.clear()
        record = self.find(case_id)
        if record is not None:
            self._texts.keep(record)
            self._cells.keep(record)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str]) -> None:
        """Everything above the list of cases, and the rows themselves, as the record has them."""
        if self.record is None:
            return
        from csedb_tests.reports.html_finder import finder_html
        from csedb_tests.reports.html_top import top_html

        data, cases = self.writer._report, self.record.cases
        rows = finished_rows(data.data["tests"], data.table_header, self._case_ids, cases, self._cells)
        data.table_header = finished_head(data.table_header)
        data.set_data("tests", rows)
        data.set_data("renderCollapsed", OUTCOMES)
        data.set_data("initialSort", "original")
        prefix.insert(0, top_html(self.record))
        postfix.append(finder_html(cases, sum(map(len, rows.values())) - len(cases)))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Once the file is written, put the cases in, and forbid it every script but its own, and every request."""
        yield
        if self.path.is_file():
            from csedb_tests.reports.html_top import run_line

            cases, line = ((), "") if self.record is None else (self.record.cases, run_line(self.record))
            finish_page(self.path, cases, self._texts, line)
            self.is_finished = True
        self._texts.close()


def _tells_result(report: pytest.TestReport) -> bool:
    """Whether a row of this report would be the case's own: not a setup or teardown that passed or that broke."""
    if report.when != "call" and report.passed:
        return False
    return status_of(report) != PENDING or report.skipped


def attach(
    config: pytest.Config,
    session: pytest.Session,
    directory: Path,
    find: Callable[[str], CaseRecord | None],
    name: str = "report.html",
) -> HtmlReport | None:
    """Have pytest-html write ``directory``/``name``, or where ``--html`` says. None when pytest-html is switched off.

    Whether a session holds cases is known only after collection, so pytest-html, which makes its report when pytest
    is configured, is asked again here; a session without cases gets no report that nobody asked for.
    """
    plugin = config.pluginmanager.get_plugin("html")
    if plugin is None:
        return None
    asked_for = config.getoption("htmlpath", None)
    report = HtmlReport(Path(asked_for) if asked_for else directory / name, find)
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
