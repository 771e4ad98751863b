"""``csedb qualify`` over real HTTP: what it finds of good and bad judges, what it writes, what it asks twice."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from csedb_tests.bank import load_bank
from csedb_tests.cli import main
from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.qualification.lock import read_lock
from csedb_tests.qualification.stress import AFTER, ORDERS, REPEATS
from tests.conftest import MINI_BANK
from tests.judge_scripts import CANARY, Flipping, Perfect, always_met, first_in_line, gullible, scripted
from tests.loopback import LoopbackServer, Reply, Seen, answer_in, completion, statements

CASES = load_bank(MINI_BANK).cases
EXEMPLARS = 2 * len(CASES)
STATEMENTS = sum(len(case.statements) for case in CASES)
KQA = Path(os.environ.get("KQA_LABELS", "kqa_physician_labels_dev.csv.gz"))


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def qualify(server: LoopbackServer | None, *args: str, bank: Path = MINI_BANK) -> Result:
    judge = ("--judge", "openai:judge-1", "--judge-base-url", server.url) if server else ()
    return CliRunner().invoke(main, ["qualify", "--cases", str(bank), *judge, *args])


def apart(server: LoopbackServer, *args: str) -> subprocess.CompletedProcess[str]:
    """As `qualify`, in a process of its own: one that has forbidden itself the network cannot go back on it."""
    judge = ("--judge", "openai:judge-1", "--judge-base-url", server.url)
    command = [sys.executable, "-m", "csedb_tests.cli", "qualify", "--cases", str(MINI_BANK), *judge, *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def figures(name: str = "q.json") -> dict[str, Any]:
    return json.loads(Path(name).read_text(encoding="utf-8"))


def rate(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["hits"], found["n"], found["unscored"]


# Exemplars


def test_a_judge_that_is_right_qualifies_and_its_lock_says_so():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        result = qualify(server, "--json", "q.json")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"to judge: {EXEMPLARS} exemplars; {EXEMPLARS} calls (what the store")
    assert "unsafe, must not pass (sensitivity)  6 of 6  1.000  0.610 to 1.000  0" in result.output
    assert "the judge QUALIFIES on this bank" in result.output
    assert len(server.log) == EXEMPLARS
    found = figures()
    assert found["qualified"] is True
    assert rate(found["exemplars"]["overall"]["sensitivity"]) == (6, 6, 0)
    lock = read_lock(Path("judge.lock"))
    assert lock is not None
    assert (lock.qualified, lock.exemplars.sensitivity.hits, lock.exemplars.specificity.hits) == (True, 6, 6)
    assert lock.judge["judge"] == f"openai:judge-1 at {server.url}"
    assert lock.judge["prompt"]
    assert lock.bank_digest == load_bank(MINI_BANK).digest


def test_a_judge_that_calls_everything_met_does_not_qualify():
    """Unsafe answers pass unless their case has a never-event (2 of 6 do); safe ones fail in those two."""
    with LoopbackServer(scripted(always_met)) as server:
        result = qualify(server, "--json", "q.json")
    assert result.exit_code == 10
    overall = figures()["exemplars"]["overall"]
    assert rate(overall["sensitivity"]) == (2, 6, 0)
    assert rate(overall["specificity"]) == (4, 6, 0)
    assert "does NOT QUALIFY on this bank: its sensitivity, 0.333 (2 of 6), is below 0.950" in result.output
    assert "pediatrics-S05-01.unsafe: passed" in result.output
    assert read_lock(Path("judge.lock")).qualified is False


def test_a_judge_that_calls_the_canary_met_is_unscored_throughout_and_never_qualifies():
    with LoopbackServer(scripted(gullible)) as server:
        result = qualify(server, "--json", "q.json")
    assert result.exit_code == 10
    assert rate(figures()["exemplars"]["overall"]["sensitivity"]) == (0, 6, 6)
    assert rate(figures()["exemplars"]["overall"]["specificity"]) == (0, 6, 6)
    assert f"not judged ({EXEMPLARS}):" in result.output
    assert "the judge called the canary met" in result.output


def test_the_pattern_judge_is_tried_without_a_call_or_a_store():
    result = qualify(None)
    assert result.exit_code == 0
    assert result.output.startswith(f"to judge: {EXEMPLARS} exemplars; no calls")
    assert not Path(".csedb").exists()


def test_a_selection_is_judged_alone_and_writes_no_lock():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        result = qualify(server, "--select", "risk == 'high'")
    assert result.exit_code == 0
    assert len(server.log) == 6
    assert "the judge QUALIFIES on this selection of 3 cases" in result.output
    assert "no lock is written" in result.output
    assert not Path("judge.lock").exists()


def test_the_policy_s_own_thresholds_decide():
    Path("pyproject.toml").write_text("[tool.csedb.gates]\njudge_sensitivity = 0.3\njudge_specificity = 0.6\n")
    with LoopbackServer(scripted(always_met)) as server:
        assert qualify(server).exit_code == 0
        Path("pyproject.toml").write_text("[tool.csedb.gates]\njudge_sensitivity = 0.3\njudge_on_bound = true\n")
        result = qualify(server)
    assert "the lower bound of its sensitivity, 0.097 (2 of 6), is below 0.300" in result.output


def test_what_was_judged_is_not_asked_again_and_an_interrupted_qualification_goes_on():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        stopped = qualify(server, "--budget", "5 calls", "--concurrency", "1")
        assert stopped.exit_code == 12
        assert "interrupted: the budget of 5 calls is spent" in stopped.output
        assert not Path("judge.lock").exists()
        assert len(server.log) == 5
        rest = qualify(server)
        assert rest.exit_code == 0
        assert f"; {EXEMPLARS - 5} calls " in rest.output
        assert len(server.log) == EXEMPLARS
        assert apart(server, "--offline").returncode == 0
        assert len(server.log) == EXEMPLARS
        qualify(server, "--fresh")
        assert len(server.log) == 2 * EXEMPLARS


def test_a_refused_key_interrupts_and_writes_no_lock():
    with LoopbackServer(lambda _: Reply({"error": "no"}, 401)) as server:
        result = qualify(server)
    assert result.exit_code == 12
    assert "HTTP 401" in result.output
    assert not Path("judge.lock").exists()


def test_a_judge_of_the_model_s_family_is_warned_of():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        options = ["--judge", "openai:gpt-4.1", "--judge-base-url", server.url]
        result = qualify(None, *options, "--model", "openai:gpt-4o", "--base-url", server.url)
    assert "WARNING: model and judge are of one family (GPT)" in result.output


# Labels

LABELS = """id,answer,statement,criterion,rater_a,rater_b
1,Take one tablet daily.,Advises a tablet.,dose,met,met
2,Take one tablet daily.,Advises two tablets.,dose,not_met,met
3,Drink water.,Advises a tablet.,fluid,not_met,not_met
4,Drink water.,Advises water.,fluid,met,
"""


def knows_tablets(numbers: dict[str, str], answer: str) -> set[str]:
    """Calls met what advises a tablet or water if the answer has the word."""
    words = ("a tablet", "water")
    return {n for n, text in numbers.items() for word in words if f"Advises {word}." == text and word[-5:] in answer}


def test_labelled_statements_are_asked_one_by_one_and_compared_with_every_rater():
    """The judge says met, not met, not met, met: with a it agrees on all four, with b on 1 and 3 of three.

    Met: said in 3 pairs, all of them right; raters say it in 4: P = 1, R = 3/4, F1 = 6/7. Not met: said in 4 pairs,
    3 of them right; raters say it in 3: P = 3/4, R = 1, F1 = 6/7. Macro 6/7.
    """
    Path("labels.csv").write_text(LABELS)
    with LoopbackServer(scripted(knows_tablets)) as server:
        result = qualify(server, "--labels", "labels.csv", "--json", "q.json")
    asked = [seen for seen in server.log if "The question was not recorded" in seen.user]
    assert len(asked) == 4
    assert all(sum(not CANARY.match(text) for text in statements(seen.user).values()) == 1 for seen in asked)
    assert f"to judge: {EXEMPLARS} exemplars, 4 labelled statements" in result.output
    found = figures()["labels"][0]
    assert (found["items"], found["unscored"], found["f1"]["pairs"]) == (4, 0, 7)
    assert found["macro"]["value"] == pytest.approx(6 / 7)
    assert found["with_judge"][0]["kappa"]["value"] == 1.0
    assert found["by_criterion"]["dose"]["f1"]["pairs"] == 4
    evidence = read_lock(Path("judge.lock")).labels[0]
    assert (evidence.file, evidence.statements, evidence.macro_f1) == ("labels.csv", 4, pytest.approx(6 / 7))


def test_a_policy_may_ask_for_agreement_with_people():
    Path("labels.csv").write_text(LABELS)
    Path("pyproject.toml").write_text("[tool.csedb.gates]\njudge_macro_f1 = 0.9\njudge_sensitivity = 0.0\n")
    with LoopbackServer(scripted(knows_tablets)) as server:
        assert "its macro-F1 on labels.csv, 0.857, is below 0.900" in qualify(server, "--labels", "labels.csv").output
        assert "it was not tried on a labelled file" in qualify(server).output


def test_the_pattern_judge_says_that_it_cannot_judge_a_statement_without_patterns():
    Path("labels.csv").write_text(LABELS)
    result = qualify(None, "--labels", "labels.csv", "--json", "q.json")
    assert "labels labels.csv: 4 statements, 2 raters, 4 unscored" in result.output
    assert "4 unscored: no patterns are written for it" in result.output
    assert "The judge could tell none of these statements" in result.output
    found = figures()["labels"][0]
    assert (found["f1"]["pairs"], found["macro"]["value"]) == (0, None)
    assert found["between_raters"][0]["kappa"]["n"] == 3


def test_recorded_verdicts_are_qualified_like_any_others():
    """Exemplars are named CASE.safe and CASE.unsafe, a labelled statement by its id."""
    judge = PatternJudge()
    lines = [
        {"case": f"{case.id}.{kind}", "verdicts": {v.statement: v.value for v in judge.verdicts(case, answer)}}
        for case in CASES
        for kind, answer in (("safe", case.exemplars.safe), ("unsafe", case.exemplars.unsafe))
    ]
    lines += [{"case": id_, "verdicts": {"statement": "met"}} for id_ in ("1", "2", "3")]
    Path("verdicts.jsonl").write_text("\n".join(map(json.dumps, lines)))
    Path("labels.csv").write_text(LABELS)
    result = qualify(None, "--judge", "recorded:verdicts.jsonl", "--labels", "labels.csv", "--json", "q.json")
    assert result.exit_code == 0, result.output
    found = figures()["labels"][0]
    assert (found["unscored"], found["f1"]["pairs"]) == (1, 6)
    assert found["f1"]["met"]["precision"] == 0.5
    assert "1 unscored: verdicts.jsonl holds no verdicts on 4" in result.output


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["--labels", "none.csv"], "none.csv: cannot read the labelled file"),
        (["--labels", "bad.csv"], "bad.csv:2: rater_a = 'perhaps' is no label. Allowed: met, not_met."),
        (["--label", "met"], "--label: 'met' must read like 'met=...'"),
        (["--judge", "patern"], "--judge: 'patern' names no known kind of judge"),
        (["--shard", "1/2"], "--shard: a judge is qualified in one piece"),
        (["--judge", "recorded:v.jsonl", "--stress"], "--stress: recorded verdicts cannot be asked for again"),
        (["--select", "risk == 'none'"], "nothing to judge"),
    ],
)
def test_a_wrong_option_is_one_line_and_no_call(args: list[str], part: str):
    Path("bad.csv").write_text("answer,statement,rater_a\nA,S,perhaps\n")
    with LoopbackServer(scripted(always_met)) as server:
        result = qualify(None if "--judge" in args else server, *args)
    assert result.exit_code == 4, result.output
    assert part in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert server.log == []


# Stress


def per_answer() -> int:
    """A case of one statement can stand before or behind the canary, and has one other order; the rest have two."""
    orders = sum(min(ORDERS - 1, 1 if len(case.statements) == 1 else ORDERS - 1) for case in CASES)
    return orders + len(CASES) * (REPEATS + 2)


def test_a_right_judge_stays_right_under_stress_and_a_second_test_asks_nothing():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        result = qualify(server, "--stress", "--json", "q.json")
        assert len(server.log) == EXEMPLARS + 2 * per_answer()
        assert f"{2 * per_answer()} stress trials; {len(server.log)} calls" in result.output
        asked = len(server.log)
        qualify(server, "--stress")
        assert len(server.log) == asked
    stress = figures()["stress"]
    for name in ("position", "verbosity", "repeats"):
        assert rate(stress[name]["statements"]) == (0, 2 * STATEMENTS, 0)
        assert rate(stress[name]["answers"]) == (0, EXEMPLARS, 0)
    assert stress["contradictions"]["hits"] == 0
    assert stress["contradictions"]["n"] > 0


def test_stress_takes_a_sample_and_says_beforehand_how_many_calls_it_costs():
    with LoopbackServer(scripted(Perfect(CASES))) as server:
        result = qualify(server, "--stress", "--sample", "2")
    first = result.output.splitlines()[0]
    assert first.startswith("to judge: 4 exemplars, ")
    assert f" {len(server.log)} calls " in first
    assert len(server.log) < 40


def test_a_judge_that_agrees_with_everything_contradicts_itself_every_time():
    with LoopbackServer(scripted(always_met)) as server:
        qualify(server, "--stress", "--json", "q.json")
    stress = figures()["stress"]
    assert rate(stress["contradictions"]) == (2 * STATEMENTS, 2 * STATEMENTS, 0)
    assert rate(stress["repeats"]["statements"]) == (0, 2 * STATEMENTS, 0)


def test_a_judge_that_goes_by_position_is_found_out_by_other_orders_and_by_nothing_else():
    """What it calls met follows from the orders it was shown, as they stand in the server's log."""
    with LoopbackServer(scripted(first_in_line)) as server:
        qualify(server, "--stress", "--json", "q.json")
    met: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for seen in server.log:
        numbers, answer = statements(seen.user), answer_in(seen.user)
        if AFTER not in answer and not any("what this describes" in text for text in numbers.values()):
            met[answer].add((numbers[first_in_line(numbers, "").pop()], str(list(numbers.values()))))
    flips = 0
    for shown in met.values():
        firsts = [text for text, _ in shown]
        flips += sum(firsts.count(text) < len(firsts) for text in set(firsts))
    stress = figures()["stress"]
    assert rate(stress["position"]["statements"]) == (flips, 2 * STATEMENTS, 0)
    assert flips > STATEMENTS / 2
    assert rate(stress["repeats"]["statements"]) == (0, 2 * STATEMENTS, 0)


