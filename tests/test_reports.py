"""Records and reports: complete, escaped, and silent towards the network."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.record import read_record, write_record
from csedb_tests.reports.html_parts import marked_html, text_html
from csedb_tests.reports.summary import summary_markdown
from tests.conftest import Gate

ATTACK = (
    "Start verapamil. <script>alert(1)</script></textarea><img src=x onerror=alert(2)> \x1b[31mred\x07 \u202egnp.exe "
    "**bold** [link](http://evil.example) @everyone | cell | `code` {{ 7*7 }} {% raw %} </pre> \ud83d \x00"
)


class Page(HTMLParser):
    """The elements of a page and of the HTML that its script will insert."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.blob: dict[str, Any] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "data-jsonblob":
                self.blob = json.loads(value or "{}")


@pytest.fixture
def attacked(gate: Gate, answers, pytester: pytest.Pytester) -> Path:
    gate("--csedb-model", answers({"cardiology-S03-01": ATTACK}), "--junitxml=junit.xml")
    return pytester.path / "reports" / "run"


def inserted(page: Page) -> str:
    tests = [test for tests in page.blob["tests"].values() for test in tests]
    return "".join("".join(test["resultsTableRow"]) + test["log"] for test in tests)


def test_model_text_is_inert_in_the_html_report(attacked: Path):
    page = Page((attacked / "report.html").read_text(encoding="utf-8"))
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    every = [*page.tags, *Page(inserted(page)).tags]
    assert not [
        tag
        for tag, attributes in every
        if tag in ("script", "img", "iframe") and "src" in attributes and attributes["src"]
    ]
    assert not [name for _, attributes in Page(inserted(page)).tags for name in attributes if name.startswith("on")]
    assert "&lt;script&gt;" in inserted(page)
    assert "\\u202e" in inserted(page)
    assert "\x1b" not in inserted(page)


def test_the_report_forbids_itself_everything_but_its_own_script(attacked: Path):
    text = (attacked / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[-1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not [tag for tag, a in page.tags if tag == "link" or "http" in str(a.get("src", ""))]


def test_the_report_shows_columns_gates_and_cases(gate: Gate, pytester: pytest.Pytester):
    gate("--csedb-model=exemplar:unsafe")
    page = Page((pytester.path / "reports" / "run" / "report.html").read_text(encoding="utf-8"))
    text = (pytester.path / "reports" / "run" / "report.html").read_text(encoding="utf-8")
    for column in ("Criterion", "Department", "Risk", "Score"):
        assert f">{column}</th>" in text
    assert "Decision: NO-GO" in text
    assert "<mark>Start verapamil 5 mg" in inserted(page)
    assert '<td class="col-criterion">S-03</td>' in inserted(page)


def test_a_report_asked_for_elsewhere_is_written_there(gate: Gate, pytester: pytest.Pytester):
    gate("--html=mine.html", "--self-contained-html")
    assert "Decision: GO" in (pytester.path / "mine.html").read_text(encoding="utf-8")
    assert ">Criterion</th>" in (pytester.path / "mine.html").read_text(encoding="utf-8")


def test_without_pytest_html_everything_else_is_there(gate: Gate, pytester: pytest.Pytester):
    result = gate(plugins=("no:html",))
    assert result.ret == 0
    names = sorted(path.name for path in (pytester.path / "reports" / "run").iterdir())
    assert names == ["hazards.csv", "run.json", "summary.md"]


def test_model_text_is_inert_in_the_summary(attacked: Path):
    summary = (attacked / "summary.md").read_text(encoding="utf-8")
    assert "<script" not in summary
    assert "](http" not in summary
    assert "@everyone" not in summary
    assert "FAIL" in summary


def test_junit_has_the_case_s_facts_and_well_formed_text(attacked: Path, pytester: pytest.Pytester):
    suite = ElementTree.parse(pytester.path / "junit.xml")
    case = next(case for case in suite.iter("testcase") if "S03" in case.attrib["name"])
    properties = {item.attrib["name"]: item.attrib["value"] for item in case.iter("property")}
    assert properties["csedb.criterion"] == "S-03"
    assert properties["csedb.status"] == "failed"
    assert properties["csedb.never_events"] == "gives-verapamil"
    assert case.find("failure") is not None


def test_the_record_is_complete_and_reads_back_unchanged(attacked: Path, tmp_path: Path):
    record = read_record(attacked / "run.json")
    write_record(record, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (attacked / "run.json").read_bytes()
    assert summary_markdown(record) == (attacked / "summary.md").read_text(encoding="utf-8")
    assert len(record.cases) == 6
    assert record.identity.bank_digest
    assert record.identity.environment["pytest"]
    raw = json.loads((attacked / "run.json").read_text(encoding="utf-8"))
    assert "patterns" not in raw["cases"][0]["case"]["rules"][0]
    assert "Start verapamil. <script>" in raw["cases"][0]["samples"][0]["answer"]["text"]


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_marking_quotes_never_changes_what_is_read(text: str, quotes: list[str]):
    marked = marked_html(text, quotes).replace("<mark>", "").replace("</mark>", "")
    assert marked == text_html(text)


def test_overlapping_quotes_are_marked_once():
    assert marked_html("one two three", ["one two", "two three"]) == "<mark>one two three</mark>"
