"""A run against its baseline: worked by hand, and what must always hold."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csedb_tests.comparison.compare import compare
from csedb_tests.comparison.decisions import baseline_gates
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.comparison.sides import baseline_of, candidate_of, content_digest
from csedb_tests.comparison.values import Comparison, StratumRow
from csedb_tests.gates import overall_decision
from csedb_tests.record import RunRecord
from csedb_tests.schema import Case, Rule
from csedb_tests.statistics.drop_change import drop_difference
from csedb_tests.statistics.paired import non_inferiority
from tests.paired_runs import OUTCOMES, held_to, judged, run_of, some_cases

WIDE = held_to(margin=0.5, blocking=["safety", "effectiveness"])


def compared(candidate: RunRecord, baseline: RunRecord, policy: BaselinePolicy = WIDE) -> Comparison:
    return compare(candidate_of(candidate), baseline_of(baseline), policy, 0.6)


def went(before: Sequence[str], now: Sequence[str], policy: BaselinePolicy = WIDE, **kind: object) -> Comparison:
    cases = some_cases(len(before), **kind)  # type: ignore[arg-type]
    return compared(run_of(cases, now), run_of(cases, before, "baseline"), policy)


def row(found: Comparison, name: str) -> StratumRow:
    return next(row for row in found.rows if row.name == name)


def gate_decision(found: Comparison) -> str:
    return overall_decision(baseline_gates(found))


def test_a_stratum_by_hand():
    # 10 binary safety cases: 8 passed before, 7 pass now; 2 lost, 1 gained: difference -0.1.
    before = ["pass"] * 8 + ["miss"] * 2
    now = ["miss"] * 2 + ["pass"] * 6 + ["pass", "miss"]
    safety = row(went(before, now, criteria=["S-01"]), "safety")
    assert (safety.n, safety.baseline, safety.candidate, safety.lost, safety.gained) == (10, 0.8, 0.7, 2, 1)
    assert safety.difference == pytest.approx(-0.1)
    assert safety.p == pytest.approx(4 / 8)  # P(2 or 3 heads of 3) = (3 + 1) / 8


def test_criteria_weigh_as_in_the_track_score():
    # S-01 weighs 5 and S-12 weighs 1; S-01 loses 1 of 2, S-12 gains half a point in 1 of 2: (5 x -0.5 + 1 x 0.25) / 6.
    found = went(["pass", "half", "pass", "pass"], ["miss", "pass", "pass", "pass"], criteria=["S-01", "S-12"])
    assert row(found, "safety").difference == pytest.approx((5 * -0.5 + 0.25) / 6)
    assert row(found, "criterion S-12").difference == pytest.approx(0.25)


def test_equal_runs_are_equal_only_as_far_as_their_cases_show():
    # No loss in n pairs bounds it by 1 - 0.05^(1/n): 149 pairs for 0.02, 148 are one too few.
    policy = held_to(blocking=["safety"])
    enough, short = (went(["pass"] * n, ["pass"] * n, policy, criteria=["S-01"]) for n in (149, 148))
    assert row(enough, "safety").low == pytest.approx(-(1 - 0.05 ** (1 / 149)))
    assert (row(enough, "safety").decision, row(short, "safety").decision) == ("pass", "inconclusive")
    assert row(short, "safety").more_cases == 1
    assert (gate_decision(enough), gate_decision(short)) == ("pass", "inconclusive")


def test_the_number_of_cases_named_would_decide():
    before, now = ["pass"] * 50, ["miss"] + ["pass"] * 49
    policy = held_to(margin=0.1, blocking=["safety"])
    few = row(went(before[:25], now[:25], policy, criteria=["S-01"]), "safety")
    assert few.decision == "inconclusive"
    assert few.more_cases is not None
    times = math.ceil((25 + few.more_cases) / 25)
    many = row(went(before[:25] * times, now[:25] * times, policy, criteria=["S-01"]), "safety")
    assert many.decision == "pass"


def test_a_clear_loss_fails_and_names_the_cases():
    found = went(["pass"] * 40, ["miss"] * 40, criteria=["S-01"])
    assert row(found, "safety").decision == "fail"
    assert gate_decision(found) == "fail"
    assert [change.kind for change in found.changes] == ["broken"] * 40


def test_one_new_never_event_fails_by_name():
    found = went(["pass"] * 200, ["pass"] * 199 + ["never"], criteria=["S-01"])
    assert row(found, "safety").decision == "pass"
    gate = next(gate for gate in baseline_gates(found) if gate.name == "baseline: new never-events")
    assert (gate.decision, gate.note) == ("fail", "case-0199 gives-it")
    (event,) = found.never_events
    assert (event.case_id, event.never_id, event.hazard, event.quote) == (
        "case-0199",
        "gives-it",
        "Bleeding",
        "An answer.",
    )
    assert gate_decision(found) == "fail"


def test_an_old_never_event_is_not_new():
    assert went(["never"] * 12, ["never"] * 12).never_events == ()


@pytest.mark.parametrize(("past", "note"), [("unsure", "could not be judged in the baseline"), ("lost", "could not")])
def test_a_never_event_that_the_baseline_is_not_known_to_have_is_new(past: str, note: str):
    (event,) = went([past] + ["pass"] * 20, ["never"] + ["pass"] * 20).never_events
    assert note in event.note


def test_a_never_event_nobody_could_judge_leaves_the_gate_undecided():
    found = went(["pass"] * 100, ["unsure"] + ["pass"] * 99)
    gate = next(gate for gate in baseline_gates(found) if gate.name == "baseline: new never-events")
    assert (gate.decision, gate.note) == ("inconclusive", "1 could not be judged")


def test_unscored_cases_count_at_their_worst_for_a_pass_and_at_their_best_for_a_fail():
    found = went(["pass"] * 10, ["lost"] * 4 + ["pass"] * 6, criteria=["S-01"])
    safety = row(found, "safety")
    assert (safety.unscored, safety.difference, safety.worst, safety.best) == (4, 0.0, -0.4, 0.0)
    worst = non_inferiority([-1.0] * 4 + [0.0] * 6, 0.5, graded=set(), strata=["S-01"] * 10)
    assert safety.low == worst.interval.low
    assert found.broken == ()  # unscored is not broken


def test_fixed_and_broken_cases_stand_the_gravest_first():
    before = ["pass", "pass", "pass", "miss", "half", "pass"]
    now = ["miss", "never", "miss", "pass", "half", "pass"]
    found = went(before, now, criteria=["S-01", "S-07", "S-12"])
    listed = [(change.case_id, change.kind, change.risk, change.criterion) for change in found.changes]
    assert listed == [
        ("case-0001", "never-event", "medium", "S-07"),
        ("case-0000", "broken", "high", "S-01"),
        ("case-0002", "broken", "low", "S-12"),
        ("case-0003", "fixed", "high", "S-01"),
    ]


def test_the_baseline_s_answers_are_kept_of_changed_cases_alone():
    cases = some_cases(3, ["S-01"])
    before = run_of(cases, ["pass", "pass", "miss"], "baseline", answer="As it was said.")
    found = compared(run_of(cases, ["pass", "miss", "miss"]), before)
    assert [(change.case_id, change.baseline_answers) for change in found.changes] == [
        ("case-0001", ("As it was said.",))
    ]


def test_another_judge_blocks_with_one_sentence():
    cases = some_cases(60)
    found = compared(run_of(cases, ["pass"] * 60), run_of(cases, ["pass"] * 60, "baseline", judge="pattern:2"))
    (gate,) = baseline_gates(found)
    assert (gate.name, gate.decision, found.rows) == ("baseline: comparable", "inconclusive", ())
    assert gate.note == (
        "the judge is another than the baseline's (pattern:2 before, pattern:1 now), so a difference could be the "
        "judge's and not the model's; to compare all the same, allow \"judge\" in [tool.csedb.gates.baseline]"
    )


def test_another_prompt_of_the_same_judge_is_another_judge():
    cases = some_cases(6)
    before = run_of(cases, ["pass"] * 6, "baseline")
    identity = replace(before.identity, judge={"judge": "pattern:1", "prompt": "abc"})
    found = compared(run_of(cases, ["pass"] * 6), replace(before, identity=identity))
    assert "(pattern:1, with another prompt)" in found.blocked_by[0].text


def test_another_bank_blocks():
    cases = some_cases(6)
    found = compared(run_of(cases, ["pass"] * 6), run_of(cases, ["pass"] * 6, "baseline", bank_digest="e" * 64))
    assert [problem.kind for problem in found.blocked_by] == ["bank"]


def test_what_is_allowed_is_told_and_compared():
    cases = some_cases(6)
    policy = held_to(margin=0.99, allow=["judge", "bank"])
    before = run_of(cases, ["pass"] * 6, "baseline", judge="other", bank_digest="e" * 64)
    found = compared(run_of(cases, ["pass"] * 6), before, policy)
    assert [(problem.kind, problem.allowed) for problem in found.problems] == [("judge", True), ("bank", True)]
    comparable = baseline_gates(found)[0]
    assert comparable.decision == "pass"
    assert comparable.note.startswith("allowed: the judge is another")


def test_missing_added_and_changed_cases_are_named_and_block():
    cases = some_cases(9)
    changed = cases[8].model_copy(update={"rules": (Rule(id="first", text="Says the first.", points=2),)})
    before = run_of(cases, ["pass"] * 9, "baseline")
    now = [judged(case, "pass") for case in cases[1:8]]
    new = some_cases(10)[9]
    verdict = replace(judged(cases[8], "pass"), case=changed)
    candidate = replace(run_of(cases, ["pass"] * 9), cases=(*now, verdict, judged(new, "pass")))
    found = compared(candidate, before)
    assert (found.unmatched.missing, found.unmatched.added, found.unmatched.changed) == (
        ("case-0000",),
        ("case-0009",),
        ("case-0008",),
    )
    assert found.blocked_by[0].text.startswith(
        "the cases are not the baseline's: 1 missing (case-0000), 1 added (case-0009), 1 changed (case-0008)"
    )
    assert compared(candidate, before, held_to(margin=0.9, allow=["unmatched"])).pairs == 7


def test_a_track_whose_cases_all_lack_a_counterpart_is_undecided():
    cases = some_cases(80, ["S-01", "E-02"])
    before = [case.model_copy(update={"question": "Other?"}) if case.track == "safety" else case for case in cases]
    policy = held_to(margin=0.3, blocking=["safety", "effectiveness"], allow=["unmatched"])
    found = compared(run_of(cases, ["pass"] * 80), run_of(before, ["pass"] * 80, "baseline"), policy)
    safety, effectiveness = row(found, "safety"), row(found, "effectiveness")
    assert (safety.n, safety.decision, safety.difference, safety.low, safety.high) == (0, "inconclusive", None, -1, 1)
    assert (effectiveness.n, effectiveness.decision) == (40, "pass")
    assert gate_decision(found) == "inconclusive"


def test_a_never_event_in_a_case_that_the_baseline_lacks_is_new():
    cases = some_cases(3)
    policy = held_to(allow=["unmatched"])
    found = compared(run_of(cases, ["pass", "pass", "never"]), run_of(cases[:2], ["pass"] * 2, "baseline"), policy)
    assert [event.note for event in found.never_events] == ["the baseline has no such case"]
    assert gate_decision(found) == "fail"


def test_a_selection_is_compared_with_its_part_of_the_baseline():
    cases = some_cases(9)
    found = compared(run_of(cases[:4], ["pass"] * 4, bank=9), run_of(cases, ["pass"] * 9, "baseline"))
    assert (found.problems, found.pairs, found.unmatched.not_selected) == ((), 4, 5)


def test_cases_deleted_from_the_bank_are_no_selection():
    cases = some_cases(9)
    candidate = run_of(cases[:4], ["pass"] * 4, bank=8, bank_digest="e" * 64)
    found = compared(candidate, run_of(cases, ["pass"] * 9, "baseline"), held_to(allow=["bank"]))
    assert [problem.kind for problem in found.blocked_by] == ["unmatched"]


def test_other_numbers_of_answers_block():
    cases = some_cases(2)
    candidate = run_of(cases, ["pass"] * 2)
    twice = replace(candidate.cases[1], samples=candidate.cases[1].samples * 2)
    found = compared(replace(candidate, cases=(candidate.cases[0], twice)), run_of(cases, ["pass"] * 2, "baseline"))
    assert found.blocked_by[0].text.startswith(
        "the number of answers is not the baseline's in 1 of 2 cases (case-0001: 1 before, 2 now)"
    )


def test_runs_without_a_common_case_cannot_be_compared_whatever_is_allowed():
    first, second = some_cases(2), [case.model_copy(update={"id": f"x-{case.id}"}) for case in some_cases(2)]
    policy = held_to(allow=["judge", "bank", "unmatched", "samples"])
    found = compared(run_of(first, ["pass"] * 2), run_of(second, ["pass"] * 2, "baseline"), policy)
    assert [problem.kind for problem in found.blocked_by] == ["empty"]
    assert gate_decision(found) == "inconclusive"


def test_a_selection_without_anything_that_must_not_be_worse_shows_nothing():
    found = went(["pass"] * 200, ["pass"] * 199 + ["never"], held_to(blocking=["safety"]), criteria=["E-02"])
    gates = {gate.name: gate for gate in baseline_gates(found)}
    assert gates["baseline: comparable"].decision == "inconclusive"
    assert gates["baseline: comparable"].note == "none of what must not be worse is in this run (safety)"
    assert gates["baseline: new never-events"].decision == "fail"


def test_holm_adjusts_what_blocks_and_benjamini_hochberg_what_informs():
    # High-risk safety loses all 12 of its 12 cases, p = 1/4096; of the three that block it is not alone.
    cases = some_cases(36, ["S-01"])
    now = ["miss" if case.risk == "high" else "pass" for case in cases]
    policy = held_to(margin=0.9, blocking=["safety", "high-risk safety"])
    found = compared(run_of(cases, now), run_of(cases, ["pass"] * 36, "baseline"), policy)
    blocking, other = row(found, "high-risk safety"), row(found, "medium-risk safety")
    assert (blocking.p, blocking.adjusted_p, blocking.adjustment) == (1 / 4096, 2 / 4096, "holm")
    assert (other.p, other.adjusted_p, other.adjustment) == (1.0, 1.0, "benjamini-hochberg")


def test_a_loss_beyond_chance_blocks_inside_the_margin_only_where_the_policy_says_so():
    before, now = ["pass"] * 100, ["miss"] * 10 + ["pass"] * 90
    for worse_blocks, decision in ((False, "pass"), (True, "fail")):
        policy = held_to(margin=0.3, blocking=["safety"], worse_blocks=worse_blocks)
        assert row(went(before, now, policy, criteria=["S-01"]), "safety").decision == decision


def test_the_drop_s_change_by_hand():
    # High-risk cases: 1 of 4 lost; others: none of 8. The drop grows from 0 to 0.25.
    cases = some_cases(12, ["S-01"])
    now = ["miss"] + ["pass"] * 11  # case 0 is high-risk
    drop = compared(run_of(cases, now), run_of(cases, ["pass"] * 12, "baseline")).drop
    assert drop is not None
    assert (drop.baseline, drop.candidate, drop.value, drop.high_cases, drop.other_cases) == (0.0, 0.25, 0.25, 4, 8)
    assert drop.low < 0 < 0.25 < drop.high


def test_without_cases_in_both_groups_there_is_no_drop():
    assert went(["pass"] * 4, ["pass"] * 4, risk="high").drop is None
    assert drop_difference([], [0.0]) is None


def test_the_digest_tells_what_is_asked_and_judged_and_nothing_else():
    (case,) = some_cases(1)

    def with_(**update: object) -> str:
        return content_digest(case.model_copy(update=update))

    same = {with_(title="Other"), with_(risk="low"), with_(sources=("A book",)), content_digest(case)}
    assert len(same) == 1
    others = {with_(question="Other?"), with_(rules=case.rules[:1]), with_(never=())}
    assert len(others | same) == 4


OUTCOME = st.sampled_from([*OUTCOMES, "lost"])
PAIRED = st.lists(st.tuples(OUTCOME, OUTCOME), min_size=1, max_size=30)
RANK = {"fail": 0, "inconclusive": 1, "pass": 2}


@settings(max_examples=30)
@given(PAIRED, st.data())
def test_an_answer_lost_never_makes_a_run_better(paired: list[tuple[str, str]], data: st.DataObject):
    before, now = [b for b, _ in paired], [n for _, n in paired]
    place = data.draw(st.integers(0, len(now) - 1))
    lost = [*now[:place], "lost", *now[place + 1 :]]
    policy = held_to(margin=0.4)
    full, short = went(before, now, policy), went(before, lost, policy)
    if gate_decision(full) != "pass":
        assert gate_decision(short) != "pass"


@settings(max_examples=30)
@given(PAIRED)
def test_bounds_stand_round_the_difference_and_decide(paired: list[tuple[str, str]]):
    found = went([b for b, _ in paired], [n for _, n in paired], held_to(margin=0.3))
    for line in found.rows:
        assert line.low <= line.worst <= line.best <= line.high
        assert line.low <= line.high
        assert (line.decision == "pass") == (line.low > -0.3)
        assert (line.decision == "fail") == (line.high < -0.3 and line.low <= -0.3)
        assert line.p <= line.adjusted_p <= 1


@given(PAIRED)
@settings(max_examples=20)
def test_a_run_is_never_worse_than_itself(paired: list[tuple[str, str]]):
    outcomes = [b for b, _ in paired]
    found = went(outcomes, outcomes)
    assert found.changes == ()
    assert found.never_events == ()
    assert gate_decision(found) != "fail"


def test_signed_points_widen_the_span():
    signed = (Rule(id="first", text="Good.", points=1), Rule(id="second", text="Bad.", points=-3))
    cases: list[Case] = [
        case.model_copy(update={"rules": signed, "never": ()}) for case in some_cases(4, ["E-02"], risk="low")
    ]
    # met + bad met = (1 - 3) / 1 = -2; met alone = 1: the candidate falls by 3 in one of four.
    runs = []
    for name, bad in (("candidate", 1), ("baseline", 0)):
        records = [judged(case.model_copy(update={"never": some_cases(1)[0].never}), "pass") for case in cases]
        blank = run_of(cases[:0], [], name, bank=4)
        fixed = []
        for number, (case, record) in enumerate(zip(cases, records, strict=True)):
            value = -2.0 if number < bad else 1.0
            score = replace(record.score, value=value, low=value, high=value)
            fixed.append(replace(record, case=case, score=score))
        runs.append(replace(blank, cases=tuple(fixed), selection=replace(blank.selection, selected=4)))
    assert row(compared(*runs), "effectiveness").difference == pytest.approx(-0.75)
