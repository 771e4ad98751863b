"""``csedb compare``: two finished runs, one decision."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csedb_tests.cli import main
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.reports.comparison_answers import changed_cases
from tests.conftest import ROOT
from tests.finished_runs import saved
from tests.paired_runs import run_of, some_cases


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def runs(before: list[str], now: list[str], answer: str = "An answer.") -> None:
    cases = some_cases(len(before), ["S-01", "E-02"])
    saved(run_of(cases, before, "before"), Path("reports"))
    saved(run_of(cases, now, "now", answer=answer), Path("reports"))


def compare(*args: str) -> Result:
    return CliRunner().invoke(main, ["compare", "before", "now", *args])


@pytest.mark.parametrize(
    ("now", "code", "words"),
    [
        (["pass"] * 900, 0, "decision: PASS (not worse than the baseline)"),
        (["pass"] * 810 + ["miss"] * 90, 10, "decision: FAIL (worse than the baseline)"),
        (["miss"] * 18 + ["pass"] * 882, 11, "decision: INCONCLUSIVE (undecided)"),
        (["never"] + ["pass"] * 899, 10, "decision: FAIL (worse than the baseline)"),
    ],
    ids=["equal", "worse", "undecided", "never-event"],
)
def test_the_exit_code_is_the_decision(now: list[str], code: int, words: str):
    runs(["pass"] * 900, now)
    result = compare()
    assert result.exit_code == code
    assert result.output.splitlines()[-2:] == [words, f"exit code {code}"]


def test_broken_cases_stand_with_both_answers_side_by_side():
    runs(["pass"] * 60, ["miss"] + ["pass"] * 59, answer="Now\nit is \x1b[31mred.")
    lines = compare().output.splitlines()
    assert "broken: case-0000 [S-01, high risk] Case 0: passed 1.00 before, failed 0.00 now" in lines
    assert "  Question 0?" in lines
    left = 58
    assert f"  {'BEFORE (passed 1.00)'.ljust(left)} | NOW (failed 0.00)" in lines
    assert f"  {'An answer.'.ljust(left)} | Now" in lines
    assert f"  {''.ljust(left)} | it is \\u001b[31mred." in lines


def test_most_limits_what_is_shown_in_full_and_says_so():
    runs(["pass"] * 60, ["miss"] * 20 + ["pass"] * 40)
    output = compare("--most", "3").output
    assert output.count("BEFORE (") == 3
    assert "and 17 more broken cases: --most shows more, --json FILE holds all" in output


def test_json_holds_everything():
    runs(["pass"] * 60, ["miss"] * 20 + ["pass"] * 40)
    assert compare("--json", "out/found.json").exit_code == 10
    found = json.loads(Path("out/found.json").read_text(encoding="utf-8"))
    assert (found["decision"], found["exit_code"], found["candidate_run"]) == ("fail", 10, "now")
    assert len(found["comparison"]["changes"]) == 20
    assert found["comparison"]["rows"][0]["name"] == "safety"
    assert found["policy"]["margin"] == 0.02


def test_markdown_holds_both_answers_and_no_markup_of_theirs():
    runs(["pass"] * 60, ["miss"] * 2 + ["pass"] * 58, answer="# <b>Now</b> @all")
    compare("--markdown", "found.md")
    text = Path("found.md").read_text(encoding="utf-8")
    assert text.startswith("# decision: ")
    assert "> An answer." in text
    assert "> \\# &lt;b&gt;Now&lt;/b&gt; @\u200ball" in text


def test_options_stand_above_the_policy():
    runs(["pass"] * 60, ["pass"] * 60)
    assert compare().exit_code == 11
    assert compare("--margin", "0.35").exit_code == 0
    assert compare("--margin", "0.35", "--confidence", "0.99999").exit_code == 11


def test_another_judge_blocks_until_it_is_allowed():
    cases = some_cases(600)
    saved(run_of(cases, ["pass"] * 600, "before", judge="pattern:0"), Path("reports"))
    saved(run_of(cases, ["pass"] * 600, "now"), Path("reports"))
    result = compare("--margin", "0.1")
    assert result.exit_code == 11
    assert "blocked: the judge is another than the baseline's (pattern:0 before, pattern:1 now)" in result.output
    assert compare("--margin", "0.1", "--allow", "judge").exit_code == 0


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--margin", "2"), "--margin: 2.0: Input should be less than 1"),
        (("--allow", "jury"), "--allow: 'jury': Input should be 'judge', 'bank', 'unmatched' or 'samples'"),
        (("--json", "reports/now/run.json/x"), "reports/now/run.json/x: cannot be written"),
    ],
)
def test_wrong_options(args: tuple[str, ...], text: str):
    runs(["pass"] * 6, ["pass"] * 6)
    result = compare(*args)
    assert result.exit_code == 4
    assert result.output.startswith("ERROR: ")
    assert text in result.output


def test_a_run_that_is_not_there_is_named():
    runs(["pass"] * 6, ["pass"] * 6)
    result = CliRunner().invoke(main, ["compare", "before", "nwo"])
    assert result.exit_code == 4
    assert "nwo: no run here" in result.output
    assert "Did you mean 'now'?" in result.output


def test_a_run_without_a_comparison_has_no_changed_cases():
    assert changed_cases(run_of(some_cases(3), ["pass"] * 3)) == ()


def test_the_command_says_the_same_twice():
    runs(["pass"] * 90, ["miss", "half", "never"] * 10 + ["pass"] * 60)
    assert compare().output == compare().output


def test_the_page_names_every_key_with_its_default():
    page = (ROOT / "docs" / "REGRESSION.md").read_text(encoding="utf-8")
    for name, field in BaselinePolicy.model_fields.items():
        default = field.default
        shown = (", ".join(default) or "nothing") if isinstance(default, tuple) else str(default).lower()
        assert f"| `{name}` | {shown} |" in page
