"""``csedb history``: runs over time, in the terminal and as a page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csedb_tests.cli import main
from csedb_tests.history import read_history
from csedb_tests.reports.history_html import history_html
from csedb_tests.reports.history_text import history_lines
from tests.finished_runs import bad, finished_run, lost, saved

VERAPAMIL = "cardiology-S03-01"
MARKUP = "<script>alert(1)</script>\x1b[31m\u202e"


def csedb(*args: str) -> Result:
    return CliRunner().invoke(main, ["history", *args])


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs, whose names do not sort as their times do."""
    monkeypatch.chdir(tmp_path)
    reports = tmp_path / "reports"
    saved(finished_run(run_id="b", started="2026-01-01T00:00:00+00:00"), reports)
    saved(finished_run({VERAPAMIL: bad("Give it.")}, run_id="a", started="2026-01-02T00:00:00+00:00"), reports)
    saved(finished_run({VERAPAMIL: lost("away")}, run_id="c", started="2026-01-03T00:00:00+00:00"), reports)
    return reports


def test_each_run_is_a_line_oldest_first(reports: Path):
    lines = csedb().output.splitlines()
    assert lines[0].split() == [
        *("run", "started", "model", "cases", "decision", "safety", "effectiveness", "never-events", "drop")
    ]
    assert lines[1].startswith("-- bank mini_bank ")
    assert [re.split(r"  +", line) for line in lines[2:]] == [
        ["b", "2026-01-01T00:00:00+00:00", "openai:candidate", "6 of 6", "PASS", "1.000", "1.000", "0", "+0.000"],
        # S-03, S-01, S-05, S-07 weigh 5, 5, 4, 3: 12 of 17. High risk: 2 of 3 cases; all 3 others: drop 1/3.
        ["a", "2026-01-02T00:00:00+00:00", "openai:candidate", "6 of 6", "FAIL", "0.706", "1.000", "1", "+0.333"],
        [
            *("c", "2026-01-03T00:00:00+00:00", "openai:candidate", "6 of 6", "INCONCLUSIVE"),
            *("1.000", "1.000", "0 to 1", "+0.000"),
        ],
    ]


def test_a_directory_can_be_named(reports: Path, tmp_path: Path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert csedb(str(reports)).output.count("openai:candidate") == 3
    result = csedb()
    assert (result.exit_code, result.output) == (4, "ERROR: reports: no run here: there is no */run.json\n")


def test_a_change_of_judge_or_bank_is_marked_where_it_happens(reports: Path):
    saved(finished_run(run_id="d", judge="openai:judge", started="2026-02-01T00:00:00+00:00"), reports)
    lines = csedb().output.splitlines()
    assert [n for n, line in enumerate(lines) if line.startswith("-- ")] == [1, 5]
    assert lines[5].endswith("judge openai:judge")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a run record: Invalid JSON"),
        ("{}", "not a run record: schema_version: Field required"),
        ('{"schema_version": 99}', "schema_version = 99: this record was written by a newer csedb-tests"),
        ('{"schema_version": 1, "run_id": "x"}', "not a run record: started: Field required"),
    ],
)
def test_files_that_cannot_be_read_are_named_and_the_others_shown(reports: Path, text: str, said: str):
    (reports / "other").mkdir()
    (reports / "other" / "run.json").write_text(text)
    result = csedb()
    assert result.exit_code == 0
    assert result.output.count("openai:candidate") == 3
    assert f"skipped: reports/other/run.json: {said}" in result.output


def test_a_run_without_high_risk_cases_has_no_drop(reports: Path):
    file = reports / "b" / "run.json"
    data = json.loads(file.read_text())
    data["cases"] = [case for case in data["cases"] if case["case"]["risk"] != "high"]
    data["drop"] = None
    file.write_text(json.dumps(data))
    assert read_history(reports).entries[0].drop is None


def test_a_recorded_drop_is_taken_as_it_is(reports: Path):
    file = reports / "b" / "run.json"
    data = json.loads(file.read_text())
    interval = {"interval_low": 0, "interval_high": 1, "confidence": 0.95, "p": 0.5, "high": 3, "other": 3}
    file.write_text(json.dumps(data | {"drop": {"value": 0.125, **interval}}))
    assert read_history(reports).entries[0].drop == 0.125


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_loads_nothing_runs_nothing_and_draws_every_run(reports: Path, tmp_path: Path):
    saved(finished_run(run_id="d", model=MARKUP, judge=MARKUP, started="2026-02-01T00:00:00+00:00"), reports)
    assert csedb("--html", "out/history.html").output.endswith("page: out/history.html\n")
    text = (tmp_path / "out" / "history.html").read_text(encoding="utf-8")
    page = Page(text)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "iframe"} & set(names)
    assert not [a for _, a in page.tags if {"src", "href"} & set(a) or [k for k in a if k.startswith("on")]]
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert names.count("circle") == 8
    assert names.count("polyline") == 2
    assert names.count("tr") == 5
    assert "&lt;script&gt;" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_the_line_breaks_where_a_run_has_no_score(reports: Path):
    everything = {case.case.id: lost("away") for case in finished_run().cases}
    saved(finished_run(everything, run_id="gap", started="2026-01-01T12:00:00+00:00"), reports)
    text = history_html(read_history(reports))
    assert text.count("<circle") == 6
    assert text.count("<polyline") == 2  # b stands alone before the gap; a and c are joined after it


def test_the_same_runs_give_the_same_text_and_page(reports: Path):
    first, second = read_history(reports), read_history(reports)
    assert history_html(first) == history_html(second)
    assert list(history_lines(first)) == list(history_lines(second))
