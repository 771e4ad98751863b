"""The beta distribution without scipy: worked by hand, and against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv
from scipy.stats import binomtest

from csedb_tests.statistics.beta import beta_quantile, incomplete_beta
from csedb_tests.statistics.paired import mcnemar_exact

SHAPES = st.floats(0.5, 5000)


def test_the_beta_distribution_by_hand():
    # a = 2, b = 1 has the share x^2; a = 1, b = 10 the share 1 - (1 - x)^10
    assert incomplete_beta(0.3, 2, 1) == pytest.approx(0.09)
    assert beta_quantile(0.95, 1, 10) == pytest.approx(1 - 0.05**0.1)


@given(st.floats(0, 1), SHAPES, SHAPES)
def test_the_share_is_scipy_s(x: float, a: float, b: float):
    assert incomplete_beta(x, a, b) == pytest.approx(float(betainc(a, b, x)), abs=1e-10)


@given(st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.975, 0.999]), SHAPES, SHAPES)
def test_the_quantile_is_scipy_s(probability: float, a: float, b: float):
    assert beta_quantile(probability, a, b) == pytest.approx(float(betaincinv(a, b, probability)), rel=1e-8)


@pytest.mark.parametrize(("probability", "a", "b"), [(0.0, 1, 1), (1.0, 1, 1), (0.5, 0, 1), (0.5, 1, -1)])
def test_what_is_no_distribution_is_refused(probability: float, a: float, b: float):
    with pytest.raises(ValueError, match="must lie"):
        beta_quantile(probability, a, b)


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_mcnemar_is_the_binomial_test(lost: int, gained: int):
    found = mcnemar_exact(lost, gained)
    if lost + gained:
        assert found.p == pytest.approx(binomtest(lost, lost + gained).pvalue)
        assert found.p_worse == pytest.approx(binomtest(lost, lost + gained, alternative="greater").pvalue)
    else:
        assert (found.p, found.p_worse) == (1.0, 1.0)
