"""Intervals of proportions and measures of agreement: worked by hand, against scipy, and what must always hold."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from csedb_tests.statistics.agreement import ClassF1, cohen_kappa, fleiss_kappa, macro_f1
from csedb_tests.statistics.intervals import Interval, clopper_pearson, wilson, zero_event_upper

COUNTS = st.integers(0, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CONFIDENCE = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def test_wilson_by_hand():
    # z = 1.959964, z^2 = 3.841459; 8 of 10: centre (0.8 + 0.192073) / 1.384146 = 0.716740,
    # half 1.959964 x sqrt(0.016 + 0.009604) / 1.384146 = 0.226578
    assert wilson(8, 10) == Interval(pytest.approx(0.490162, abs=1e-6), pytest.approx(0.943318, abs=1e-6))


def test_wilson_at_the_ends_reaches_them_exactly():
    # 0 of 10: upper bound z^2 / (n + z^2) = 3.841459 / 13.841459
    assert wilson(0, 10) == Interval(0.0, pytest.approx(0.277533, abs=1e-6))
    assert wilson(10, 10) == Interval(pytest.approx(0.722467, abs=1e-6), 1.0)


def test_clopper_pearson_by_hand():
    # 0 of 10: 1 - 0.025^(1/10); 1 of 1: lower bound 0.025
    assert clopper_pearson(0, 10) == Interval(0.0, pytest.approx(1 - 0.025**0.1))
    assert clopper_pearson(1, 1) == Interval(pytest.approx(0.025), 1.0)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_no_case_leaves_everything_open(interval):
    assert interval(0, 0) == Interval(0.0, 1.0)


@given(COUNTS.filter(lambda c: c[1] > 0), CONFIDENCE)
def test_both_intervals_equal_scipys(counts, confidence):
    for method, ours in (("wilson", wilson), ("exact", clopper_pearson)):
        theirs = binomtest(*counts).proportion_ci(confidence, method)
        assert ours(*counts, confidence) == Interval(
            pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9)
        )


@given(COUNTS, CONFIDENCE)
def test_an_interval_lies_in_0_to_1_holds_the_proportion_and_mirrors_its_complement(counts, confidence):
    successes, n = counts
    for method in (wilson, clopper_pearson):
        found, mirrored = method(successes, n, confidence), method(n - successes, n, confidence)
        assert 0 <= found.low <= (successes / n if n else 0.5) <= found.high <= 1
        assert (1 - mirrored.high, 1 - mirrored.low) == (pytest.approx(found.low), pytest.approx(found.high))


@pytest.mark.parametrize(("n", "p", "normal", "ours"), [(12, 0.95, 0.457, 0.980), (12, 0.5, 0.854, 0.961)])
def test_wilson_covers_where_the_normal_interval_does_not(n, p, normal, ours):
    def covers(k: int) -> bool:
        return wilson(k, n).low <= p <= wilson(k, n).high

    def normal_covers(k: int) -> bool:
        return abs(k / n - p) <= 1.959964 * math.sqrt(k / n * (1 - k / n) / n)

    assert sum(binom.pmf(k, n, p) for k in range(n + 1) if covers(k)) == pytest.approx(ours, abs=0.002)
    assert sum(binom.pmf(k, n, p) for k in range(n + 1) if normal_covers(k)) == pytest.approx(normal, abs=0.002)


@pytest.mark.parametrize(("n", "p"), list(product([1, 12, 60], [0.01, 0.3, 0.5, 0.95, 0.999])))
def test_clopper_pearson_never_covers_less_than_it_says(n, p):
    inside = [k for k in range(n + 1) if clopper_pearson(k, n).low <= p <= clopper_pearson(k, n).high]
    assert sum(binom.pmf(k, n, p) for k in inside) >= 0.95


@pytest.mark.parametrize(("n", "percent"), [(59, 5), (299, 1), (2995, 0.1)])
def test_so_many_cases_without_an_event_bound_the_rate(n, percent):
    assert zero_event_upper(n) <= percent / 100 < zero_event_upper(n - 1)


@given(st.integers(1, 5000), CONFIDENCE)
def test_at_the_zero_event_bound_no_event_has_what_probability_is_left(n, confidence):
    assert (1 - zero_event_upper(n, confidence)) ** n == pytest.approx(1 - confidence)


def test_without_cases_nothing_bounds_the_rate():
    assert zero_event_upper(0) == 1.0


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1), (2.0, 5), (2, 5.5)])
@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_counts_that_are_none_are_refused(interval, successes, n):
    with pytest.raises(ValueError, match=r"successes must lie|whole numbers"):
        interval(successes, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1, math.nan])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    for call in (lambda: wilson(1, 2, confidence), lambda: clopper_pearson(1, 2, confidence)):
        with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
            call()
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        zero_event_upper(10, confidence)


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[bool, bool]]:
    cells = {(True, True): yes_yes, (True, False): yes_no, (False, True): no_yes, (False, False): no_no}
    return [pair for pair, count in cells.items() for _ in range(count)]


def test_cohens_kappa_by_hand():
    # 35 of 50 agree: 0.7; expected (25 x 30 + 25 x 20) / 2500 = 0.5
    assert cohen_kappa(table(20, 5, 10, 15)) == pytest.approx(0.4)


def test_cohens_kappa_of_raters_who_always_differ_is_minus_one():
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1


@pytest.mark.parametrize("pairs", [[], [("met", "met")], [("met", "met")] * 7])
def test_cohens_kappa_is_undefined_without_a_second_label(pairs):
    assert cohen_kappa(pairs) is None


LABELS = st.sampled_from(["met", "not_met", "cannot_tell"])


@given(st.lists(st.tuples(LABELS, LABELS)))
def test_cohens_kappa_does_not_care_who_comes_first_and_is_1_only_when_all_agree(pairs):
    kappa = cohen_kappa(pairs)
    assert kappa == cohen_kappa([(b, a) for a, b in pairs])
    if kappa is not None:
        assert -1 <= kappa <= 1
        assert (kappa == 1) == all(a == b for a, b in pairs)


def test_fleiss_kappa_by_hand():
    # observed (1 + 1/3 + 1) / 3 = 7/9; shares 4/9 and 5/9: expected 41/81; (63 - 41) / (81 - 41)
    assert fleiss_kappa([[3, 0], [1, 2], [0, 3]]) == pytest.approx(22 / 40)


def test_fleiss_kappa_with_unequal_raters_counts_every_item_the_same():
    # observed (1 + 1/3) / 2 = 2/3; shares (1 + 1/3) / 2 = 2/3 and 1/3: expected 5/9; (6 - 5) / (9 - 5)
    assert fleiss_kappa([[2, 0], [1, 2]]) == pytest.approx(1 / 4)


def test_fleiss_kappa_leaves_out_items_with_fewer_than_two_ratings():
    rows = [[3, 0], [1, 2], [0, 3]]
    assert fleiss_kappa([[0, 0], *rows, [1, 0], [0, 1]]) == fleiss_kappa(rows)


@pytest.mark.parametrize("counts", [[], [[]], [[0, 0]], [[1, 0], [0, 1]], [[3, 0], [2, 0]]])
def test_fleiss_kappa_is_undefined_without_items_or_with_one_category(counts):
    assert fleiss_kappa(counts) is None


@pytest.mark.parametrize(("counts", "message"), [([[1, 2], [3]], "every category"), ([[2, -1]], "cannot be negative")])
def test_a_table_that_is_none_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        fleiss_kappa(counts)


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), max_size=8))
def test_fleiss_kappa_stays_within_bounds_and_ignores_the_order_of_categories(counts):
    kappa = fleiss_kappa(counts)
    turned = fleiss_kappa([row[::-1] for row in counts])
    assert (kappa is None) == (turned is None)
    if kappa is not None:
        assert kappa == pytest.approx(turned)
        assert -1 - 1e-9 <= kappa <= 1 + 1e-9


def test_macro_f1_by_hand():
    # met: P = 6/8, R = 6/7, F1 = 12/15; not met: P = 3/4, R = 3/5, F1 = 6/9
    found = macro_f1(table(6, 2, 1, 3))
    assert found.met == ClassF1(pytest.approx(6 / 8), pytest.approx(6 / 7), pytest.approx(12 / 15))
    assert found.not_met == ClassF1(pytest.approx(3 / 4), pytest.approx(3 / 5), pytest.approx(6 / 9))
    assert found.macro == pytest.approx((12 / 15 + 6 / 9) / 2)
    assert found.pairs == 12


def test_f1_is_0_when_judge_and_raters_use_the_class_and_never_agree_on_it():
    found = macro_f1(table(0, 2, 3, 0))
    assert found.met == found.not_met == ClassF1(0, 0, 0)
    assert found.macro == 0


def test_a_class_nobody_uses_has_no_f1_and_there_is_no_macro():
    found = macro_f1(table(4, 0, 0, 0))
    assert found.met == ClassF1(1, 1, 1)
    assert found.not_met == ClassF1(None, None, None)
    assert found.macro is None


def test_a_judge_that_never_says_a_class_gets_no_f1_for_it():
    found = macro_f1(table(0, 0, 3, 2))
    assert found.met == ClassF1(None, 0, None)
    assert found.macro is None


def test_no_pairs_give_no_macro():
    assert (macro_f1([]).macro, macro_f1(iter([])).pairs) == (None, 0)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_swapping_judge_and_rater_swaps_precision_and_recall(pairs):
    found, swapped = macro_f1(pairs), macro_f1([(b, a) for a, b in pairs])
    assert (found.met.precision, found.met.recall) == (swapped.met.recall, swapped.met.precision)
    assert found.macro == pytest.approx(swapped.macro)
