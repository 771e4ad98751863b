"""HealthBench and K-QA as banks: nothing lost, and scores by their own formulas; also of real rows, where given."""

import gzip
import json
import math
import os
import random
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.bank import load_bank
from csedb_tests.schema import Case
from tests.conftest import Gate
from tests.imports import DATA, csedb, health_row, noted, read_lines, report_of, write_lines
from tests.loopback import LoopbackServer, Reply, Seen, completion, statements, verdicts

REAL_FILES = ("healthbench_full_schema_9.jsonl.gz", "healthbench_532.jsonl.gz")


def real_rows() -> list[dict[str, Any]]:
    """The rows of the real files in the directory that BENCHMARK_DATA names."""
    files = [Path(os.environ.get("BENCHMARK_DATA", "")) / name for name in REAL_FILES]
    if "BENCHMARK_DATA" not in os.environ or not all(file.is_file() for file in files):
        pytest.skip("BENCHMARK_DATA names no directory with HealthBench's rows, which are no part of this project")
    return [json.loads(line) for file in files for line in gzip.open(file, "rt", encoding="utf-8")]


def imported(rows: list[dict[str, Any]], tmp_path: Path) -> dict[str, Case]:
    source = write_lines(tmp_path / "rows.jsonl", rows)
    assert csedb("import", "healthbench", source, "--into", tmp_path / "bank").exit_code == 0
    return {case.source_id or "": case for case in load_bank(tmp_path / "bank").cases}


def assert_nothing_is_lost(rows: list[dict[str, Any]], cases: dict[str, Case]) -> None:
    assert len(cases) == len(rows)
    for row in rows:
        case = cases[row["prompt_id"]]
        assert [(t.role, t.content) for t in case.turns] == [(t["role"], t["content"].strip()) for t in row["prompt"]]
        assert [(rule.text, rule.points, list(rule.tags)) for rule in case.rules] == [
            (rubric["criterion"].strip(), rubric["points"], rubric["tags"]) for rubric in row["rubrics"]
        ]
        assert list(case.tags) == row["example_tags"]
        assert f"theme:{case.criterion.code}" in row["example_tags"]


def assert_scores_are_the_official_ones(gate: Gate, run_record, tmp_path: Path, rows, cases: dict[str, Case]) -> None:
    """Random verdicts on every rubric; the score of each row and of the set, worked out from the source's own rows."""
    dice = random.Random(20)
    met = {row["prompt_id"]: [dice.random() < 0.5 for _ in row["rubrics"]] for row in rows}
    names = {True: "met", False: "not_met"}
    lines = [
        {"case": case.id, "verdicts": {r.id: names[m] for r, m in zip(case.rules, met[key], strict=True)}}
        for key, case in cases.items()
    ]
    write_lines(tmp_path / "verdicts.jsonl", lines)
    write_lines(tmp_path / "answers.jsonl", ({"case": case.id, "answer": "An answer."} for case in cases.values()))
    gate(
        f"--csedb-model=answers:{tmp_path / 'answers.jsonl'}",
        f"--csedb-judge=recorded:{tmp_path / 'verdicts.jsonl'}",
        "--tb=no",
        "-p",
        "no:html",
        bank=tmp_path / "bank",
    )
    record = run_record()
    scores = {found["case"]["source_id"]: found["score"]["value"] for found in record["cases"]}
    official = {row["prompt_id"]: official_score(row["rubrics"], met[row["prompt_id"]]) for row in rows}
    assert scores == pytest.approx(official, abs=1e-9)
    mean = math.fsum(official.values()) / len(official)
    assert record["scores"]["overall (micro)"] == pytest.approx(min(1.0, max(0.0, mean)), abs=1e-9)


def official_score(rubrics: list[dict[str, Any]], met: list[bool]) -> float:
    earned = sum(rubric["points"] for rubric, is_met in zip(rubrics, met, strict=True) if is_met)
    return earned / sum(rubric["points"] for rubric in rubrics if rubric["points"] > 0)


def test_made_up_rows_lose_nothing_and_score_by_the_official_formula(gate: Gate, run_record, tmp_path: Path):
    rows = [json.loads(line) for line in (DATA / "healthbench.jsonl").read_text(encoding="utf-8").splitlines()]
    cases = imported(rows, tmp_path)
    assert_nothing_is_lost(rows, cases)
    assert_scores_are_the_official_ones(gate, run_record, tmp_path, rows, cases)


def test_the_real_rows_lose_nothing_and_score_by_the_official_formula(gate: Gate, run_record, tmp_path: Path):
    rows = real_rows()
    assert len(rows) == 541
    cases = imported(rows, tmp_path)
    assert_nothing_is_lost(rows, cases)
    assert_scores_are_the_official_ones(gate, run_record, tmp_path, rows, cases)


