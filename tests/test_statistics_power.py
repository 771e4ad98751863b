"""Sample sizes and adjusted p-values: worked by hand, against scipy, and deciding when they say they do."""

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from csedb_tests.statistics.intervals import wilson, zero_event_upper
from csedb_tests.statistics.means import score_interval
from csedb_tests.statistics.multiplicity import benjamini_hochberg, holm
from csedb_tests.statistics.power import (
    cases_for_zero_events,
    detectable_shortfall,
    minimal_detectable_effect,
    more_cases_mean,
    more_cases_non_inferiority,
    more_cases_score,
)


def test_the_minimal_detectable_effect_by_hand():
    # (1.959964 + 0.841621) x 0.5 / sqrt(100); one-sided 1.644854 + 0.841621
    assert minimal_detectable_effect(100, 0.5) == pytest.approx(0.140079, abs=1e-6)
    assert minimal_detectable_effect(100, 0.5, two_sided=False) == pytest.approx(0.124324, abs=1e-6)
    assert minimal_detectable_effect(0, 0.5) is None


def test_the_detectable_shortfall_by_hand():
    # u = 0.9 - 0.0919445: (1.959964 x 0.3 + 0.841621 x sqrt(0.8080555 x 0.1919445)) / 0.0919445 = 10 = sqrt(100)
    assert detectable_shortfall(100, 0.9) == pytest.approx(0.0919445, abs=1e-6)
    assert detectable_shortfall(3, 0.1) is None  # not even three failures of three
    assert detectable_shortfall(0, 0.9) is None
    # every case must pass: one failure among ten is seen in 4 of 5 runs at a rate of 1 - 0.2^(1/10)
    assert detectable_shortfall(10, 1.0) == pytest.approx(1 - 0.2**0.1)


@given(st.integers(100, 3000), st.sampled_from([0.5, 0.8, 0.9]), st.integers(0, 2**32 - 1))
def test_models_worse_by_the_detectable_shortfall_are_found_in_four_runs_of_five(n, threshold, seed):
    true = threshold - detectable_shortfall(n, threshold)
    passes = numpy.random.default_rng(seed).binomial(n, true, 2000)
    deviation = (threshold - passes / n) / math.sqrt(threshold * (1 - threshold) / n)
    # five standard errors of 2,000 runs, and what the normal approximation and whole numbers of cases leave
    assert (deviation > 1.959964).mean() == pytest.approx(0.8, abs=0.045 + 0.06)


def more_cases(successes, n, threshold):
    return more_cases_score(successes / n, n, n, threshold, low=wilson(successes, n).low)


def test_more_cases_for_a_proportion_by_hand():
    # 95 of 100 against 0.9: 3.841459 x 0.09 / 0.0025 = 138.3 cases
    assert more_cases(95, 100, 0.9) == 39


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.05, 0.99))
def test_so_many_more_cases_at_the_same_share_and_no_fewer_lift_wilsons_bound_over_the_threshold(counts, threshold):
    successes, n = counts
    more = more_cases(successes, n, threshold)
    assert (more == 0) == (wilson(successes, n).low >= threshold)
    assert (more is None) == (successes / n <= threshold and more != 0)
    if more:
        assert score_bound(successes / n, n + more) >= threshold - 1e-9
        assert score_bound(successes / n, n + more - 1) < threshold + 1e-9


def score_bound(p: float, n: float) -> float:
    z = 1.959963984540054
    return (p + z * z / 2 / n - z * math.sqrt(p * (1 - p) / n + (z / 2 / n) ** 2)) / (1 + z * z / n)


@pytest.mark.parametrize(("successes", "n"), [(90, 100), (80, 100)])
def test_a_share_on_the_threshold_or_below_it_is_never_decided_by_more_cases(successes, n):
    assert more_cases(successes, n, 0.9) is None


def test_more_cases_for_a_weighted_score_decide():
    scores, strata, weights = [1.0] * 9 + [0.5], "aaaaabbbbb", {"a": 5, "b": 1}
    found = score_interval(scores, strata, weights)
    more = more_cases_score(found.value, found.n, found.effective, 0.9, low=found.interval.low)
    assert found.interval.low < 0.9
    times = 1 + math.ceil(more / 10)
    assert score_interval(scores * times, strata * times, weights).interval.low >= 0.9


