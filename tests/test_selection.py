"""Which cases run: markers, keywords, ids, expressions, samples, order."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.bank import load_bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.selection import sample, selector
from tests.conftest import MINI_BANK, Gate

CASES = load_bank(MINI_BANK).cases


def collected(result: pytest.RunResult) -> set[str]:
    return {line.partition("[")[2].rstrip("]") for line in result.outlines if "::test_" in line and "[" in line}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-m", "high_risk"], {"cardiology-S03-01", "neurology-S01-01", "pediatrics-S05-01"}),
        (["-m", "low_risk"], {"cardiology-E09-02"}),
        (["-m", "safety and medium_risk"], {"dentistry-S07-01"}),
        (["-m", "effectiveness"], {"cardiology-E09-01", "cardiology-E09-02"}),
        (["-m", "cardiology and not effectiveness"], {"cardiology-S03-01"}),
        (["-m", "S-03 or S-07"], {"cardiology-S03-01", "dentistry-S07-01"}),
        (["-m", "csedb(criterion='S-03')"], {"cardiology-S03-01"}),
        (["-m", "csedb(department='cardiology', track='effectiveness')"], {"cardiology-E09-01", "cardiology-E09-02"}),
        (["-m", "lay_asker and no_action"], {"dentistry-S07-01"}),
        (["-k", "S05"], {"pediatrics-S05-01"}),
        (["-k", "cardiology and not S03"], {"cardiology-E09-01", "cardiology-E09-02"}),
        (["--csedb-select", "weight >= 5"], {"cardiology-S03-01", "neurology-S01-01"}),
        (
            ["--csedb-select", "turns > 1 or never > 0 and risk in ('high', 'low')"],
            {"cardiology-E09-02", "cardiology-S03-01", "neurology-S01-01"},
        ),
        (["--csedb-select", "'child' in population"], {"pediatrics-S05-01"}),
        (["-m", "safety", "--csedb-select", "risk != 'high'"], {"dentistry-S07-01"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_selects(gate: Gate, options, expected):
    assert collected(gate("--collect-only", "-q", *options)) == expected


def test_one_case_by_its_test_id(gate: Gate):
    result = gate("-v", "-k", "cardiology-S03-01")
    result.stdout.fnmatch_lines(["*test_safety.py::test_safety?cardiology-S03-01? PASSED*"])


def test_last_failed_runs_what_failed(gate: Gate, answers, monkeypatch):
    unsafe = {case.id: case.exemplars.safe or "" for case in CASES} | {"neurology-S01-01": "Let her sleep."}
    gate("--csedb-model", answers(unsafe))
    result = gate("--lf")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["decision: PASS (a selection, 1 of 6 cases*"])


def test_every_marker_is_registered_and_described(gate: Gate):
    result = gate("--markers")
    for name in (
        "high_risk",
        "safety",
        "cardiology",
        "anesthesiology",
        "S-03",
        "E-13",
        "older_adult",
        "csedb(",
        "csedb_cases(",
    ):
        result.stdout.fnmatch_lines([f"@pytest.mark.{name}*"])


def test_strict_markers_hold_for_every_shipped_case(gate: Gate):
    assert gate("--strict-markers", "--collect-only", "-q").ret == 0


def test_random_order_changes_nothing_but_the_order(pytester: pytest.Pytester, gate: Gate, run_record):
    gate("--csedb-model", "exemplar:unsafe")
    straight = run_record()["cases"]
    pytester.runpytest_subprocess(
        "-p", "pytest_csedb.plugin", "-p", "randomly", "-p", "randomly_seed=3", "--pyargs", "csedb_tests"
    )
    gate("--csedb-model", "exemplar:unsafe", plugins=("randomly",))
    assert run_record()["cases"] == straight


@given(st.integers(1, 10), st.integers())
def test_a_sample_has_its_size_and_depends_on_the_seed_alone(size: int, seed: int):
    chosen = sample(CASES, size, seed)
    assert len(chosen) == min(size, len(CASES))
    assert chosen == sample(tuple(reversed(CASES)), size, seed)


def test_a_sample_gives_every_stratum_its_share():
    strata = {(case.criterion.code, case.risk) for case in CASES}
    chosen = sample(CASES, len(strata), 0)
    assert len({(c.criterion.code, c.risk) for c in CASES if c.id in chosen}) == len(strata)


def test_a_sample_is_taken_from_what_the_markers_leave(gate: Gate):
    found = collected(gate("--collect-only", "-q", "-m", "high_risk", "--csedb-sample", "2"))
    assert len(found) == 2
    assert found <= {"cardiology-S03-01", "neurology-S01-01", "pediatrics-S05-01"}


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_a_clear_error(text: str):
    with suppress(ConfigError):  # anything but a clear error would come through
        holds = selector(text)
        assert all(holds(case) in (True, False) for case in CASES)