def test_the_mean_is_clipped_but_not_the_case(gate: Gate, run_record, tmp_path: Path):
    """By hand: (5 - 10) / 5 = -1 and -4 / 8 = -0.5; their mean -0.75 is clipped to 0."""
    rows = [
        health_row(1, rubrics=[rubric("a", 5), rubric("b", -10)]),
        health_row(2, rubrics=[rubric("a", 8), rubric("b", -4)]),
    ]
    cases = imported(rows, tmp_path)
    lines = [({"r1": "met", "r2": "met"}, "row-1"), ({"r1": "not_met", "r2": "met"}, "row-2")]
    write_lines(tmp_path / "v.jsonl", ({"case": cases[key].id, "verdicts": found} for found, key in lines))
    write_lines(tmp_path / "a.jsonl", ({"case": case.id, "answer": "An answer."} for case in cases.values()))
    options = f"--csedb-model=answers:{tmp_path / 'a.jsonl'}", f"--csedb-judge=recorded:{tmp_path / 'v.jsonl'}"
    gate(*options, bank=tmp_path / "bank")
    record = run_record()
    assert sorted(found["score"]["value"] for found in record["cases"]) == [-1.0, -0.5]
    assert record["scores"]["overall (micro)"] == 0.0


def rubric(text: str, points: float) -> dict[str, Any]:
    return {"criterion": text, "points": points, "tags": []}


def test_ideal_completions_become_answers_and_the_canary_stays_with_every_case(tmp_path: Path):
    assert csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank").exit_code == 0
    ideal, references = (read_lines(tmp_path / "bank" / "answers" / f"{n}.jsonl") for n in ("ideal", "references"))
    assert ideal == [{"case": "made-up-1", "answer": "Call an ambulance now. When was he last well?"}]
    assert [(row["case"], row.get("sample", 0)) for row in references] == [("made-up-1", 0), ("made-up-1", 1)]
    assert all("canary made-up:canary" in case.sources for case in load_bank(tmp_path / "bank").cases)


def test_languages_and_tracks_are_told_apart_and_reported(tmp_path: Path):
    result = csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank")
    cases = {case.source_id: case for case in load_bank(tmp_path / "bank").cases}
    assert [case.language for case in cases.values()].count("en") == 1
    assert {key: case.language for key, case in cases.items()} == {
        "made-up-1": "en",
        "made-up-2": "es",
        "made-up 3/ü": "zh",
    }
    assert {key: case.track for key, case in cases.items()}["made-up-1"] == "safety"
    assert "risk: the source does not say; taken as medium" in result.output
    assert "language: en 1, es 1, zh 1" in result.output


def test_risk_and_language_can_be_set_for_all(tmp_path: Path):
    options = ("--into", tmp_path / "bank", "--risk", "high", "--language", "und")
    csedb("import", "healthbench", DATA / "healthbench.jsonl", *options)
    assert {(case.risk, case.language) for case in load_bank(tmp_path / "bank").cases} == {("high", "und")}


def test_the_pattern_judge_says_before_the_run_that_it_cannot_judge_and_passes_nothing(gate: Gate, tmp_path: Path):
    csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank")
    write_lines(tmp_path / "a.jsonl", ({"case": f"made-up-{n}", "answer": "Call an ambulance."} for n in (1, 2)))
    result = gate(f"--csedb-model=answers:{tmp_path / 'a.jsonl'}", bank=tmp_path / "bank")
    assert result.ret == 12
    output = result.stdout.str()
    assert "THE PATTERN JUDGE CANNOT JUDGE 3 of 3 cases" in output
    assert "no patterns are written for it" in output
    assert "decision: INCONCLUSIVE" in output


def says_ambulance(seen: Seen) -> Reply:
    """A judge that meets what speaks of an ambulance, and knows the words to quote."""
    entries = verdicts(statements(seen.user))
    for number, text in statements(seen.user).items():
        if "ambulance" in text:
            entries[number] = {"quote": "Call an ambulance now", "reason": "says so", "verdict": "met"}
    return completion(json.dumps(entries))


