"""Quantiles of Student's t without scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as students_t

from csedb_tests.statistics.intervals import normal_quantile, student_quantile


@pytest.mark.parametrize(
    ("probability", "degrees", "printed"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.95, 9, 1.833), (0.975, 10, 2.228), (0.995, 30, 2.750)],
)
def test_quantiles_are_those_of_the_printed_tables(probability: float, degrees: int, printed: float):
    assert student_quantile(probability, degrees) == pytest.approx(printed, abs=5e-4)


@given(st.floats(0.51, 0.9995), st.integers(1, 3000))
def test_quantiles_equal_scipys(probability: float, degrees: int):
    assert student_quantile(probability, degrees) == pytest.approx(students_t.ppf(probability, degrees), rel=1e-9)


def test_with_many_degrees_it_is_the_normal_quantile():
    assert student_quantile(0.975, 100_000) == pytest.approx(normal_quantile(0.975), abs=1e-4)


@pytest.mark.parametrize(("probability", "degrees"), [(0.5, 3), (1.0, 3), (0.975, 0), (float("nan"), 3)])
def test_what_has_no_quantile_is_refused(probability: float, degrees: int):
    with pytest.raises(ValueError, match="probability must lie between"):
        student_quantile(probability, degrees)
