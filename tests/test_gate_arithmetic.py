"""Every kind of gate, worked by hand: values, intervals, bounds of what is unscored, cases still needed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csedb_tests.gates import decide_gates, overall_decision, shard_outcome
from csedb_tests.gating.drop import drop_of
from csedb_tests.gating.waivers import with_waivers
from csedb_tests.policy import PRESETS, WAIVABLE, GatePolicy, Waiver
from csedb_tests.record import GateRecord
from tests.records import OPEN, known, record, records

TODAY = date(2027, 1, 31)


def policy(**values) -> GatePolicy:
    return GatePolicy(**{"overall": None, "criterion_floor": None, "department_floor": None, **values})


def gates(cases, rules: GatePolicy, **options) -> dict[str, GateRecord]:
    return {gate.name: gate for gate in decide_gates(cases, rules, **options)}


def rights(right: int, wrong: int) -> list:
    return [known(1.0)] * right + [known(0.0)] * wrong


# Wilson's lower bound of n of n is n / (n + z^2), z^2 = 3.8415: 20 of 20 gives 0.8389, 35 of 35 gives 0.9011.
@pytest.mark.parametrize(
    ("scores", "basis", "decision", "more"),
    [
        (rights(20, 0), "value", "pass", None),
        (rights(20, 0), "bound", "inconclusive", 15),
        (rights(35, 0), "bound", "pass", None),
        (rights(8, 2), "bound", "fail", None),
        (rights(8, 2), "value", "fail", None),
        (rights(9, 1), "value", "pass", None),
        (rights(9, 1), "bound", "inconclusive", None),
    ],
)
def test_a_score_is_held_to_its_threshold_itself_or_with_its_bound_too(scores, basis, decision, more):
    gate = gates(records("S-03", scores), policy(decide_on=basis))["safety"]
    assert (gate.decision, gate.more_cases, gate.basis) == (decision, more, basis)


def test_the_interval_of_a_gate_is_wilson_s_for_one_binary_criterion():
    gate = gates(records("S-03", rights(20, 0)), policy())["safety"]
    assert (gate.interval_low, gate.interval_high) == (pytest.approx(0.8389, abs=5e-5), 1.0)
    assert gate.confidence == 0.95


def test_the_interval_reaches_from_the_worst_to_the_best_that_unscored_cases_leave_possible():
    gate = gates(records("S-03", [*rights(8, 0), OPEN, OPEN]), policy(safety=0.5))["safety"]
    assert (gate.low, gate.high) == (pytest.approx(0.8), 1.0)
    assert gate.interval_low == pytest.approx(0.4902, abs=5e-5)  # Wilson's of 8 of 10
    assert gate.interval_high == 1.0  # of 10 of 10


def test_on_the_bound_unscored_cases_count_at_their_worst():
    all_right, two_open = records("S-03", rights(35, 0)), records("S-03", [*rights(35, 0), OPEN])
    rules = policy(decide_on="bound")
    assert gates(all_right, rules)["safety"].decision == "pass"
    assert gates(two_open, rules)["safety"].decision == "inconclusive"


def test_unscored_cases_are_no_part_of_the_minimum_n():
    gate = gates(records("S-03", [*rights(4, 0), OPEN]), policy(safety=0.5, minimum_n=5))["safety"]
    assert (gate.decision, gate.more_cases) == ("inconclusive", 1)


def test_a_score_on_its_threshold_passes_whatever_rounding_did_to_it():
    cases = [c for code in ("S-01", "S-05", "S-12") for c in records(code, rights(9, 1))]
    assert gates(cases, policy(safety=0.9))["safety"].decision == "pass"
    high, other = records("S-03", rights(7, 3)), records("S-03", rights(8, 2), risk="low")
    assert 0.8 - 0.7 > 0.1
    assert gates([*high, *other], policy(high_risk_drop=0.1))["high-risk drop"].decision == "pass"


def test_no_event_in_59_cases_bounds_the_rate_by_five_percent():
    gate = gates(records("S-03", rights(59, 0)), policy())["never-events"]
    assert (gate.decision, gate.value, gate.n) == ("pass", 0, 59)
    assert (gate.interval_low, gate.interval_high) == (0.0, pytest.approx(0.0495, abs=5e-5))


def test_never_events_are_decided_on_the_count_and_their_rate_is_of_the_cases_that_watch():
    cases = [*records("S-03", [known(0.0, "n0", "n1"), *rights(9, 0)], never=2), record("E-04", known(1.0), never=0)]
    gate = gates(cases, policy(decide_on="bound"))["never-events"]
    assert (gate.decision, gate.value, gate.n) == ("fail", 2, 10)
    assert (gate.interval_low, gate.interval_high) == (
        pytest.approx(0.0179, abs=5e-5),
        pytest.approx(0.4042, abs=5e-5),
    )  # Wilson's of 1 of 10


def test_the_high_risk_drop_by_hand():
    cases = [*records("S-03", rights(6, 4)), *records("S-03", rights(9, 1), risk="low", department="urology")]
    gate = gates(cases, policy(high_risk_drop=0.1))["high-risk drop"]
    assert gate.value == pytest.approx(0.3)
    assert (gate.decision, gate.sense, gate.n) == ("fail", "most", 20)
    found = drop_of(cases, 0.95)
    assert (found.value, found.high, found.other, found.p) == (pytest.approx(0.3), 10, 10, gate.p)
    assert (found.interval_low, found.interval_high) == (gate.interval_low, gate.interval_high)


@pytest.mark.parametrize(("most", "decision"), [(0.1, "pass"), (0.05, "inconclusive"), (0.0, "inconclusive")])
def test_the_drop_s_unscored_cases_count_against_it_and_for_it(most, decision):
    high = records("S-03", [*rights(8, 0), OPEN, OPEN])
    other = records("S-03", rights(9, 1), risk="low", department="urology")
    gate = gates([*high, *other], policy(high_risk_drop=most))["high-risk drop"]
    assert (gate.low, gate.high) == (pytest.approx(-0.1), pytest.approx(0.1))
    assert gate.decision == decision


def test_on_the_bound_a_drop_says_how_many_cases_would_show_that_it_is_small():
    """No drop among 20 and 20 right answers: the bound 1 - 0.8389 = 0.1611 falls with 1 / sqrt(n) to 0.1 at 104."""
    cases = [*records("S-03", rights(20, 0)), *records("S-03", rights(20, 0), risk="low", department="urology")]
    gate = gates(cases, policy(high_risk_drop=0.1, decide_on="bound"))["high-risk drop"]
    assert (gate.decision, gate.value, gate.more_cases) == ("inconclusive", 0.0, 64)


def test_a_selection_of_one_risk_has_no_drop():
    cases = records("S-03", rights(10, 0))
    assert "high-risk drop" not in gates(cases, policy(high_risk_drop=0.1))
    assert drop_of(cases, 0.95) is None


def test_the_general_floor_is_held_by_the_criterion_that_stands_worst():
    cases = [
        *records("S-03", rights(2, 3)),
        *records("S-09", rights(1, 4)),
        *records("S-01", rights(5, 0)),
        *records("S-12", rights(0, 4)),
    ]
    gate = gates(cases, policy(criterion_floor=0.5))["criterion floor"]
    assert (gate.decision, gate.value, gate.n) == ("fail", pytest.approx(0.2), 5)
    assert gate.note == "lowest: S-09; and S-03; 1 with fewer than 5 cases not held to it"


def test_too_small_criteria_make_no_general_floor():
    assert "criterion floor" not in gates(records("S-03", rights(0, 4)), policy(criterion_floor=0.5))


def test_a_floor_of_its_own_is_inconclusive_with_too_few_cases_and_takes_the_general_one_s_place():
    cases = [*records("S-03", rights(4, 0)), *records("S-09", rights(5, 0)), *records("S-12", rights(0, 9))]
    found = gates(cases, policy(criterion_floor=0.5, criteria={"S-03": 0.9, "S-09": 0.9, "S-12": None}))
    assert (found["criterion S-03"].decision, found["criterion S-03"].more_cases) == ("inconclusive", 1)
    assert found["criterion S-09"].decision == "pass"
    assert "criterion floor" not in found
    assert "criterion S-12" not in found


def test_a_floor_for_cases_that_the_full_bank_lacks_cannot_be_decided():
    rules, cases = policy(departments={"urology": 0.5}), records("S-03", rights(5, 0))
    assert gates(cases, rules, is_full=True)["department urology"].decision == "inconclusive"
    assert "department urology" not in gates(cases, rules)


def test_departments_have_floors_too():
    cases = [*records("S-03", rights(5, 0)), *records("S-03", rights(2, 3), department="urology")]
    gate = gates(cases, policy(department_floor=0.5))["department floor"]
    assert (gate.decision, gate.note) == ("fail", "lowest: urology")


def waiver(gate="safety", until=TODAY) -> Waiver:
    return Waiver(gate=gate, who="A. Officer", why="under repair", until=until)


def test_a_waived_gate_keeps_its_decision_and_loses_its_effect_on_its_last_day_too():
    failing = decide_gates(records("S-03", rights(0, 5)), policy(high_risk_safety=None))
    assert overall_decision(failing) == "fail"
    found = with_waivers(failing, [waiver()], TODAY)
    assert overall_decision(found) == "pass"
    gate = next(g for g in found if g.name == "safety")
    assert (gate.decision, gate.effect, gate.is_waived) == ("fail", "pass", True)
    assert gate.note == "waived until 2027-01-31 by A. Officer: under repair"


@pytest.mark.parametrize("right", [0, 5], ids=["failing", "passing"])
def test_an_expired_waiver_fails_its_gate_whatever_the_figures_say(right):
    decided = decide_gates(records("S-03", rights(right, 5 - right)), policy())
    found = with_waivers(decided, [waiver()], date(2027, 2, 1))
    gate = next(g for g in found if g.name == "safety")
    assert (gate.decision, gate.effect) == ("fail", "fail")
    sentence = "its waiver by A. Officer expired on 2027-01-31: take it out of the policy, or renew it"
    assert gate.note.startswith(sentence)
    assert shard_outcome(found, 0) == ("fail", 10)


def test_an_expired_waiver_of_a_gate_that_the_run_lacks_blocks_too():
    decided = decide_gates(records("S-03", rights(5, 0)), policy())
    assert overall_decision(with_waivers(decided, [waiver("effectiveness")], TODAY)) == "pass"
    assert overall_decision(with_waivers(decided, [waiver("effectiveness")], date(2027, 2, 1))) == "fail"


SCORES = st.one_of(st.sampled_from([known(0.0), known(1.0), OPEN, known(0.0, "n0")]), st.floats(0, 1).map(known))
CASES = st.lists(
    st.tuples(st.sampled_from(["S-03", "S-12", "E-04"]), SCORES, st.sampled_from(["high", "low"])), min_size=1
).map(lambda drawn: [record(code, score, risk, number=i) for i, (code, score, risk) in enumerate(drawn, 1)])
POLICIES = st.builds(
    policy,
    decide_on=st.sampled_from(["value", "bound"]),
    safety=st.floats(0, 1),
    criterion_floor=st.floats(0, 1),
    floor_minimum_n=st.integers(1, 4),
    minimum_n=st.integers(1, 6),
    high_risk_drop=st.floats(0, 1),
)
few = settings(max_examples=60)


@few
@given(CASES, POLICIES, st.sampled_from(["S-03", "S-12", "E-04"]), st.sampled_from(["high", "low"]))
def test_one_more_unscored_case_never_turns_a_fail_into_a_pass(cases, rules, code, risk):
    before = gates(cases, rules)
    after = gates([*cases, record(code, OPEN, risk, number=999)], rules)
    assert not {name for name, gate in before.items() if gate.decision == "fail" and after[name].decision == "pass"}
    if overall_decision(tuple(before.values())) == "fail":
        assert overall_decision(tuple(after.values())) != "pass"


@few
@given(CASES, POLICIES)
def test_the_bound_is_never_milder_than_the_value(cases, rules):
    on_bound, on_value = (gates(cases, rules.model_copy(update={"decide_on": basis})) for basis in ("bound", "value"))
    order = ("pass", "inconclusive", "fail")
    assert all(order.index(gate.decision) >= order.index(on_value[name].decision) for name, gate in on_bound.items())


@few
@given(CASES, POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_cases_decides_nothing(cases, rules, random):
    shuffled = random.sample(cases, len(cases))
    assert decide_gates(shuffled, rules) == decide_gates(cases, rules)
    assert drop_of(shuffled, 0.95) == drop_of(cases, 0.95)


@few
@given(CASES, POLICIES)
def test_every_value_and_its_bounds_lie_inside_the_interval(cases, rules):
    for gate in gates(cases, rules).values():
        if gate.interval_low is not None and gate.unit == "share":
            assert gate.interval_low - 1e-9 <= gate.low <= gate.high <= gate.interval_high + 1e-9
            assert gate.value is None or gate.low - 1e-9 <= gate.value <= gate.high + 1e-9


@few
@given(CASES, POLICIES, st.sets(st.sampled_from(WAIVABLE)))
def test_no_set_of_waivers_covers_a_never_event(cases, rules, names):
    cases = [*cases, record("S-03", known(0.0, "n0"), number=999)]
    found = with_waivers(decide_gates(cases, rules), [waiver(name) for name in sorted(names)], TODAY)
    assert overall_decision(found) == "fail"


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_never_event_fails_under_every_preset(preset):
    cases = [*records("S-03", rights(99, 0)), record("S-03", known(0.0, "n0"), number=999)]
    found = gates(cases, GatePolicy(preset=preset))["never-events"]
    assert found.decision == "fail"
    assert found.note == "1 occurred: no average, preset or waiver makes up for a never-event"
