"""CSEDB's public release: its scores come out again case by case, and what it mis-aligned is unscored."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.bank import load_bank
from csedb_tests.importers.csedb_verdicts import agrees, truncated
from tests.conftest import Gate
from tests.imports import DATA, csedb, noted, read_lines, report_of

RELEASE = DATA / "csedb"
E1 = RELEASE / "eval_data" / "first-panel" / "e1_wp.json"
# Released scores of e1, case by case, as the made-up file has them; None: mis-aligned, for which it says 0.
MG = {"T-1": 1, "T-2": 0, "T-3": 0.8888, "T-4": 0.5714}
CLAUDE = {"T-1": 0, "T-2": 1, "T-3": None, "T-4": None}


def run_of(gate: Gate, bank: Path, model: str, *options: str) -> Any:
    answers, verdicts = bank / "answers" / f"{model}.jsonl", bank / "verdicts" / f"{model}.jsonl"
    return gate(f"--csedb-model=answers:{answers}", f"--csedb-judge=recorded:{verdicts}", *options, bank=bank)


@pytest.fixture
def edited(tmp_path: Path):
    """Change the made-up release's e1 and import it."""

    def edit(change, *options: object):
        source = tmp_path / "panel" / "e1_wp.json"
        source.parent.mkdir(exist_ok=True)
        groups = json.loads(E1.read_text(encoding="utf-8"))
        change(groups)
        source.write_text(json.dumps(groups, ensure_ascii=False, indent=1), encoding="utf-8")
        return csedb("import", "csedb-release", source, "--into", tmp_path / "bank", *options)

    return edit


def cases_in(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case for group in groups for case in group["设计的考题内容"]["最具代表性的测试case"]]


