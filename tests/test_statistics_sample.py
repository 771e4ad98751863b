"""The interval of one sample in plain Python, against the same done on arrays."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.statistics.layout import lay_out, stratify
from csedb_tests.statistics.means import score_bounds
from csedb_tests.statistics.sample import sample_bounds

SCORES = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 1.0]), st.floats(0, 1))
CASES = st.lists(st.tuples(SCORES, st.sampled_from("abcd")), min_size=1, max_size=60)
WEIGHTS = {"a": 5.0, "b": 1.0, "c": 3.0, "d": 2.5}


@given(CASES, st.sampled_from([None, "", "ab"]), st.sampled_from([0.9, 0.95, 0.99]), st.booleans())
def test_one_sample_gets_the_bounds_that_many_samples_get(cases, graded, confidence: float, weighted: bool):
    values, strata = zip(*cases, strict=True)
    where = (strata, WEIGHTS, graded) if weighted else (None, None, None)
    one = sample_bounds(values, stratify(len(values), *where), confidence)
    many = score_bounds(np.array([values, values]), lay_out(len(values), *where), confidence)
    for name in ("value", "low", "high", "effective"):
        expected = pytest.approx(float(getattr(many, name)[1]), rel=1e-7, abs=1e-9)
        assert getattr(one, name) == expected, name


def test_the_interval_of_one_sample_needs_no_numpy():
    code = (
        "import sys; from csedb_tests.statistics.means import score_interval; "
        "score_interval([1, 0.5, 0], 'aab', {'a': 1, 'b': 2}); sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
