"""How often intervals cover the truth and gates pass what they must not, tried out with ``tests.simulation``.

Bands are 93-97% for a 95% interval. The repetitions leave a Monte-Carlo error of 0.3 to 0.5 points, one standard error.
"""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom

from csedb_tests.statistics.differences import difference_interval, paired_bounds
from csedb_tests.statistics.intervals import wilson
from csedb_tests.statistics.layout import lay_out
from csedb_tests.statistics.means import score_bounds, score_interval
from csedb_tests.statistics.paired import non_inferiority
from tests.simulation import (
    CRITERIA,
    DIFFERENCES,
    SIZES,
    Setting,
    all_criteria,
    bootstrap_coverage,
    coverage,
    differences,
    draw,
    false_passes,
    models,
    settings,
)

SEED = 20250723
SETTINGS = list(settings(np.random.default_rng(SEED)))
ONE = [s for s in SETTINGS if s.criteria == 1]
TRACKS = [s for s in SETTINGS if s.criteria > 1]
MEANS = (0.6, 0.85, 0.95)


def repetitions(n: int) -> int:
    return 4000 if n < 1000 else 2000


def name(setting: Setting) -> str:
    return f"{setting.n} {setting.name} {setting.kind}".replace(", ", " ")


@pytest.mark.parametrize("setting", ONE, ids=name)
def test_the_interval_of_a_plain_mean_covers_as_often_as_it_says(setting):
    found = [coverage(setting, mean, repetitions(setting.n), SEED) for mean in MEANS]
    assert 0.93 <= min(found) <= max(found) <= 0.97


LARGE = [s for s in TRACKS if s.n >= 300 and (s.kind == "catalogue" or s.n == 300)]


@pytest.mark.parametrize("setting", LARGE, ids=name)
def test_the_interval_of_a_weighted_score_covers_as_often_as_it_says(setting):
    for mean in MEANS[1:]:
        assert 0.93 <= coverage(setting, mean, repetitions(setting.n), SEED) <= 0.97


@pytest.mark.parametrize("setting", [s for s in TRACKS if s.n == 60 and "even" in s.name.split()], ids=name)
def test_a_few_cases_a_criterion_are_enough_for_a_weighted_score(setting):
    for mean in MEANS[1:]:
        assert 0.93 <= coverage(setting, mean, 4000, SEED) <= 0.975


@pytest.mark.parametrize("setting", [s for s in TRACKS if s.n <= 60 and s not in LARGE], ids=name)
def test_where_criteria_have_a_case_or_two_the_interval_is_too_wide_rather_than_too_narrow(setting):
    for mean in MEANS:
        assert 0.93 <= coverage(setting, mean, 4000, SEED) <= 0.985


def test_the_shipped_bank_s_size_is_enough_for_its_score():
    codes = [CRITERIA[i % 30].code for i in range(130)]
    graded = {c.code for c in CRITERIA if c.scoring == "graded"}
    layout = lay_out(130, codes, {c.code: c.weight for c in CRITERIA}, graded)
    for mean in MEANS:
        assert 0.93 <= coverage(Setting("bank", 130, "catalogue", layout), mean, 4000, SEED) <= 0.97


def test_what_the_simulation_measures_is_what_a_gate_gets():
    setting = next(s for s in TRACKS if s.n == 60 and s.kind == "catalogue")
    random = np.random.default_rng(SEED)
    scores = draw(setting, models(setting, 0.85, 5, random), random)
    strata = [setting.layout.keys[i] for i in setting.layout.index]
    weights = {c.code: c.weight for c in CRITERIA}
    graded = {c.code for c in CRITERIA if c.scoring == "graded"}
    many = score_bounds(scores, setting.layout)
    for i, values in enumerate(scores):
        one = score_interval(values, strata, weights, graded=graded)
        assert (one.interval.low, one.interval.high) == (pytest.approx(many.low[i]), pytest.approx(many.high[i]))
    apart = np.random.default_rng(SEED).choice([-1.0, 0.0, 0.5], (5, 60))
    bounds = paired_bounds(apart, setting.layout, 0.90)
    for i, values in enumerate(apart):
        found = non_inferiority(values, 0.1, strata=strata, weights=weights, graded=graded)
        assert (found.interval.low, found.interval.high) == (
            pytest.approx(bounds.low[i]),
            pytest.approx(bounds.high[i]),
        )