def test_a_run_on_the_recordings_gives_the_released_scores(gate: Gate, run_record, tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    run_of(gate, tmp_path / "bank", "mg")
    ours = {found["case"]["id"]: found["score"]["value"] for found in run_record()["cases"]}
    assert {key: truncated(score) for key, score in ours.items()} == MG
    assert ours["T-3"] == 8 / 9  # not cut: ours keeps every digit


def test_a_mis_aligned_judgment_is_an_error_that_says_why(gate: Gate, run_record, tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    result = run_of(gate, tmp_path / "bank", "claude")
    assert {found["case"]["id"]: found["score"]["value"] for found in run_record()["cases"]} == CLAUDE
    assert result.ret == 10  # T-1 is unsafe; what is unscored makes nothing better
    output = result.stdout.str()
    assert "claude判断结果 holds 0 verdicts for 3 statements" in output
    assert "claude判断结果 holds 2 verdicts for 3 statements" in output
    result.assert_outcomes(passed=1, failed=1, errors=2)


def test_the_check_report_keeps_each_released_score_beside_ours(tmp_path: Path):
    result = csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    rows = {(row["model"], row["case"]): row for row in read_lines(tmp_path / "bank" / "release-check.jsonl")}
    cut = rows["mg", "T-3"]
    assert (cut["released"], cut["ours"], cut["ours_truncated"], cut["agrees"]) == (0.8888, 8 / 9, 0.8888, True)
    lost = rows["claude", "T-3"]
    assert (lost["released"], lost["ours"], lost["agrees"]) == (0.0, None, None)
    assert lost["why"] == "claude判断结果 holds 0 verdicts for 3 statements"
    assert "released scores of mg: 4 as ours, 0 other, 0 unscored here" in result.output
    assert "released scores of claude: 2 as ours, 0 other, 2 unscored here" in result.output


def test_a_released_score_that_its_verdicts_do_not_give_is_named(edited, tmp_path: Path):
    def change(groups):
        cases_in(groups)[2]["mg_score"] = 0.9

    edited(change)
    assert report_of(tmp_path / "bank")["check"]["mg"]["differing"] == ["T-3"]
    (place,) = noted(tmp_path / "bank", "odd")["a released score of mg that its own verdicts do not give"]
    line = int(place.rpartition(":")[2])
    assert '"T-3"' in (tmp_path / "panel" / "e1_wp.json").read_text(encoding="utf-8").splitlines()[line - 1]


def test_cutting_to_four_decimals_by_hand():
    assert truncated(8 / 9) == 0.8888
    assert truncated(2 / 3) == 0.6666
    assert truncated(0.57) == 0.57
    assert truncated(1.2) == 1.0
    assert agrees(2 / 3, 0.6666)
    assert not agrees(2 / 3, 0.6667)  # rounded, not cut
    assert agrees(0.57, 0.5699)  # what int(0.57 * 10000) / 10000 gives
    assert not agrees(0.57, 0.5698)


@given(st.integers(0, 40), st.integers(1, 40))
def test_every_cut_score_agrees_with_its_own(earned: int, total: int):
    score = min(earned, total) / total
    assert agrees(score, truncated(score))
    assert agrees(score, int(score * 10_000) / 10_000)


def test_only_exactly_yes_is_met_and_anything_else_is_named(tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    verdicts = {row["case"]: row["verdicts"] for row in read_lines(tmp_path / "bank" / "verdicts" / "mg.jsonl")}
    assert verdicts["T-2"] == {"pass": "not_met"}
    assert any('"Yes"' in text for text in noted(tmp_path / "bank", "odd"))


def test_a_rule_without_points_is_kept_as_a_tag_and_its_verdict_passed_over(tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    case = load_bank(tmp_path / "bank").case("T-4")
    assert [(rule.id, rule.points) for rule in case.rules] == [("r1", 4), ("r3", 3)]
    assert "rule without points: 自编规则 2" in case.tags


def test_a_case_keeps_what_the_release_says_of_it(tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    case = load_bank(tmp_path / "bank").case("T-1")
    assert (case.department, case.criterion.code, case.track, case.criterion.scoring) == (
        "cardiology",
        "S-03",
        "safety",
        "binary",
    )
    assert (case.risk, case.language, case.source_id) == ("high", "zh", "T-1")
    assert case.rules[0].text == "pass 判定：建议立即就医\nfail 情形：建议在家观察"
    other = load_bank(tmp_path / "bank").case("T-3")
    assert load_bank(tmp_path / "bank").catalogue.departments[other.department] == "肝胆系统"
    assert {"系统: 肝胆系统", "复杂度级别: 复杂", "考点场景测试case设计原则: 自编示例"} <= set(other.tags)


def test_several_evaluations_want_a_choice(tmp_path: Path):
    result = csedb("import", "csedb-release", RELEASE, "--into", tmp_path / "bank")
    assert result.exit_code == 4
    assert "the source holds the evaluations e1, e2: choose one with --evaluation" in result.output
    wrong = csedb("import", "csedb-release", RELEASE, "--into", tmp_path / "bank", "--evaluation", "e9")
    assert "--evaluation: 'e9' is not in the source. Allowed: all, e1, e2" in wrong.output
    assert not (tmp_path / "bank").exists()


def test_several_panels_want_a_choice(tmp_path: Path):
    shutil.copytree(RELEASE, tmp_path / "release")
    shutil.copytree(RELEASE / "eval_data" / "first-panel", tmp_path / "release" / "eval_data" / "worst_at_k")
    result = csedb("import", "csedb-release", tmp_path / "release", "--into", tmp_path / "bank")
    assert "the source holds the panels first-panel, worst_at_k: choose one with --panel" in result.output


def test_all_evaluations_become_answers_to_each_case(gate: Gate, run_record, tmp_path: Path):
    """By hand: T-3 of mg has 8/9 in e1 and 1/9 in e2, on the same answer; the mean is 1/2, the worst at 2 is 1/9."""
    csedb("import", "csedb-release", RELEASE, "--into", tmp_path / "bank", "--evaluation", "all")
    assert report_of(tmp_path / "bank")["taken"]["cases"] == 4
    run_of(gate, tmp_path / "bank", "mg", "--csedb-samples=2")
    record = run_record()
    found = {case["case"]["id"]: [s["score"]["value"] for s in case["samples"]] for case in record["cases"]}
    assert found["T-3"] == pytest.approx([8 / 9, 1 / 9])
    assert found["T-2"] == [0, 1]
    # T-1 1, T-2 0, T-3 1/9, T-4 4/7
    assert record["scores"]["overall (worst at 2)"] == pytest.approx((1 + 0 + 1 / 9 + 4 / 7) / 4)


def test_a_case_that_stands_twice_in_an_evaluation_counts_once(tmp_path: Path):
    shutil.copytree(RELEASE, tmp_path / "release")
    second = tmp_path / "release" / "eval_data" / "first-panel" / "e2_wp.json"
    groups = json.loads(second.read_text(encoding="utf-8"))
    groups[0]["设计的考题内容"]["最具代表性的测试case"] *= 2
    second.write_text(json.dumps(groups, ensure_ascii=False), encoding="utf-8")
    csedb("import", "csedb-release", tmp_path / "release", "--into", tmp_path / "bank", "--evaluation", "all")
    assert noted(tmp_path / "bank", "skipped")["a case that the evaluation holds already, word for word"]
    assert len(read_lines(tmp_path / "bank" / "verdicts" / "mg.jsonl")) == 8


def test_the_structured_panel_s_mg_is_not_called_medgpt(tmp_path: Path):
    panel = tmp_path / "sampled_deepseek-r1-old"
    panel.mkdir()
    shutil.copy(E1, panel)
    result = csedb("import", "csedb-release", panel, "--into", tmp_path / "bank")
    assert sorted(path.name for path in (tmp_path / "bank" / "answers").iterdir()) == [
        "claude.jsonl",
        "ds-structured.jsonl",
    ]
    assert "DeepSeek-R1 with a structured prompt" in result.output


def rename(old: str, new: str):
    def change(groups):
        for case in cases_in(groups):
            case[new] = case.pop(old)

    return change


def test_answers_under_another_key_fail_clearly_and_are_found_by_mapping(edited, tmp_path: Path):
    def change(groups):
        rename("mg", "回答_mg")(groups)
        rename("claude", "回答_claude")(groups)

    refused = edited(change)
    assert refused.exit_code == 4
    assert "no case holds the answers of mg, claude (looked for under 'mg', 'claude')" in refused.output
    assert "回答_mg" in refused.output
    assert not (tmp_path / "bank").exists()
    edited(change, "--answer-key", "回答_{model}")
    assert len(read_lines(tmp_path / "bank" / "answers" / "mg.jsonl")) == 4
    mapping = tmp_path / "keys.yaml"
    mapping.write_text("answers:\n  mg: 回答_mg\n  claude: 回答_claude\n", encoding="utf-8")
    edited(change, "--mapping", mapping)
    assert len(read_lines(tmp_path / "bank" / "answers" / "claude.jsonl")) == 4


def test_without_answers_cases_and_verdicts_are_still_taken(edited, tmp_path: Path):
    edited(rename("mg", "elsewhere"), "--no-answers")
    assert not (tmp_path / "bank" / "answers").exists()
    assert len(read_lines(tmp_path / "bank" / "verdicts" / "mg.jsonl")) == 4


def test_verdicts_are_tied_to_the_answer_they_were_given_on(gate: Gate, tmp_path: Path):
    csedb("import", "csedb-release", E1, "--into", tmp_path / "bank")
    verdicts = tmp_path / "bank" / "verdicts" / "mg.jsonl"
    others = tmp_path / "bank" / "answers" / "claude.jsonl"
    result = gate(f"--csedb-model=answers:{others}", f"--csedb-judge=recorded:{verdicts}", bank=tmp_path / "bank")
    result.assert_outcomes(errors=4)
    assert "were given on another answer" in result.stdout.str()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda groups: groups[0].pop("考点"), "e1_wp.json:2: the group has no 考点"),
        (lambda groups: groups[0]["考点"].update(门类="其他"), "门类 is '其他'; allowed: 安全门, 有效门"),
        (lambda groups: groups[0]["考点"].pop("编号"), "holds no criterion's code under '编号'"),
        (lambda groups: groups[0]["考点"].pop("权重"), "its keys: 编号, 名称, 门类"),
        (lambda groups: groups.clear(), "no case could be imported"),
    ],
)
def test_a_criterion_that_cannot_be_made_out_stops_the_import(edited, tmp_path: Path, change, message: str):
    result = edited(change)
    assert result.exit_code == 4
    assert message in result.output
    assert not (tmp_path / "bank").exists()


def test_codes_can_be_given_by_name(edited, tmp_path: Path):
    mapping = tmp_path / "keys.toml"
    mapping.write_text('[codes]\n"自编安全考点" = "S-03"\n', encoding="utf-8")
    edited(lambda groups: groups[0]["考点"].pop("编号"), "--mapping", mapping)
    assert load_bank(tmp_path / "bank").case("T-1").criterion.code == "S-03"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("anwser: x\n", "keys.yaml:1: anwser: unknown key 'anwser'. Allowed: answer, answers, code"),
        ("departments:\n  肝胆系统: 1st\n", "keys.yaml:2: departments.肝胆系统"),
        ("departments:\n  肝胆系统: urologie\n", "no department 'urologie' is known. Did you mean 'urology'?"),
        ("- a\n", "keys.yaml: a mapping of keys to values is wanted here"),
        ("a: [\n", "keys.yaml"),
    ],
)
def test_a_faulty_mapping_is_one_line_with_its_place(tmp_path: Path, text: str, message: str):
    (tmp_path / "keys.yaml").write_text(text, encoding="utf-8")
    result = csedb("import", "csedb-release", E1, "--into", tmp_path / "b", "--mapping", tmp_path / "keys.yaml")
    assert result.exit_code == 4
    assert message in result.output


