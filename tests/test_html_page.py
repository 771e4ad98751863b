"""The finishing of report.html: the cases in it, the policy, and what becomes of pytest-html's own page."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from csedb_tests.answer import Answer
from csedb_tests.bank import Bank
from csedb_tests.outcome import case_record
from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.reports import html_colors
from csedb_tests.reports.html_case import case_html
from csedb_tests.reports.html_frame import frame_page
from csedb_tests.reports.html_page import CaseTexts, finish_page
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict
from tests.conftest import Gate

PAGE = "<html><head><style>p{}</style></head><body><footer><script>one()</script></footer></body></html>"


def judged(bank: Bank, case_id: str, answer: str, value: str = "met") -> CaseRecord:
    """A record of the case with one verdict on everything it states."""
    case = bank.case(case_id)
    verdicts = tuple(Verdict(statement.id, value) for statement in case.statements)  # type: ignore[arg-type]
    return case_record(case, [SampleRecord(Answer(answer), verdicts, score_case(case, verdicts))], 0.6)


def finished(directory: Path, cases: list[CaseRecord], texts: CaseTexts, page: str = PAGE) -> str:
    file = directory / "report.html"
    file.write_text(page, encoding="utf-8")
    finish_page(file, cases, texts, "Run r.")
    return file.read_text(encoding="utf-8")


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_each_case_stands_in_a_template_of_its_own(tmp_path: Path, mini_bank: Bank):
    first, second = (judged(mini_bank, case.id, f"the answer to {case.id}") for case in mini_bank.cases[:2])
    texts = CaseTexts()
    texts.keep(first)
    page = finished(tmp_path, [second, first], texts)
    found = re.findall(r'<template id="csedb-case-([^"]*)"[^>]*>(.*?)</template>', page, re.DOTALL)
    assert found == [(case.case.id, case_html(case)) for case in (second, first)]


def test_a_case_is_shown_as_it_was_recorded_in_the_end(tmp_path: Path, mini_bank: Bank):
    early = judged(mini_bank, mini_bank.cases[0].id, "an early answer")
    late = replace(early, status="error", error="its test was skipped")
    texts = CaseTexts()
    texts.keep(early)
    assert "its test was skipped" in finished(tmp_path, [late], texts)


def test_a_kept_text_is_read_back_whatever_was_kept_after_it(tmp_path: Path, mini_bank: Bank):
    records = [judged(mini_bank, case.id, "中文 \u202e 🩺 \ud800") for case in mini_bank.cases]
    texts = CaseTexts()
    for record in records:
        texts.keep(record)
        assert case_html(records[0]).encode() in texts.text(records[0])
    assert [case_html(record) in texts.text(record).decode() for record in records] == [True] * len(records)


def test_only_the_page_s_own_scripts_and_styles_may_run(tmp_path: Path):
    page = finished(tmp_path, [], CaseTexts())
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert len(policy) == 1
    scripts, styles = re.findall(r"<script>(.*?)</script>", page, re.DOTALL), re.findall(r"<style>(.*?)</style>", page)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(scripts) == len(styles) == 2
    allowed = [f"'sha256-{digest(text)}'" for text in (*scripts, *styles)]
    assert policy == [
        f"default-src 'none'; script-src {allowed[0]} {allowed[1]}; style-src {allowed[2]} {allowed[3]}; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    ]
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_a_stylesheet_beside_the_page_is_taken_into_it(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "style.css").write_text("b{top:1px}", encoding="utf-8")
    link = '<link href="assets/style.css" rel="stylesheet" type="text/css"/>'
    page = finished(tmp_path, [], CaseTexts(), PAGE.replace("<style>p{}</style>", link))
    assert "<link" not in page
    assert f"'sha256-{digest('b{top:1px}')}'" in page


def test_every_edit_finds_its_place_in_the_page_that_pytest_html_writes(pytester: pytest.Pytester):
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_subprocess("--html=page.html", "--self-contained-html", "-p", "no:csedb", "-p", "no:randomly")
    frame = frame_page((pytester.path / "page.html").read_bytes(), r"Run \1 & more.")
    assert frame.found
    assert [name for name, found in frame.found.items() if not found] == []
    assert rb"<p>Run \1 &amp; more. Page by pytest-html 4." in frame.before
    for gone in (b"Report generated", b"onclick", b"<video", b"<h2>Summary"):
        assert gone not in frame.before
    assert frame.after.index(b'id="environment"') < frame.after.index(b"<footer>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colors_has_the_contrast_that_wcag_asks_for(scheme: str):
    place = ("light", "dark").index(scheme)
    for least, pairs in ((4.5, html_colors.PAIRS), (3.0, html_colors.SHAPES)):
        for first, second in pairs:
            colors = html_colors.COLORS[first][place], html_colors.COLORS[second][place]
            assert html_colors.contrast(*colors) >= least, (first, second)


def test_contrast_by_hand():
    assert html_colors.contrast("#000000", "#ffffff") == 21.0
    assert html_colors.contrast("#ffffff", "#ffffff") == 1.0
    assert html_colors.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the known limit for gray


def test_a_report_that_is_not_self_contained_still_shows_its_style(gate: Gate, pytester: pytest.Pytester):
    gate("--html=mine.html")
    page = (pytester.path / "mine.html").read_text(encoding="utf-8")
    assert "stylesheet" not in page.partition("<body>")[0]
    assert page.count("<style") == 2
