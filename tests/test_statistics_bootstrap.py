"""The stratified bootstrap: what its replicates scatter by, and that they are the same every time."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from csedb_tests.catalogue import catalogue
from csedb_tests.statistics.bootstrap import (
    bootstrap_difference,
    percentile_interval,
    stratified_bootstrap,
    stratum_replicates,
)
from csedb_tests.statistics.intervals import Interval

CODES = list(catalogue().criteria)
WEIGHTS = {code: criterion.weight for code, criterion in catalogue().criteria.items()}


def bank(n: int, seed: int = 0) -> tuple[list[float], list[str]]:
    """n cases spread evenly over the catalogue's criteria, nine in ten of them right."""
    right = np.random.default_rng(seed).random(n) < 0.9
    return list(right.astype(float)), [CODES[i % len(CODES)] for i in range(n)]


def test_replicates_scatter_by_the_variance_of_a_stratified_mean():
    # strata a: s^2 = 1/2 of 2; b: s^2 = 1/3 of 4; shares 3/4, 1/4: 9/16 x 1/4 + 1/16 x 1/12 = 28/192
    values, strata = [0, 1, 1, 1, 0, 0], "aabbbb"
    found = stratified_bootstrap(values, strata, {"a": 3, "b": 1}, resamples=100_000)
    assert found.mean() == pytest.approx(0.5, abs=0.005)
    assert found.var() == pytest.approx(28 / 192, rel=0.02)


def test_cases_are_resampled_inside_their_stratum_only():
    found = stratified_bootstrap([1.0] * 5 + [0.0] * 5, "a" * 5 + "b" * 5)
    assert set(found) == {0.5}


def test_a_stratum_of_one_case_varies_as_the_cases_of_the_others_do():
    found = stratum_replicates([0.0, 1.0, 0.0, 1.0, 1.0], "aaaab", resamples=50_000)
    assert found.means[:, 1].var() == pytest.approx(1 / 3, rel=0.02)
    assert found.means[:, 1].mean() == pytest.approx(1.0, abs=0.02)


def test_strata_of_one_case_each_vary_as_cases_do():
    # five cases, s^2 = 0.3, plain mean: 0.3 / 5
    found = stratified_bootstrap([0, 1, 1, 1, 0], "abcde", resamples=50_000)
    assert found.var() == pytest.approx(0.06, rel=0.03)


@pytest.mark.parametrize(("values", "width"), [([0.7], 0), ([0.7] * 12, 0), ([0.0, 1.0], 1)])
def test_the_smallest_groups_have_an_interval(values, width):
    interval = percentile_interval(stratified_bootstrap(values))
    assert interval.high - interval.low == pytest.approx(width)


def test_the_same_seed_gives_the_same_replicates():
    values, strata = bank(130)
    first, again, other = (stratified_bootstrap(values, strata, WEIGHTS, seed=seed) for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()


def test_one_pass_serves_every_track():
    values, strata = bank(300)
    replicates = stratum_replicates(values, strata)
    safety = {code: weight for code, weight in WEIGHTS.items() if code.startswith("S")}
    whole, track = replicates.average(WEIGHTS), replicates.average(safety)
    effectiveness = replicates.average({code: WEIGHTS[code] for code in WEIGHTS.keys() - safety.keys()})
    assert whole == pytest.approx((71 * track + 34 * effectiveness) / 105)


def test_a_large_plain_mean_gets_scipys_interval():
    values, _ = bank(1000)
    theirs = bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=1).confidence_interval
    ours = percentile_interval(stratified_bootstrap(values, resamples=5000, seed=1))
    assert ours == Interval(pytest.approx(theirs.low, abs=0.002), pytest.approx(theirs.high, abs=0.002))


def test_the_difference_of_two_groups_scatters_by_both():
    found = bootstrap_difference([0.0, 1.0] * 10, [1.0, 1.0, 1.0, 0.0], resamples=50_000)
    assert found.mean() == pytest.approx(-0.25, abs=0.01)
    assert found.var() == pytest.approx(0.25 * 20 / 19 / 20 + 0.25 / 4, rel=0.03)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_interval_leaves_out_what_its_confidence_says(replicates, confidence):
    interval = percentile_interval(replicates, confidence)
    assert min(replicates) <= interval.low <= interval.high <= max(replicates)
    outside = sum(not interval.low <= r <= interval.high for r in replicates)
    assert outside <= (1 - confidence) * len(replicates) + 2


def test_a_full_bank_takes_well_under_a_second():
    values, strata = bank(2069)
    started = time.process_time()
    stratum_replicates(values, strata, resamples=2000).average(WEIGHTS)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stratified_bootstrap([]), "at least 1"),
        (lambda: stratified_bootstrap([1.0], resamples=0), "resamples must be at least 1, not 0"),
        (lambda: stratified_bootstrap([float("nan")]), "not nan"),
        (lambda: stratified_bootstrap([1.0], ["a"], {"b": 1}), "stratum 'a' has no weight"),
        (lambda: bootstrap_difference([1.0], []), "at least one value in each group"),
        (lambda: bootstrap_difference([], [1.0]), "at least one value in each group"),
        (lambda: percentile_interval([]), "at least one replicate"),
        (lambda: stratum_replicates([1.0], ["a"]).average({"b": 1}), "sum to a positive number"),
        (lambda: stratum_replicates([1.0], ["a"]).average({"a": -1}), "at least 0"),
    ],
)
def test_what_cannot_be_resampled_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