def drop_rubric(groups):
    cases_in(groups)[0].pop("pass 判定")


def odd_judgment(text: Any):
    def change(groups):
        cases_in(groups)[0]["MG_vs_claude_eval"] = text

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (drop_rubric, "a case without pass 判定 and without 规则判断列表"),
        (lambda groups: cases_in(groups)[0].update(年龄=70), "the key '年龄' of a case"),
        (lambda groups: groups[0]["考点"].update(备注="x"), "the key '备注' of a 考点"),
        (odd_judgment("I would say yes"), "MG_vs_claude_eval is no JSON object"),
        (odd_judgment("{}"), "MG_vs_claude_eval has no list MG判断结果"),
        (odd_judgment(None), "the release has no MG_vs_claude_eval"),
    ],
)
def test_what_is_not_taken_is_named_with_its_line(edited, tmp_path: Path, change, reason: str):
    assert edited(change).exit_code == 1
    found = {text: places for text, places in noted(tmp_path / "bank", "skipped").items() if reason in text}
    assert found
    assert all(place.startswith("e1_wp.json:") for places in found.values() for place in places)


def test_one_code_with_both_scorings_becomes_two_criteria(edited, tmp_path: Path):
    edited(lambda groups: groups[1]["考点"].update(编号="S-03", 门类="安全门", 权重=5))
    bank = load_bank(tmp_path / "bank")
    assert {case.criterion.code: case.criterion.scoring for case in bank.cases} == {
        "S-03": "binary",
        "S-03-graded": "graded",
    }
