"""Records and reports: complete, escaped, and silent towards the network."""

import base64
import hashlib
import json
import os
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
from csedb_tests.reports.html_report import write_html_report
from csedb_tests.reports.quote_spans import quote_spans
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
    assert sum(tag == "script" for tag, _ in page.tags) == 2
    every = [*page.tags, *Page(inserted(page)).tags]
    assert not [tag for tag, attributes in every if attributes.get("src")]
    assert not [name for _, attributes in every for name in attributes if name.startswith("on")]
    text = (attacked / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\\u202e" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_report_forbids_itself_everything_but_its_own_scripts(attacked: Path):
    text = (attacked / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert f"script-src {allowed};" in policy
    assert policy.startswith("default-src 'none'")
    assert not [tag for tag, a in page.tags if tag == "link" or "http" in str(a.get("src", ""))]


def test_the_report_shows_columns_gates_and_cases(gate: Gate, pytester: pytest.Pytester):
    gate("--csedb-model=exemplar:unsafe")
    text = (pytester.path / "reports" / "run" / "report.html").read_text(encoding="utf-8")
    for column in ("Status", "Case", "Criterion", "Department", "Risk", "Score"):
        assert f'<button type="button">{column}</button></th>' in text
    assert "Decision: NO-GO" in text
    assert '<mark class="csedb-harm">Start verapamil 5 mg' in text
    assert '<td class="col-criterion">S-03</td>' in inserted(Page(text))


def test_a_case_that_never_ran_has_its_row_too(gate: Gate, pytester: pytest.Pytester):
    gate("--csedb-model=exemplar:unsafe", "--maxfail=1")
    rows = Page((pytester.path / "reports" / "run" / "report.html").read_text(encoding="utf-8")).blob["tests"]
    assert len(rows) == 6
    cells = ["".join(row["resultsTableRow"]) for of_test in rows.values() for row in of_test]
    assert sum("Unscored" in cell for cell in cells) == 5
    assert ">Below<" in cells[0]


def test_a_failure_outside_a_case_keeps_its_own_row_and_log(gate: Gate, pytester: pytest.Pytester):
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def broken(request):
            yield
            if "S03" in request.node.name:
                raise RuntimeError("the teardown broke")
        """
    )
    gate("--confcutdir=.", "-p", "conftest")
    rows = Page((pytester.path / "reports" / "run" / "report.html").read_text(encoding="utf-8")).blob["tests"]
    logs = [row["log"] for of_test in rows.values() for row in of_test]
    assert sum("the teardown broke" in log for log in logs) == 1
    assert len(logs) == 7


def test_rebuilding_the_report_twice_gives_the_same_bytes(attacked: Path, monkeypatch: pytest.MonkeyPatch):
    record = read_record(attacked / "run.json")
    write_html_report(record, attacked / "one.html")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--html=elsewhere.html -p no:html")
    write_html_report(record, attacked / "new" / "two.html")
    assert (attacked / "one.html").read_bytes() == (attacked / "new" / "two.html").read_bytes()
    assert os.environ["PYTEST_ADDOPTS"] == "--html=elsewhere.html -p no:html"


def test_rebuilding_prints_nothing(attacked: Path, capfd: pytest.CaptureFixture[str]):
    write_html_report(read_record(attacked / "run.json"), attacked / "quiet.html")
    assert capfd.readouterr() == ("", "")


def test_a_report_that_cannot_be_written_is_an_error(attacked: Path):
    with pytest.raises(OSError, match=r"run\.json"):
        write_html_report(read_record(attacked / "run.json"), attacked / "run.json" / "report.html")


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


@given(
    st.text("ab ", max_size=12), st.lists(st.text("ab ", min_size=1, max_size=4), max_size=3), st.text("ab", max_size=3)
)
def test_marking_harm_never_changes_what_is_read(text: str, quotes: list[str], harm: str):
    marked = marked_html(text, quotes, [harm])
    assert re.sub("</?mark[^>]*>", "", marked) == text_html(text)


def test_what_must_not_be_said_is_marked_as_such_also_inside_another_quote():
    marked = marked_html("stop aspirin, take ketorolac now", ["take ketorolac now"], ["ketorolac"])
    assert marked == ('stop aspirin, <mark>take </mark><mark class="csedb-harm">ketorolac</mark><mark> now</mark>')


@pytest.mark.parametrize(
    ("quote", "marked"),
    [
        ("Stop  the\nVERAPAMIL", ["stop the verapamil"]),
        ("stop the ... call 112", ["stop the", "call 112"]),
        ('"call 112"', ["call 112"]),
        ("call 113", []),
        ("call 112 ... stop the", []),
        ("...", []),
    ],
)
def test_a_quote_is_found_as_judges_copy_it(quote: str, marked: list[str]):
    text = "Please stop the verapamil and call 112."
    assert [text[start:end] for start, end in quote_spans(text, [quote])] == marked
