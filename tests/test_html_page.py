"""The finishing of report.html."""

import html
import json
from pathlib import Path

import pytest

from csedb_tests.reports.html_page import CaseTexts, finish_page

PAGE = '<html><head></head><body data-jsonblob="{blob}"><script>one()</script><script>two()</script></body></html>'


def finished(tmp_path: Path, cases: CaseTexts, texts: list[str]) -> str:
    blob = html.escape(json.dumps({"log": texts}))
    page = tmp_path / "report.html"
    page.write_text(PAGE.replace("{blob}", blob), encoding="utf-8")
    finish_page(page, cases)
    return page.read_text(encoding="utf-8")


def blob_of(page: str) -> list[str]:
    return json.loads(html.unescape(page.partition('data-jsonblob="')[2].partition('"')[0]))["log"]


@pytest.mark.parametrize(
    "text", ["<b>plain</b>", "quotes \" and ' and \\", "&amp; &#34;", "中文 \u202e 🩺", "a\nb\\n", ""]
)
def test_each_case_stands_where_its_token_stood(tmp_path: Path, text: str):
    cases = CaseTexts()
    first, second = cases.keep(text), cases.keep(f"second {text}")
    assert blob_of(finished(tmp_path, cases, [second, first, "other"])) == [f"second {text}", text, "other"]


def test_a_case_that_holds_another_page_s_token_is_left_as_it_is(tmp_path: Path):
    cases, others = CaseTexts(), CaseTexts()
    foreign = others.keep("secret")
    mine = cases.keep(f"my answer is {foreign}")
    assert blob_of(finished(tmp_path, cases, [mine, foreign])) == [f"my answer is {foreign}", foreign]


def test_a_case_read_back_does_not_disturb_what_is_kept_later(tmp_path: Path):
    cases = CaseTexts()
    first = cases.keep("first")
    assert cases.read(0) == b"first"
    second = cases.keep("second")
    assert blob_of(finished(tmp_path, cases, [first, second])) == ["first", "second"]


def test_only_the_page_s_last_script_may_run(tmp_path: Path):
    page = finished(tmp_path, CaseTexts(), [])
    assert page.count("Content-Security-Policy") == 1
    assert "script-src 'sha256-" in page
    assert "default-src 'none'" in page