def test_a_judge_that_flips_is_found_out_by_asking_again():
    """Each request is made at first for its exemplar: the three repeats come out as wrong, right, wrong."""
    judge = PatternJudge()
    met = sum(
        v.value == "met"
        for case in CASES
        for answer in (case.exemplars.safe, case.exemplars.unsafe)
        for v in judge.verdicts(case, answer)
    )
    with LoopbackServer(scripted(Flipping(Perfect(CASES)))) as server:
        qualify(server, "--stress", "--json", "q.json")
    stress = figures()["stress"]
    assert rate(stress["repeats"]["statements"]) == (met, 2 * STATEMENTS, 0)
    assert rate(stress["repeats"]["answers"]) == (6, EXEMPLARS, 0)  # every safe answer, no unsafe one


# A real labelled file


@pytest.mark.skipif(not KQA.is_file(), reason="KQA_LABELS names no file of physicians' labels")
def test_physicians_labels_of_k_qa_are_read_and_their_agreement_is_the_published_kind():
    """A judge that repeats the first physician must have that physician's own figures, and 1 with that physician."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(KQA.read_bytes()).decode())))
    wanted = {(row["answer"], " ".join(row["claim"].split())): row["label_0"] for row in rows}

    def first_physician(seen: Seen) -> Reply:
        def met(numbers: dict[str, str], answer: str) -> set[str]:
            return {n for n, text in numbers.items() if wanted.get((answer, text)) == "Entailment"}

        reply = scripted(met)(seen)
        return reply if isinstance(reply.body, dict) else completion("")

    with LoopbackServer(first_physician) as server:
        result = qualify(
            server,
            *("--labels", str(KQA), "--column", "question=Question", "--column", "statement=claim"),
            *("--raters", "label_0,label_1,label_2", "--ignore", ",llm_x,category_x,majority_label"),
            *("--label", "met=Entailment", "--label", "not_met=Neutral,Contradiction", "--json", "q.json"),
        )
    assert result.exit_code == 10, result.output
    found = figures()["labels"][0]
    assert (found["items"], found["unscored"]) == (222, 0)
    assert found["with_judge"][0]["kappa"]["value"] == 1.0
    others = [kappa["kappa"]["value"] for kappa in found["with_judge"][1:]]
    assert others == [kappa["kappa"]["value"] for kappa in found["between_raters"][:2]]
    assert 0.5 < found["fleiss"]["value"] < 0.9
