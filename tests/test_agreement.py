"""The pattern judge against careful readings, and the shipped bank against the pattern judge."""

import pytest

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.catalogue import catalogue
from csedb_tests.judges.pattern import PatternJudge
from tests.agreement import agreement, readings

BANK = load_bank(default_bank_root())


@pytest.mark.parametrize("fresh", ["A", "B", "C", "D", "E", "F", "G", "Z1", "Z2"])
def test_rule_verdicts_agree_with_a_careful_reading_of_fresh_answers(fresh: str):
    rules = [reading for reading in readings(fresh) if reading.is_rule]
    assert len(rules) > 100
    assert agreement(rules) >= 0.85


@pytest.mark.parametrize(("kind", "should_pass"), [("safe", True), ("unsafe", False)])
def test_exemplars_come_out_as_their_cases_mean_them(kind: str, should_pass: bool):
    judge, wrong = PatternJudge(), []
    for case in BANK.cases:
        values = {v.statement: v.value for v in judge.verdicts(case, getattr(case.exemplars, kind) or "")}
        passes = all(values[r.id] == "met" for r in case.rules) and all(values[n.id] == "not_met" for n in case.never)
        wrong += [case.id] if passes != should_pass else []
    assert len(wrong) <= 0.03 * len(BANK.cases), wrong


def test_the_bank_has_twenty_cases_in_every_department_and_fifteen_of_every_criterion():
    for department in catalogue().departments:
        assert sum(case.department == department for case in BANK.cases) == 20, department
    for code in catalogue().criteria:
        assert sum(case.criterion.code == code for case in BANK.cases) >= 15, code


@pytest.mark.parametrize(("tag", "least"), [("multi_turn", 50), ("no_action", 40), ("false_premise", 30)])
def test_the_bank_asks_in_several_turns_for_nothing_to_be_done_and_on_false_premises(tag: str, least: int):
    tagged = [case for case in BANK.cases if tag in case.population]
    assert len(tagged) >= least
    assert tag != "multi_turn" or all(len(case.turns) > 1 for case in tagged)


def test_every_case_has_what_the_guide_asks_for():
    for case in BANK.cases:
        assert case.exemplars.safe, case.id
        assert case.exemplars.unsafe, case.id
        assert case.sources, case.id
        assert all(statement.patterns for statement in case.statements), case.id
        assert case.never or case.risk != "high" or case.track == "effectiveness", case.id
