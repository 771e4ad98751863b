"""report.html as people open it, in headless Chromium: 130 cases, some thirty failures, a baseline."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.comparison.values import Change, Comparison, Outcome
from csedb_tests.record import CaseRecord, RunRecord, read_record
from csedb_tests.reports.case_order import in_order
from csedb_tests.reports.html_report import write_html_report
from tests.browser import Browser, Page, installed_browser, running_browser
from tests.conftest import ROOT

REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"  # read before the tests' own environment is cleared
HOSTILE = (
    " <script>window.harmed=1</script></textarea></template><img src=x onerror=window.harmed=2> "
    '<svg onload="window.harmed=3"> \x1b[31mred\x07 \u202egnp.exe\u2066 "><a href="javascript:window.harmed=4">x</a> '
    "</script><!-- <style>*{display:none}</style> <base href=http://evil.example> ${window.harmed=5} \ud83d"
)
CASE = "cardiology-S08-01"
OTHER_TESTS = """
def test_that_passes():
    pass

def test_that_fails():
    print("<b>captured</b>")
    assert 1 == 2
"""


def part_of_the_bank(directory: Path) -> Path:
    """A bank of 130 cases: five files of every department, spread over its criteria, ``CASE`` among them."""
    for department in sorted(default_bank_root().iterdir()):
        files = sorted(department.glob("*.yaml"), key=lambda file: (file.stem != "S-08", file.stem))
        for file in files[:: max(1, len(files) // 5)][:5]:
            target = directory / department.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return directory


def answers(bank: Path) -> Iterator[tuple[str, str]]:
    """Safe answers, every fifth unsafe and hostile, some cut short, and none for one case."""
    for place, case in enumerate(load_bank(bank).cases):
        safe, unsafe = str(case.exemplars.safe), str(case.exemplars.unsafe)
        if case.id == CASE or place % 5 == 2:
            yield case.id, unsafe + HOSTILE
        elif place != 20:
            yield case.id, safe[: len(safe) // 2] if place % 13 == 5 else safe


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report directory of a run, other tests in the same session."""
    directory = tmp_path_factory.mktemp("run")
    bank = part_of_the_bank(directory / "bank")
    lines = (json.dumps({"case": case, "answer": answer}) for case, answer in answers(bank))
    (directory / "answers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (directory / "test_other.py").write_text(OTHER_TESTS, encoding="utf-8")
    options = [
        "-p",
        "pytest_csedb.plugin",
        "-p",
        "no:randomly",
        "--csedb-run-id=run",
        "--csedb-judge=pattern",
        f"--csedb-cases={bank}",
        "-q",
    ]
    command = [sys.executable, "-m", "pytest", *options, "--csedb-model=answers:answers.jsonl", "--tb=no"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CSEDB_", "PYTEST_"))}
    env |= {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "plugins"))), "CSEDB_CACHE_DIR": str(directory / "c")}
    said = subprocess.run(
        [*command, "--pyargs", "csedb_tests", "test_other.py"], cwd=directory, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert said.returncode == 10, said.stdout[-2000:] + said.stderr[-2000:]
    return directory / "reports" / "run"


@pytest.fixture(scope="module")
def record(run: Path) -> RunRecord:
    return read_record(run / "run.json")


@pytest.fixture(scope="module")
def rebuilt(record: RunRecord, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page rebuilt from the record, with a baseline."""
    page = tmp_path_factory.mktemp("rebuilt") / "report.html"
    write_html_report(compared(record), page)
    return page


def compared(record: RunRecord) -> RunRecord:
    """The run with a baseline in which four of its failures passed, and one of its passes failed."""
    fixed = next(case for case in record.cases if case.status == "passed")
    broken = [case for case in record.cases if case.score.never_events][:4]
    changes = (
        *(change(case, "never-event", Outcome("passed", 1.0), "What was said before.") for case in broken),
        change(fixed, "fixed", Outcome("below", 0.4), f"The old answer.{HOSTILE}"),
    )
    return replace(record, comparison=Comparison("run-before", "openai:before", 130, changes=changes))


def change(case: CaseRecord, kind: Any, before: Outcome, answer: str) -> Change:
    now, given = Outcome(case.status, case.score.value, case.score.never_events), case.case
    place = (given.id, given.title, given.department, given.criterion.code, given.risk)
    return Change(*place, kind, before, now, (answer,))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = installed_browser()
    if program is None and not REQUIRED:
        pytest.skip("no Chromium here (.ci/run installs it, and then nothing is skipped)")
    assert program is not None, "REQUIRE_BROWSER=1, and Chromium is not installed"
    with running_browser(program) as running:
        yield running


@pytest.fixture
def page(browser: Browser, rebuilt: Path) -> Page:
    """The rebuilt page, freshly opened on a desk."""
    return opened(browser, rebuilt)


def opened(browser: Browser, file: Path, place: str = "", width: int = 1280, scheme: str = "light") -> Page:
    page = browser.page()
    page.resize(width, 844 if width < 600 else 800, scheme)
    page.open(file.as_uri() + place)
    return page


def shown(page: Page) -> list[str]:
    """The ids of the cases in the list, in its order."""
    cells = "[...document.querySelectorAll('#results-table tbody:not([hidden]) [data-case]')]"
    return list(page.ask(f"{cells}.map(cell => cell.dataset.case)"))


def count(page: Page) -> str:
    return str(page.ask("document.getElementById('csedb-count').textContent"))


def choose(page: Page, name: str, value: str) -> None:
    field = f"document.getElementById('csedb-{name}')"
    page.ask(f"{field}.value = {json.dumps(value)}; {field}.dispatchEvent(new Event('change'))")
    assert page.ask(f"{field}.value") == value


def search(page: Page, text: str) -> None:
    page.ask("document.getElementById('csedb-q').focus()")
    page.ask(f"document.getElementById('csedb-q').value = {json.dumps(text)}")
    page.ask(
        "new Promise(done => { const q = document.getElementById('csedb-q'); "
        "new MutationObserver(done).observe(document.getElementById('csedb-count'), {childList: true}); "
        "q.dispatchEvent(new Event('input')); })"
    )


def ids(cases: Any) -> list[str]:
    return [case.case.id for case in cases]


def test_opening_the_page_asks_for_nothing_and_complains_of_nothing(page: Page, rebuilt: Path):
    assert page.ask("document.title") == "Clinical safety gate"
    assert page.requests == [rebuilt.as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_screen_says_whether_the_model_may_be_deployed_and_why_not(
    browser: Browser, rebuilt: Path, width: int
):
    page = opened(browser, rebuilt, width=width)
    heading, reasons = (f"document.querySelector('{name}')" for name in (".csedb-decision h2", ".csedb-reasons"))
    assert page.ask(f"{heading}.textContent") == "NO-GO: this model must not be deployed"
    assert page.ask(f"{reasons}.textContent").startswith("never-events: ")
    assert page.ask(f"{reasons}.getBoundingClientRect().bottom < innerHeight")
    assert page.ask("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_never_events_come_first_then_failed_below_unscored_and_passed(page: Page, record: RunRecord):
    standings = page.ask("[...document.querySelectorAll('tbody .col-status')].map(cell => cell.textContent)")
    order = ["Never-event", "Failed", "Below", "Unscored", "Passed"]
    assert standings == sorted(standings, key=order.index)
    assert {"Never-event", "Below", "Unscored", "Passed"} <= set(standings)
    assert shown(page) == ids(in_order(record.cases))
    assert 25 <= sum(case.status != "passed" for case in record.cases) <= 40


@pytest.mark.parametrize(
    ("name", "value", "belongs"),
    [
        ("status", "never", lambda case: bool(case.score.never_events)),
        ("status", "open", lambda case: case.status != "passed"),
        ("status", "error", lambda case: case.status == "error"),
        ("track", "safety", lambda case: case.case.track == "safety"),
        ("risk", "low", lambda case: case.case.risk == "low"),
        ("department", "cardiology", lambda case: case.case.department == "cardiology"),
        ("criterion", "S-08", lambda case: case.case.criterion.code == "S-08"),
    ],
)
def test_a_filter_shows_the_cases_it_names_and_no_others(page: Page, record: RunRecord, name: str, value: str, belongs):
    choose(page, name, value)
    wanted = ids(case for case in in_order(record.cases) if belongs(case))
    assert shown(page) == wanted
    assert count(page) == f"{len(wanted)} of 130 cases shown"
    assert page.ask("location.hash") == f"#{name}={value}"


def test_filters_hold_together_and_are_cleared_together(page: Page, record: RunRecord):
    choose(page, "risk", "high")
    choose(page, "track", "effectiveness")
    both = [case for case in in_order(record.cases) if case.case.risk == "high" and case.case.track == "effectiveness"]
    assert shown(page) == ids(both)
    page.ask("document.getElementById('csedb-clear').click()")
    assert len(shown(page)) == 130
    assert count(page) == "130 cases"


def test_search_finds_words_of_questions_answers_and_rules(page: Page, record: RunRecord):
    search(page, "TICAGRELOR extraction")
    found = shown(page)
    assert "dentistry-S08-01" in found
    assert len(found) < 10
    search(page, "window.harmed=1")
    assert set(shown(page)) == {case.case.id for case in record.cases if HOSTILE[1:9] in text_of(case)}
    search(page, "no such words anywhere")
    assert shown(page) == []
    assert count(page) == "0 of 130 cases shown"


def text_of(case: CaseRecord) -> str:
    return "".join(sample.answer.text for sample in case.samples if sample.answer)


def test_a_deep_link_opens_its_case_and_no_other(browser: Browser, rebuilt: Path):
    page = opened(browser, rebuilt, f"#case={CASE}")
    assert page.ask("[...document.querySelectorAll('[aria-expanded=true]')].map(b => b.closest('tbody').id)") == [CASE]
    assert page.ask("document.activeElement.closest('tbody').id") == CASE
    article = "document.querySelector('.csedb-case')"
    assert page.ask(f"{article}.getBoundingClientRect().top < innerHeight / 2 && {article}.checkVisibility()")
    assert "Hazard" in page.ask(f"{article}.textContent")


def test_a_link_of_filters_shows_what_it_names(browser: Browser, rebuilt: Path, record: RunRecord):
    page = opened(browser, rebuilt, "#status=never&risk=high")
    assert shown(page) == ids(
        case for case in in_order(record.cases) if case.score.never_events and case.case.risk == "high"
    )
    page.ask(f"location.hash = '#case={record.cases[0].case.id}'; new Promise(done => setTimeout(done))")
    assert record.cases[0].case.id in shown(page)


def test_a_link_leads_to_its_case_again_when_it_is_followed_again(browser: Browser, rebuilt: Path):
    page = opened(browser, rebuilt, f"#case={CASE}")
    link = f"document.querySelector('.csedb-never-list a[href$=\"{CASE}\"]')"
    page.ask("scrollTo(0, 0); document.activeElement.blur()")
    page.ask(f"{link}.click()")
    assert page.ask("document.activeElement.closest('tbody').id") == CASE
    assert page.ask("scrollY") > 0


def test_following_the_contents_keeps_the_filters_and_their_address(browser: Browser, rebuilt: Path):
    page = opened(browser, rebuilt, "#risk=low")
    page.ask("document.querySelector('.csedb-contents a[href=\"#csedb-gates\"]').click()")
    page.ask("new Promise(done => setTimeout(done))")
    assert page.ask("document.getElementById('csedb-risk').value") == "low"
    assert page.ask("location.hash") == "#risk=low"
    assert page.ask("document.activeElement.id") == "csedb-gates"


def test_a_link_to_a_case_that_is_not_there_says_so(browser: Browser, rebuilt: Path):
    page = opened(browser, rebuilt, "#case=cardiology-S99-99")
    assert count(page) == "There is no case cardiology-S99-99 in this report."
    assert page.complaints == []


def test_a_cell_of_the_heat_map_leads_to_its_cases(page: Page, record: RunRecord):
    page.ask('document.querySelector(\'.csedb-heat a[href*="cardiology"][href*="S-08"]\').click()')
    page.ask("new Promise(done => setTimeout(done))")
    wanted = [c for c in record.cases if c.case.department == "cardiology" and c.case.criterion.code == "S-08"]
    assert shown(page) == ids(wanted)


def test_an_opened_case_shows_question_answer_verdicts_and_the_quote_in_the_answer(page: Page, record: RunRecord):
    case = next(case for case in in_order(record.cases) if case.score.never_events)
    page.ask("document.querySelector('.col-testId button').click()")
    shown_text = page.ask("document.querySelector('.csedb-case').textContent")
    assert case.case.rules[0].text in shown_text
    quotes = {v.quote for v in case.samples[0].verdicts if v.value == "met" and v.statement in case.score.never_events}
    marked = page.ask("[...document.querySelectorAll('.csedb-case mark.csedb-harm')].map(mark => mark.textContent)")
    assert set(marked) & quotes
    page.ask("document.querySelector('.col-testId button').click()")
    assert not page.ask("document.querySelector('.csedb-case').checkVisibility()")


def test_nothing_that_a_model_said_does_anything(page: Page):
    page.ask("document.getElementById('csedb-open').click()")
    page.ask("document.querySelectorAll('.csedb-change').forEach(change => change.open = true)")
    text = page.ask("document.body.innerText")
    assert "<script>window.harmed=1</script></textarea></template>" in text
    assert "\\u001b[31mred\\u0007 \\u202egnp.exe\\u2066" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert page.ask("window.harmed") is None
    assert page.ask("document.querySelectorAll('#results-table :is(script, img, style, base, iframe)').length") == 0
    assert page.ask("document.querySelectorAll('a[href^=javascript]').length") == 0
    assert page.ask("document.scripts.length") == 2
    assert len(page.requests) == 1
    assert page.complaints == []


def test_both_answers_of_a_changed_case_stand_side_by_side(page: Page):
    page.ask("document.querySelector('.csedb-change summary').click()")
    first = "document.querySelector('.csedb-change')"
    assert page.ask(f"{first}.querySelector('.csedb-chip').textContent") == "New never-event"
    assert "What was said before." in page.ask(f"{first}.innerText")
    left, right = page.ask(f"[...{first}.querySelectorAll('.csedb-text')].map(text => text.getBoundingClientRect().x)")
    assert left < right
    said = page.ask("document.getElementById('csedb-baseline').parentElement.textContent")
    assert "Baseline: run run-before (model openai:before)" in said


def focused(page: Page) -> str:
    return str(page.ask("document.activeElement.closest('tbody')?.id ?? document.activeElement.id"))


def test_the_case_list_is_used_by_keys(page: Page, record: RunRecord):
    first, second, *_ = ids(in_order(record.cases))
    page.press("j")
    assert focused(page) == first
    page.press("j")
    page.press("Enter")
    assert focused(page) == second
    assert page.ask("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.press("k")
    assert focused(page) == first
    page.press("/")
    assert focused(page) == "csedb-q"
    page.press("j")
    assert page.ask("document.getElementById('csedb-q').value") == "j"
    page.press("Escape")
    assert page.ask("document.getElementById('csedb-q').value") == ""
    page.ask("document.activeElement.blur()")
    page.press("?")
    assert page.ask("document.getElementById('csedb-help').open")
    page.ask("document.getElementById('csedb-keys').click()")
    page.ask("document.activeElement.blur()")
    page.press("j")
    assert focused(page) == "", "single keys can be turned off"


def test_the_heat_map_is_one_stop_and_arrows_move_inside_it(page: Page):
    assert page.ask("document.querySelectorAll('.csedb-heat a[tabindex=\"0\"]').length") == 1
    page.ask("document.querySelector('.csedb-heat a[tabindex=\"0\"]').focus()")
    before = page.ask("document.activeElement.href")
    page.press("ArrowRight")
    after = page.ask("document.activeElement.href")
    assert before != after
    assert page.ask("document.querySelectorAll('.csedb-heat a[tabindex=\"0\"]').length") == 1


def test_a_column_s_button_sorts_the_list_and_says_so(page: Page, record: RunRecord):
    page.ask("document.querySelector('th[data-column-type=score] button').click()")
    assert page.ask("document.querySelector('th[data-column-type=score]').ariaSort") == "ascending"
    scores = page.ask("[...document.querySelectorAll('tbody .col-score')].map(cell => cell.textContent)")
    numbers = [float(text) for text in scores if text != "unscored"]
    assert numbers == sorted(numbers)
    assert scores[-1] == "unscored"
    page.ask("document.querySelector('th[data-column-type=risk] button').click()")
    risks = page.ask("[...document.querySelectorAll('tbody .col-risk')].map(cell => cell.textContent)")
    assert risks == sorted(risks, key=["high", "medium", "low"].index)


def test_paper_gets_every_case_that_did_not_pass_opened_and_light_colors(
    browser: Browser, rebuilt: Path, record: RunRecord
):
    page = opened(browser, rebuilt, scheme="dark")
    page.ask("dispatchEvent(new Event('beforeprint'))")
    open_cases = page.ask("[...document.querySelectorAll('[aria-expanded=true]')].map(b => b.closest('tbody').id)")
    assert open_cases == ids(case for case in in_order(record.cases) if case.status != "passed")
    assert page.ask("document.querySelector('.csedb-never-list details')?.open ?? true")
    page.resize(1280, 800, "dark", "print")
    assert page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.ask("document.querySelector('.csedb-finder').checkVisibility()")
    assert page.ask("document.querySelector('.csedb-case').checkVisibility()")
    page.ask("dispatchEvent(new Event('afterprint'))")
    assert page.ask("document.querySelectorAll('[aria-expanded=true]').length") == 0


CONTRASTS = """
(() => {
  const numbers = color => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const seen = color => { const [, , , alpha = 1] = numbers(color); return alpha > 0; };
  const linear = c => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const light = color => { const [r, g, b] = numbers(color).map(linear); return 0.2126*r + 0.7152*g + 0.0722*b; };
  const ground = node => { while (node && !seen(getComputedStyle(node).backgroundColor)) node = node.parentElement;
    return node ? getComputedStyle(node).backgroundColor : "rgb(255, 255, 255)"; };
  const bad = {}; let checked = 0;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility() || node.closest("script, svg")) continue;
    checked += 1;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad[`${node.tagName}.${node.className}`] = ratio;
  }
  return [checked, bad];
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, rebuilt: Path, scheme: str):
    page = opened(browser, rebuilt, f"#case={CASE}", scheme=scheme)
    page.ask("document.querySelectorAll('details').forEach(part => part.open = true)")
    checked, faint = page.ask(CONTRASTS)
    assert checked > 800
    assert faint == {}
    assert (page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)") == (scheme == "light")


def test_headings_tables_controls_and_pictures_are_named_for_those_who_do_not_see_them(page: Page):
    page.ask("document.querySelector('.col-testId button').click()")
    levels = page.ask("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.ask("[...document.querySelectorAll('main th')].filter(th => !th.scope).length") == 0
    assert page.ask("[...document.querySelectorAll('main svg')].filter(s => !s.querySelector('title')).length") == 0
    unnamed = "[...document.querySelectorAll('main :is(input:not([name=filter_checkbox]), select)')]"
    assert page.ask(f"{unnamed}.filter(field => !field.labels.length).map(field => field.id)") == []
    assert page.ask("[...document.querySelectorAll('button, a[href]')].filter(b => !b.textContent.trim()).length") == 0
    names = page.ask("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(names) == len(set(names))
    assert page.ask("document.documentElement.lang") == "en"
    assert page.ask("document.getElementById('csedb-count').ariaLive") == "polite"


def test_what_has_the_focus_is_seen(page: Page):
    page.press("j")
    assert page.ask("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    assert page.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_page_keeps_to_its_width_and_tables_scroll_inside_their_box(
    browser: Browser, rebuilt: Path, scheme: str
):
    page = opened(browser, rebuilt, f"#case={CASE}", width=390, scheme=scheme)
    page.ask("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.ask("document.documentElement.scrollWidth") <= 390
    heat = "document.querySelector('.csedb-heat').parentElement"
    assert page.ask(f"{heat}.scrollWidth > {heat}.clientWidth && getComputedStyle({heat}).overflowX") == "auto"
    assert page.ask("[...document.querySelectorAll('.csedb-case *')].every(e => e.closest('.csedb-scroll') || "
                    "e.getBoundingClientRect().right <= 391)")  # fmt: skip


def test_rows_of_other_tests_stay_in_the_report_of_the_session_itself(browser: Browser, run: Path):
    page = opened(browser, run / "report.html", "#status=other")
    assert count(page) == "0 of 130 cases shown, 2 other tests"
    names = page.ask("[...document.querySelectorAll('tbody:not([hidden]) .col-testId')].map(c => c.textContent)")
    assert [name.rpartition("::")[2] for name in names] == ["test_that_fails", "test_that_passes"]
    page.ask("document.querySelector('tbody:not([hidden]) button').click()")
    assert "<b>captured</b>" in page.ask("document.querySelector('tbody:not([hidden]) .log').innerText")
    assert page.complaints == []
    assert len(page.requests) == 1


def test_the_session_s_report_and_the_rebuilt_one_say_the_same(run: Path, record: RunRecord, tmp_path: Path):
    write_html_report(record, tmp_path / "report.html")
    live, rebuilt = ((path / "report.html").read_text(encoding="utf-8") for path in (run, tmp_path))
    case_texts = re.compile(r"<template id=\"csedb-case-.*?</template>", re.DOTALL)
    assert case_texts.findall(live) == case_texts.findall(rebuilt)
    assert len(case_texts.findall(live)) == 130
    top = re.compile(r'<section class="csedb-decision.*<h2 id="csedb-cases"', re.DOTALL)
    assert top.search(live)[0] == top.search(rebuilt)[0]


def test_2069_cases_open_in_three_seconds_and_weigh_less_than_15_mb(
    browser: Browser, record: RunRecord, tmp_path: Path
):
    many = tuple(numbered(record.cases[number % 130], number) for number in range(2069))
    write_html_report(replace(record, cases=many), tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 15e6
    page = browser.page()
    page.resize(1280, 800)
    page.send("Performance.enable", timeDomain="threadTicks")  # the page's own time, whatever else the machine does
    page.open((tmp_path / "report.html").as_uri() + f"#case={CASE}-1")
    page.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    metrics = {metric["name"]: metric["value"] for metric in page.send("Performance.getMetrics")["metrics"]}
    assert metrics["TaskDuration"] < 3
    assert len(shown(page)) == 2069
    assert page.ask("document.activeElement.closest('tbody').id") == f"{CASE}-1"
    assert page.complaints == []


def numbered(case: CaseRecord, number: int) -> CaseRecord:
    """The case again under another id, its question and answer a kilobyte long each at the least."""
    question = "".join(turn.content for turn in case.case.turns).ljust(1000, ".")
    renamed = case.case.model_copy(update={"id": f"{case.case.id}-{number // 130}", "question": question})
    samples = tuple(
        replace(s, answer=replace(s.answer, text=s.answer.text.ljust(1000, ".")) if s.answer else None)
        for s in case.samples
    )
    return replace(case, case=renamed, samples=samples)
