"""Means, differences, paired comparisons and the high-risk drop: worked by hand, at the edges, what always holds."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu, ttest_1samp

from csedb_tests.aggregate import weighted_mean
from csedb_tests.statistics.differences import difference_interval
from csedb_tests.statistics.drop import high_risk_drop
from csedb_tests.statistics.intervals import Interval, wilson, zero_event_upper
from csedb_tests.statistics.means import score_interval
from csedb_tests.statistics.paired import (
    clustered_standard_error,
    mcnemar_exact,
    non_inferiority,
    pair_up,
    standard_error,
)

SCORES = st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.75, 1.0])
CASES = st.lists(st.tuples(SCORES, st.sampled_from(["S-01", "S-02", "E-01"])), min_size=1, max_size=40)
WEIGHTS = {"S-01": 5, "S-02": 3, "E-01": 1}


def near(low: float, high: float, within: float = 1e-5) -> Interval:
    return Interval(pytest.approx(low, abs=within), pytest.approx(high, abs=within))


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.8, 0.95, 0.99]))
def test_0_1_scores_of_one_criterion_get_wilsons_interval(ones, zeros, confidence):
    found = score_interval([1.0] * ones + [0.0] * zeros, confidence=confidence)
    expected = wilson(ones, ones + zeros, confidence)
    assert found.interval == near(expected.low, expected.high, 1e-9)
    assert found.effective == pytest.approx(found.n)


def test_graded_scores_by_hand():
    # s^2 = 1/12, variance of the mean 1/48: effective 0.1875 x 48 = 9. Student's quantile for 3 is 3.182446, and the
    # scores are (1/12) / 0.1875 = 4/9 like 0/1 ones: 3.182446 + 4/9 x (1.959964 - 3.182446) = 2.639121
    found = score_interval([0.5, 1.0, 1.0, 0.5])
    assert (found.value, found.effective) == (0.75, pytest.approx(9))
    assert found.interval == near(0.334837, 0.947032)


def test_a_weighted_macro_average_by_hand():
    # shares 3/4 and 1/4, mean 0.875; prior variance 0.875 x 0.125 x 4/3 = 0.1458333; strata (0 + 2 x that) / 3 and
    # (0.5 + 2 x that) / 3; variance 0.28125 x 0.0972222 + 0.03125 x 0.2638889 = 0.0355903;
    # effective 0.109375 / 0.0355903 x 4/3 = 4.097561
    found = score_interval([1, 1, 0, 1], ["a", "a", "b", "b"], {"a": 3, "b": 1}, graded=())
    assert (found.value, found.effective) == (pytest.approx(0.875), pytest.approx(4.097561, abs=1e-6))
    assert found.interval == near(0.400551, 0.986547)
    assert score_interval([1, 1, 0, 1], ["a", "a", "b", "b"], {"a": 3, "b": 1}) == found


@given(CASES)
def test_the_value_is_the_macro_average_of_the_aggregate_scores(cases):
    by_stratum = {key: [score for score, stratum in cases if stratum == key] for _, key in cases}
    expected = weighted_mean((WEIGHTS[key], math.fsum(scores) / len(scores)) for key, scores in by_stratum.items())
    found = score_interval(*zip(*cases, strict=True), WEIGHTS)
    assert found.value == pytest.approx(expected)
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
    assert found.interval.high - found.interval.low > 0.01


@given(CASES, st.randoms(use_true_random=False))
def test_neither_the_order_of_cases_nor_what_strata_are_called_matters(cases, random):
    shuffled = random.sample(cases, len(cases))
    first, second = (score_interval(*zip(*listed, strict=True), WEIGHTS) for listed in (cases, shuffled))
    assert second.interval == near(first.interval.low, first.interval.high, 1e-9)


@given(CASES)
def test_turning_every_score_round_turns_the_interval_round(cases):
    scores, strata = zip(*cases, strict=True)
    found, turned = (score_interval(values, strata, WEIGHTS) for values in (scores, [1 - s for s in scores]))
    assert turned.interval == near(1 - found.interval.high, 1 - found.interval.low, 1e-9)


@given(CASES)
def test_signed_scores_get_the_same_interval_on_their_own_scale(cases):
    scores, strata = zip(*cases, strict=True)
    found = score_interval(scores, strata, WEIGHTS)
    signed = score_interval([4 * s - 3 for s in scores], strata, WEIGHTS, least=-3, greatest=1)
    assert signed.interval == near(4 * found.interval.low - 3, 4 * found.interval.high - 3, 1e-6)


def test_without_cases_everything_is_possible():
    found = score_interval([])
    assert (found.value, found.interval, found.n) == (None, Interval(0, 1), 0)
    assert score_interval([], least=-1).interval == Interval(-1, 1)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_one_score_says_as_little_as_one_case_can(value):
    found = score_interval([value])
    assert found.effective == 1
    assert found.interval.high - found.interval.low > 0.7


@pytest.mark.parametrize("scores", [[0.75] * 12, [0.1 + 0.2, 0.3] * 6, [1.0] * 12, [0.0] * 12])
def test_scores_that_are_all_equal_do_not_make_a_narrow_interval(scores):
    found = score_interval(scores)
    assert found.effective == pytest.approx(12)
    assert found.interval.high - found.interval.low > 0.24


def test_criteria_of_one_perfect_case_each_are_no_certainty():
    found = score_interval([1.0] * 17, list(range(17)))
    assert found.interval == near(wilson(17, 17).low, 1.0)


def test_a_criterion_with_one_case_counts_for_its_weight_in_the_uncertainty():
    many = [1.0] * 99 + [0.0]
    light = score_interval([*many, 1.0], ["a"] * 100 + ["b"], {"a": 5, "b": 1}).interval
    heavy = score_interval([*many, 1.0], ["a"] * 100 + ["b"], {"a": 1, "b": 5}).interval
    assert heavy.high - heavy.low > 2 * (light.high - light.low)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.5, 1.2],), "between 0 and 1, not 1.2"),
        (([0.5, math.nan],), "between 0 and 1, not nan"),
        (([0.5], ["a", "b"]), "one stratum for each of 1 cases"),
        (([0.5], ["a"], {"b": 1}), "stratum 'a' has no weight; weights has 'b'"),
        (([0.5], ["a"], {"a": 0}), "weight of stratum 'a' must be positive"),
        (([0.5], None, None, 95), "confidence must lie between 0 and 1"),
        (([[0.5]],), "plain list of numbers"),
    ],
)
def test_what_makes_no_mean_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        score_interval(*arguments)


def test_a_range_of_scores_turned_round_is_refused():
    with pytest.raises(ValueError, match="least must lie below greatest"):
        score_interval([0.5], least=1, greatest=0)


def test_a_difference_of_two_proportions_as_newcombe_published_it():
    # Newcombe (1998), example (a): 56/70 and 48/80 give 0.2000 (0.0524, 0.3339)
    first, second = (score_interval([1.0] * k + [0.0] * (n - k)) for k, n in ((56, 70), (48, 80)))
    assert difference_interval(first, second) == near(0.0524, 0.3339, 5e-5)
    assert difference_interval(first, score_interval([])) is None


def test_the_high_risk_drop_by_hand_and_against_scipy():
    high, other = [1.0] * 48 + [0.0] * 32, [1.0] * 56 + [0.0] * 14
    found = high_risk_drop(high, other)
    assert found.drop == pytest.approx(0.2)
    assert found.interval == near(0.0524, 0.3339, 5e-5)
    assert found.bootstrap == near(0.06, 0.34, 0.02)
    assert found.p == pytest.approx(mannwhitneyu(high, other, alternative="less").pvalue, rel=1e-12)
    assert high_risk_drop(high, other, resamples=0) == replace(found, bootstrap=None)
    assert (found.high, found.other) == (80, 70)
    assert high_risk_drop(high, other) == found
    assert high_risk_drop(high, other, seed=1) != found


def test_a_model_better_in_high_risk_cases_has_a_negative_drop_and_a_large_p():
    found = high_risk_drop([1.0, 0.9, 0.95], [0.1, 0.2, 0.3])
    assert found.drop == pytest.approx(-0.75)
    assert found.p == 1.0


@given(*[st.lists(st.one_of(SCORES, st.floats(0, 1)), min_size=1, max_size=12)] * 2)
def test_the_p_of_a_drop_is_scipy_s_with_and_without_ties(high, other):
    expected = 1.0 if len({*high, *other}) == 1 else mannwhitneyu(high, other, alternative="less").pvalue
    assert high_risk_drop(high, other, resamples=0).p == pytest.approx(expected, rel=1e-9)


def test_a_drop_needs_cases_on_both_sides():
    assert high_risk_drop([], [1.0]).drop is high_risk_drop([1.0], []).interval is None


def test_two_groups_of_equal_scores_have_no_drop_and_still_an_interval():
    found = high_risk_drop([1.0] * 12, [1.0] * 12)
    assert (found.drop, found.p, found.bootstrap) == (0, 1, Interval(0, 0))
    assert found.interval == near(wilson(12, 12).low - 1, 1 - wilson(12, 12).low)


def test_runs_are_paired_by_case_and_what_only_one_has_is_named():
    found = pair_up({"b": 0.5, "a": 1.0, "c": 1.0}, {"a": 0.0, "b": 0.75, "d": 1.0})
    assert (found.cases, found.differences) == (("a", "b"), (1.0, -0.25))
    assert (found.only_candidate, found.only_baseline) == (("c",), ("d",))


def test_a_paired_difference_by_hand():
    # 1 gain and 2 losses in 10, one-sided 95%. Gains: Wilson 0.022636 below, 0.1 + 0.135277 + sqrt(0.0183 + 0.02435)
    # = 0.441796 above, exact 0.394163; losses: 0.068558 below, 0.583448 above, exact 0.506901.
    # r = -(0.1 x 0.2 / 10) / sqrt(0.009 x 0.016) = -1/6
    found = non_inferiority([1.0, -1.0, -1.0] + [0.0] * 7, 0.1)
    assert found.interval == near(-0.503615, 0.286105)
    assert (found.decision, found.difference) == ("inconclusive", pytest.approx(-0.1))
    assert found.se == pytest.approx(math.sqrt((3 - 10 * 0.01) / 9 / 10))


@pytest.mark.parametrize(("n", "decision"), [(58, "inconclusive"), (59, "pass")])
def test_models_that_agree_on_every_case_are_equal_as_far_as_so_many_cases_can_show(n, decision):
    found = non_inferiority([0.0] * n, 0.05)
    assert found.decision == decision
    assert found.interval == near(-zero_event_upper(n), zero_event_upper(n), 1e-9)


def test_a_candidate_that_loses_much_more_than_the_margin_fails():
    assert non_inferiority([-1.0] * 30 + [0.0] * 70, 0.05).decision == "fail"


def test_a_candidate_that_gains_passes():
    assert non_inferiority([1.0] * 30 + [0.0] * 70, 0.05).decision == "pass"


def test_a_lower_confidence_and_a_wider_margin_pass_sooner():
    differences = [-1.0] * 3 + [0.0] * 97
    assert non_inferiority(differences, 0.05).decision == "inconclusive"
    assert non_inferiority(differences, 0.05, 0.7).decision == "pass"
    assert non_inferiority(differences, 0.10).decision == "pass"


def test_without_pairs_nothing_is_decided():
    found = non_inferiority([], 0.05)
    assert (found.decision, found.difference, found.se, found.interval) == ("inconclusive", None, None, Interval(-1, 1))


def test_a_loss_in_a_weighty_criterion_counts_for_its_weight():
    differences, strata = [-1.0] * 5 + [0.0] * 195, ["a"] * 100 + ["b"] * 100
    heavy = non_inferiority(differences, 0.05, strata=strata, weights={"a": 5, "b": 1})
    light = non_inferiority(differences, 0.05, strata=strata, weights={"a": 1, "b": 5})
    assert heavy.difference == pytest.approx(-5 / 6 * 0.05)
    assert (heavy.decision, light.decision) == ("inconclusive", "pass")


def test_differences_of_signed_scores_are_decided_on_their_own_scale():
    narrow, wide = non_inferiority([-0.5, 0.25] * 50, 0.2), non_inferiority([-1.0, 0.5] * 50, 0.4, span=2)
    assert wide.decision == narrow.decision
    assert wide.interval == near(2 * narrow.interval.low, 2 * narrow.interval.high)


DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60)


@given(DIFFERENCES, st.sampled_from([0.01, 0.1, 0.3]))
def test_a_decision_follows_from_the_interval_and_turns_round_with_the_roles(differences, margin):
    found = non_inferiority(differences, margin)
    turned = non_inferiority([-d for d in differences], margin)
    assert turned.interval == near(-found.interval.high, -found.interval.low, 1e-9)
    assert -1 <= found.interval.low < found.interval.high <= 1
    assert (found.decision == "pass") == (found.interval.low > -margin)
    assert (found.decision == "fail") == (found.interval.high < -margin)


@given(DIFFERENCES, st.integers(0, 59))
def test_one_more_loss_never_turns_a_decision_into_a_pass(differences, place):
    worse = list(differences)
    worse[place % len(worse)] = -1.0
    if non_inferiority(worse, 0.1).decision == "pass":
        assert non_inferiority(differences, 0.1).decision == "pass"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0], 0.0), "margin must be positive, not 0.0"),
        (([0.0], -0.1), "margin must be positive, not -0.1"),
        (([0.0], 0.1, 0.4), "above 0.5, not 0.4"),
        (([-1.5], 0.1), "between -1 and 1, not -1.5"),
    ],
)
def test_what_makes_no_comparison_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        non_inferiority(*arguments)


def test_standard_errors_by_hand():
    # mean 0.5, squares 4 x 0.25: sd^2 = 1/3, SE = sqrt(1/12)
    assert standard_error([1, 1, 0, 0]) == pytest.approx(math.sqrt(1 / 12))
    # clusters {1, 1} and {0, 0}: 2 x 2 x 0.25 more over 16
    assert clustered_standard_error([1, 1, 0, 0], "aabb") == pytest.approx(math.sqrt(1 / 12 + 1 / 16))
    # clusters {1, 0} twice: 2 x 2 x -0.25
    assert clustered_standard_error([1, 0, 1, 0], "aabb") == pytest.approx(math.sqrt(1 / 12 - 1 / 16))


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30))
def test_every_case_a_cluster_of_its_own_is_no_clustering(values):
    plain = standard_error(values)
    assert clustered_standard_error(values, range(len(values))) == pytest.approx(plain, abs=1e-9)
    if plain > 1e-6:
        assert abs(math.fsum(values) / len(values) / plain) == pytest.approx(abs(ttest_1samp(values, 0).statistic))


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_values_have_no_standard_error(values):
    assert standard_error(values) is clustered_standard_error(values, ["a"] * len(values)) is None


def test_one_cluster_has_no_clustered_standard_error_and_lists_must_match():
    assert clustered_standard_error([0.5, 1.0], "aa") is None
    with pytest.raises(ValueError, match="every value needs a cluster"):
        clustered_standard_error([0.5], "ab")


def test_mcnemar_by_hand():
    # 8 discordant, 7 of them losses: (8 + 1) / 256
    found = mcnemar_exact(lost=7, gained=1)
    assert (found.p_worse, found.p) == (pytest.approx(9 / 256), pytest.approx(18 / 256))
    assert mcnemar_exact(1, 7).p_worse == pytest.approx(255 / 256)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_is_the_binomial_test_of_discordant_pairs(lost, gained):
    found = mcnemar_exact(lost, gained)
    assert found.p == mcnemar_exact(gained, lost).p
    if lost + gained:
        assert found.p == pytest.approx(binomtest(lost, lost + gained).pvalue)
        worse = binomtest(lost, lost + gained, alternative="greater").pvalue
        assert found.p_worse == pytest.approx(worse)
    else:
        assert (found.p, found.p_worse) == (1, 1)


def test_thousands_of_discordant_pairs_overflow_nothing_and_negative_counts_are_refused():
    assert mcnemar_exact(3000, 3000).p == 1
    assert 0 < mcnemar_exact(3000, 2000).p < 1e-40
    with pytest.raises(ValueError, match="cannot be negative"):
        mcnemar_exact(-1, 2)