def test_more_cases_for_a_mean_by_hand():
    # 100 x (1.959964 x 0.05 / 0.05)^2 = 384.1
    assert more_cases_mean(0.85, 0.05, 100, 0.8) == 285
    assert more_cases_mean(0.95, 0.05, 100, 0.8) == 0
    assert more_cases_mean(0.8, 0.05, 100, 0.8) is None
    assert more_cases_mean(0.7, 0.05, 100, 0.8) is None
    assert more_cases_mean(0.85, 0.0, 5, 0.8) == 0
    assert more_cases_mean(5e-324, 0.05, 100, 0.0) is None  # no number that a computer knows


def test_more_pairs_for_non_inferiority_by_hand():
    # 100 x (1.644854 x 0.05 / 0.05)^2 = 270.6
    assert more_cases_non_inferiority(0.0, 0.05, 100, 0.05) == 171
    assert more_cases_non_inferiority(-0.05, 0.05, 100, 0.05) is None
    assert more_cases_non_inferiority(-0.2, 0.05, 100, 0.05) is None


def test_models_that_agree_on_every_case_need_as_many_as_show_that_there_are_no_losses():
    assert more_cases_non_inferiority(0.0, 0.0, 12, 0.05) == 59 - 12


@pytest.mark.parametrize(("rate", "cases"), [(0.05, 59), (0.01, 299), (0.001, 2995), (1, 1), (0, None)])
def test_so_many_cases_without_an_event_bound_its_rate(rate, cases):
    assert cases_for_zero_events(rate) == cases


@given(st.integers(1, 20_000), st.sampled_from([0.8, 0.95, 0.999]))
def test_cases_for_a_zero_event_bound_turn_the_bound_round(n, confidence):
    assert cases_for_zero_events(zero_event_upper(n, confidence), confidence) == n


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimal_detectable_effect(-1, 0.5), "n must be at least 0"),
        (lambda: minimal_detectable_effect(10, -0.5), "finite and at least 0, not -0.5"),
        (lambda: minimal_detectable_effect(10, 0.5, power=1), "power must lie between"),
        (lambda: minimal_detectable_effect(10, 0.5, confidence=95), "confidence must lie between"),
        (lambda: minimal_detectable_effect(10, math.nan), "finite and at least 0"),
        (lambda: detectable_shortfall(10, 1.5), "threshold between 0 and 1, not 10 and 1.5"),
        (lambda: detectable_shortfall(-1, 0.5), "n must be at least 0"),
        (lambda: detectable_shortfall(10, 0.5, power=0), "power must lie between"),
        (lambda: more_cases_score(0.9, 10, 10, 1.5, low=0.1), "threshold must lie between"),
        (lambda: more_cases_score(0.9, 0, 0, 0.5, low=0.1), "needs cases"),
        (lambda: more_cases_mean(0.9, 0.1, 0, 0.5), "n must be at least 1"),
        (lambda: cases_for_zero_events(-0.1), "rate must lie between"),
    ],
)
def test_what_has_no_sample_size_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_holm_by_hand():
    # ascending 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1, running maximum
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx((0.06, 0.04, 0.5, 0.06))


def test_benjamini_hochberg_by_hand():
    # ascending 0.01, 0.02, 0.03, 0.5 times 4/1, 4/2, 4/3, 4/4, running minimum from the top
    assert benjamini_hochberg([0.03, 0.01, 0.5, 0.02]) == pytest.approx((0.04, 0.04, 0.5, 0.04))


P_VALUES = st.lists(st.floats(0, 1), max_size=20)


@given(P_VALUES)
def test_adjusted_p_values_keep_their_order_and_only_grow(p_values):
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(p_values)
        assert all(p <= a * (1 + 1e-12) <= 1 + 1e-9 for p, a in zip(p_values, adjusted, strict=True))
        order = sorted(range(len(p_values)), key=p_values.__getitem__)
        assert [adjusted[i] for i in order] == sorted(adjusted)
    assert all(h >= b * (1 - 1e-12) for h, b in zip(holm(p_values), benjamini_hochberg(p_values), strict=True))


@given(P_VALUES.filter(bool))
def test_benjamini_hochberg_equals_scipys(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values))


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_one_p_value_stays_as_it_is_and_none_stay_none(adjust):
    assert adjust([0.2]) == (0.2,)
    assert adjust([]) == ()


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_is_no_p_value_is_refused(adjust, p):
    with pytest.raises(ValueError, match="p-value must lie between 0 and 1"):
        adjust([0.5, p])
