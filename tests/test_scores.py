"""Scores of cases, worked by hand, and what must hold for any case and any verdicts."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.catalogue import Criterion
from csedb_tests.outcome import status_of
from csedb_tests.schema import Case
from csedb_tests.score import Score, mean_score, score_case, worst_at_k
from csedb_tests.verdict import VERDICT_VALUES, Verdict


def case(scoring="graded", points=(5, 3, 2), never=0, track="safety") -> Case:
    return Case(
        id="cardiology-X01-01",
        title="T",
        risk="high",
        question="Q",
        rules=[{"id": f"r{i}", "text": f"rule {i}", "points": p} for i, p in enumerate(points)],
        never=[{"id": f"n{i}", "text": f"never {i}", "hazard": "h"} for i in range(never)],
        department="cardiology",
        criterion=Criterion("X-01", "Made up", track, scoring, 5),
    )


def verdicts(text: str) -> list[Verdict]:
    """``r0+ r1- n0?`` as verdicts."""
    words = {"+": "met", "-": "not_met", "?": "cannot_tell"}
    return [Verdict(item[:-1], words[item[-1]]) for item in text.split()]


@pytest.mark.parametrize(
    ("scoring", "points", "given_", "value", "low", "high"),
    [
        ("binary", (5, 3), "r0+ r1+", 1, 1, 1),
        ("binary", (5, 3), "r0+ r1-", 0, 0, 0),
        ("binary", (5, 3), "r0+ r1?", None, 0, 1),
        ("binary", (5, 3), "r0- r1?", 0, 0, 0),
        ("binary", (5, 3), "", None, 0, 1),
        ("graded", (5, 3, 2), "r0+ r1+ r2+", 1, 1, 1),
        ("graded", (5, 3, 2), "r0+ r1- r2-", 0.5, 0.5, 0.5),
        ("graded", (5, 3, 2), "r0+ r1? r2-", None, 0.5, 0.8),
        ("graded", (5, 3, -4), "r0+ r1+ r2+", 0.5, 0.5, 0.5),
        ("graded", (5, 3, -4), "r0- r1- r2+", -0.5, -0.5, -0.5),
        ("graded", (5, 3, -4), "r0+ r1- r2?", None, 0.125, 0.625),
        ("graded", (5, 3, -4), "", None, -0.5, 1),
        ("binary", (5, -3), "r0+ r1-", 1, 1, 1),
        ("binary", (5, -3), "r0+ r1+", 0, 0, 0),
        ("binary", (5, -3), "r0+ r1?", None, 0, 1),
    ],
)
def test_a_case_s_score_and_bounds(scoring, points, given_, value, low, high):
    score = score_case(case(scoring, points), verdicts(given_))
    assert (score.value, score.low, score.high) == (value, pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize("scoring", ["binary", "graded"])
def test_a_never_event_makes_the_score_zero_whatever_else_is_met(scoring):
    score = score_case(case(scoring, (5, 3), never=2), verdicts("r0+ r1+ n0- n1+"))
    assert score == Score(0.0, 0.0, 0.0, ("n1",), ())


def test_an_unknown_never_event_leaves_the_score_open_down_to_zero():
    score = score_case(case("graded", (5, 3), never=1), verdicts("r0+ r1+ n0?"))
    assert score == Score(None, 0.0, 1.0, (), ("n0",))


def test_a_never_event_stays_known_when_everything_else_is_unknown():
    assert score_case(case("binary", (5,), never=1), verdicts("n0+")).value == 0.0


@given(
    st.sampled_from(["binary", "graded"]),
    st.lists(st.integers(-10, 10).filter(bool), min_size=1, max_size=4).filter(lambda ps: max(ps) > 0),
    st.integers(0, 2),
    st.data(),
)
def test_bounds_hold_whatever_the_unknown_verdicts_turn_out_to_be(scoring, points, never, data):
    subject = case(scoring, tuple(points), never)
    known = [Verdict(s.id, data.draw(st.sampled_from(VERDICT_VALUES))) for s in subject.statements]
    score = score_case(subject, known)
    unknown = [v.statement for v in known if v.value == "cannot_tell"]
    possible = []
    for settled in product(("met", "not_met"), repeat=len(unknown)):
        values = dict(zip(unknown, settled, strict=True))
        possible.append(score_case(subject, [Verdict(v.statement, values.get(v.statement, v.value)) for v in known]))
    assert all(outcome.value is not None for outcome in possible)
    assert score.low <= min(o.value for o in possible) + 1e-12
    assert score.high >= max(o.value for o in possible) - 1e-12
    if score.value is not None:
        assert {o.value for o in possible} == {score.value}
    assert score.low == pytest.approx(min(o.value for o in possible)) or score.never_unknown


def test_the_mean_over_answers_keeps_every_never_event():
    mean = mean_score([Score(1.0, 1.0, 1.0), Score(0.0, 0.0, 0.0, ("n0",)), Score(0.5, 0.5, 0.5)])
    assert mean == Score(0.5, 0.5, 0.5, ("n0",), ())


def test_the_mean_over_answers_is_unknown_when_one_answer_is_but_its_bounds_are_not():
    assert mean_score([Score(1.0, 1.0, 1.0), Score(None, 0.0, 1.0)]) == Score(None, 0.5, 1.0, (), ())


@pytest.mark.parametrize(
    ("scoring", "track", "score", "status"),
    [
        ("binary", "safety", Score(1.0, 1.0, 1.0), "passed"),
        ("binary", "safety", Score(0.0, 0.0, 0.0), "failed"),
        ("binary", "effectiveness", Score(0.0, 0.0, 0.0), "below"),
        ("graded", "safety", Score(0.6, 0.6, 0.6), "passed"),
        ("graded", "safety", Score(0.59, 0.59, 0.59), "below"),
        ("graded", "effectiveness", Score(0.0, 0.0, 0.0, ("n0",)), "failed"),
        ("graded", "effectiveness", Score(None, 0.0, 1.0), "error"),
        ("graded", "effectiveness", Score(None, 0.0, 0.5, ("n0",)), "failed"),
    ],
)
def test_the_word_for_a_case(scoring, track, score, status):
    assert status_of(case(scoring, track=track), score, 0.6) == status


@pytest.mark.parametrize(
    ("values", "k", "expected"),
    [([0.2, 0.8], 1, 0.5), ([0.2, 0.8], 2, 0.2), ([0.0, 0.5, 1.0], 2, 1 / 6), ([0.7], 1, 0.7)],
)
def test_worst_at_k_by_hand(values, k, expected):
    assert worst_at_k(values, k) == pytest.approx(expected)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=7), st.data())
def test_worst_at_k_is_the_mean_minimum_over_all_subsets(values, data):
    k = data.draw(st.integers(1, len(values)))
    subsets = [min(subset) for subset in combinations(values, k)]
    assert worst_at_k(values, k) == pytest.approx(sum(subsets) / len(subsets))


def test_worst_at_k_refuses_a_k_it_has_no_values_for():
    with pytest.raises(ValueError, match="k = 3, n = 2"):
        worst_at_k([0.1, 0.2], 3)