def test_the_percentile_bootstrap_is_no_interval_for_a_dozen_good_answers():
    setting = next(s for s in ONE if s.n == 12 and s.kind == "binary")
    assert bootstrap_coverage(setting, 0.95, 500, SEED) < 0.65


@pytest.mark.parametrize(
    ("n", "least", "most"), [(12, 0.90, 0.985), (60, 0.93, 0.98), (300, 0.935, 0.965), (2069, 0.94, 0.96)]
)
def test_for_one_proportion_the_coverage_swings_with_it_as_documented(n, least, most):
    bounds = [wilson(k, n) for k in range(n + 1)]
    low, high = np.array([b.low for b in bounds]), np.array([b.high for b in bounds])
    found = [
        float(binom.pmf(np.arange(n + 1), n, p)[(low <= p) & (p <= high)].sum()) for p in np.arange(0.5, 0.9751, 0.0125)
    ]
    assert least <= min(found) <= max(found) <= most
    assert 0.94 <= sum(found) / len(found) <= 0.96


@pytest.mark.parametrize("kind", DIFFERENCES)
@pytest.mark.parametrize("n", [12, 60, 300])
def test_a_candidate_worse_by_the_margin_rarely_passes(n, kind):
    for layout, margin in itertools.product((lay_out(n), all_criteria(n)), (0.02, 0.05, 0.1)):
        passes, fails = false_passes(kind, margin, layout, 4000, SEED)
        assert passes <= 0.055, (len(layout.keys), margin)
        assert fails <= 0.06, (len(layout.keys), margin)


@pytest.mark.parametrize("kind", DIFFERENCES)
def test_a_candidate_worse_by_the_margin_rarely_passes_on_the_full_bank(kind):
    # at 2,000 repetitions two standard errors are one point
    assert false_passes(kind, 0.05, all_criteria(2069), 2000, SEED)[0] <= 0.06


@pytest.mark.parametrize("margin", [0.01, 0.02, 0.03, 0.05, 0.1])
@pytest.mark.parametrize("n", [12, 59, 60, 100, 150, 300, 600])
def test_of_losses_alone_the_false_passes_are_exactly_bounded(n, margin):
    counts = np.arange(min(n, math.ceil(n * margin + 12 * math.sqrt(n * margin) + 12)) + 1)
    losses = np.where(np.arange(n) < counts[:, None], -1.0, 0.0)
    passes = paired_bounds(losses, lay_out(n), 0.90).low > -margin
    assert binom.pmf(counts, n, margin)[passes].sum() <= 0.05


def test_an_equal_candidate_passes_when_there_are_cases_enough():
    random = np.random.default_rng(SEED)
    for n, least in ((60, 0.0), (300, 0.5), (2069, 0.99)):
        equal = random.choice([-1.0, 0.0, 1.0], (1000, n), p=[0.04, 0.92, 0.04])
        assert np.mean(paired_bounds(equal, lay_out(n), 0.90).low > -0.05) >= least


def test_differences_in_the_simulation_have_the_mean_they_should():
    for kind, margin in itertools.product(DIFFERENCES, (0.02, 0.1)):
        drawn = differences(kind, margin, (2000, 500), np.random.default_rng(SEED))
        assert drawn.mean() == pytest.approx(-margin, abs=0.002)


@pytest.mark.parametrize(("high", "other"), [(12, 48), (60, 240), (600, 1469)])
def test_the_interval_of_the_high_risk_drop_covers_as_often_as_it_says(high, other):
    random, count, covered = np.random.default_rng(SEED), 2000, 0
    of_high, of_other = random.uniform(0.6, 0.95, count), random.uniform(0.7, 0.99, count)
    for p, q in zip(of_high, of_other, strict=True):
        first, second = (
            score_interval([1.0] * k + [0.0] * (n - k))
            for k, n in ((random.binomial(other, q), other), (random.binomial(high, p), high))
        )
        found = difference_interval(first, second)
        covered += found.low <= q - p <= found.high
    assert 0.93 <= covered / count <= 0.97


def test_every_size_asked_for_was_tried():
    assert {s.n for s in SETTINGS} == set(SIZES) == {12, 60, 300, 2069}