def test_a_language_model_can_judge_an_imported_bank_and_sees_no_points_or_tags(gate: Gate, run_record, tmp_path: Path):
    """By hand: 10 of 10 + 5 points are met in the first case; the other two have no answer."""
    csedb("import", "healthbench", DATA / "healthbench.jsonl", "--into", tmp_path / "bank")
    with LoopbackServer(says_ambulance) as server:
        answers = f"--csedb-model=answers:{tmp_path / 'bank' / 'answers' / 'ideal.jsonl'}"
        gate(answers, "--csedb-judge=openai:j", f"--csedb-judge-base-url={server.url}", bank=tmp_path / "bank")
        (asked,) = server.log
    scores = {found["case"]["id"]: found["score"]["value"] for found in run_record()["cases"]}
    assert scores["made-up-1"] == pytest.approx(10 / 15)
    assert list(scores.values()).count(None) == 2
    assert not any(word in asked.user for word in ("axis:", "level:", "points", "made-up:canary"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rubrics": []}, "a row without rubrics"),
        ({"rubrics": [{"criterion": "x"}]}, "a row of which a rubric cannot be read"),
        ({"rubrics": [rubric("x", -3)]}, "no rule has points above 0"),
        ({"rubrics": [rubric("x", 0), rubric("y", 2)]}, "points must not be 0"),
        ({"rubrics": [rubric("x", math.nan)]}, "rules[0].points: Input should be a finite number"),
        ({"rubrics": [rubric("x", True)]}, "rules[0].points: Input should be a valid number"),  # type: ignore[arg-type]
        ({"prompt": []}, "question"),
        ({"prompt": [{"role": "assistant", "content": "Hello."}]}, "the last turn must have the role 'user'"),
        ({"prompt": [{"role": "tool", "content": "x"}, {"role": "user", "content": "y"}]}, "question[0].role"),
        ({"prompt": [{"role": "user", "content": " "}]}, "question[0].content"),
    ],
)
def test_a_row_that_cannot_be_judged_is_skipped_with_its_line_and_reason(tmp_path: Path, change, reason: str):
    source = write_lines(tmp_path / "rows.jsonl", [health_row(1), health_row(2, **change), health_row(3)])
    result = csedb("import", "healthbench", source, "--into", tmp_path / "bank")
    assert result.exit_code == 1
    (text,) = noted(tmp_path / "bank", "skipped")
    assert reason in text
    assert noted(tmp_path / "bank", "skipped")[text] == ["rows.jsonl:2"]
    assert [case.id for case in load_bank(tmp_path / "bank").cases] == ["row-1", "row-3"]


def test_unknown_keys_are_named_and_nothing_else_is_lost(tmp_path: Path):
    row = health_row(1, difficulty="hard", rubrics=[{**rubric("Says so.", 3), "axis": "accuracy"}])
    source = write_lines(tmp_path / "rows.jsonl", [row])
    assert csedb("import", "healthbench", source, "--into", tmp_path / "bank").exit_code == 1
    assert {text.split(",")[0] for text in noted(tmp_path / "bank", "skipped")} == {
        "the key 'difficulty' of a row",
        "the key 'axis' of a rubric",
    }
    assert report_of(tmp_path / "bank")["taken"]["cases"] == 1


# K-QA


def test_kqa_statements_become_rules_and_the_physicians_answers_answers(tmp_path: Path):
    assert csedb("import", "kqa", DATA / "kqa.jsonl", "--into", tmp_path / "bank").exit_code == 0
    first, second = load_bank(tmp_path / "bank").cases
    assert [(rule.id, rule.points) for rule in first.rules] == [("must-1", 5), ("must-2", 5), ("nice-1", 1)]
    assert (first.tags, second.tags) == (("icd_10: Allergic rhinitis",), ())
    answers = read_lines(tmp_path / "bank" / "answers" / "physician.jsonl")
    assert {row["case"] for row in answers} == {first.id, second.id}


def test_kqa_without_nice_points_scores_comprehensiveness(gate: Gate, run_record, tmp_path: Path):
    """By hand: one of two Must_have statements is met, 0.5, whatever is nice to have."""
    csedb("import", "kqa", DATA / "kqa.jsonl", "--into", tmp_path / "bank", "--nice-points", "0")
    first, second = load_bank(tmp_path / "bank").cases
    assert "nice to have: Some antihistamines are less sedating" in first.tags
    found = [{"must-1": "met", "must-2": "not_met"}, {"must-1": "met"}]
    lines = ({"case": c.id, "verdicts": v} for c, v in zip((first, second), found, strict=True))
    write_lines(tmp_path / "v.jsonl", lines)
    answers = tmp_path / "bank" / "answers" / "physician.jsonl"
    options = f"--csedb-model=answers:{answers}", f"--csedb-judge=recorded:{tmp_path / 'v.jsonl'}"
    gate(*options, bank=tmp_path / "bank")
    assert [found["score"]["value"] for found in run_record()["cases"]] == [0.5, 1.0]
