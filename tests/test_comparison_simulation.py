"""Scripted pairs of runs with a known true drop: decisions as often as theory says.

2,069 cases of 30 criteria in both runs; in each case the candidate loses with probability l and gains with g, so that
the true drop is l - g and every paired difference has the variance l + g - (l - g)^2. The weighted mean of the
differences is then normal, near enough, with SE^2 = sum of share^2 / n x that variance, and with z the 95% quantile

    P(pass) = Phi((margin - drop) / SE - z),    P(fail) = Phi((drop - margin) / SE - z).
"""

from functools import cache
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binomtest

from csedb_tests.comparison.compare import compare
from csedb_tests.comparison.decisions import baseline_gates
from csedb_tests.comparison.sides import baseline_of, candidate_of
from csedb_tests.schema import Case
from csedb_tests.statistics.paired import non_inferiority
from tests.paired_runs import held_to, run_of, some_cases

CASES, MARGIN, REPETITIONS, DISCORDANT = 2069, 0.02, 200, 0.10
DROPS = (0.0, 0.01, 0.02, 0.05)
TRACKS = ("safety", "effectiveness", "overall")


@cache
def bank() -> tuple[Case, ...]:
    return tuple(some_cases(CASES))


@cache
def part(track: str) -> tuple[np.ndarray, list[str], dict[str, float]]:
    """Places, criteria and weights of a track's cases."""
    places = np.array([i for i, case in enumerate(bank()) if track in (case.track, "overall")])
    criteria = [bank()[i].criterion for i in places]
    return places, [c.code for c in criteria], {c.code: c.weight for c in criteria}


@cache
def differences(drop: float) -> np.ndarray:
    """-1, 0 or 1 of every case in every repetition."""
    draw = np.random.default_rng(20260101 + round(100 * drop)).random((REPETITIONS, CASES))
    loss, gain = (DISCORDANT + drop) / 2, (DISCORDANT - drop) / 2
    return np.where(draw < loss, -1, np.where(draw < loss + gain, 1, 0))


def theory(track: str, drop: float) -> dict[str, float]:
    _, codes, weights = part(track)
    total = sum(weights.values())
    spread = sum((weights[c] / total) ** 2 / codes.count(c) for c in weights)
    error = (spread * (DISCORDANT - drop**2)) ** 0.5
    normal, room = NormalDist(), (MARGIN - drop) / error
    z = normal.inv_cdf(0.95)
    return {"pass": normal.cdf(room - z), "fail": normal.cdf(-room - z)}


def decisions(track: str, drop: float) -> list[str]:
    places, codes, weights = part(track)
    rows = differences(drop)[:, places].astype(float)
    return [non_inferiority(row, MARGIN, strata=codes, weights=weights, graded=set()).decision for row in rows]


@pytest.mark.parametrize("drop", DROPS)
@pytest.mark.parametrize("track", TRACKS)
def test_decisions_come_as_often_as_theory_says(track: str, drop: float):
    found, expected = decisions(track, drop), theory(track, drop)
    for decision, probability in expected.items():
        count = found.count(decision)
        assert binomtest(count, REPETITIONS, probability).pvalue > 0.001, (decision, count, probability * REPETITIONS)


def test_a_drop_of_five_points_hardly_ever_passes_and_none_hardly_ever_fails():
    assert "pass" not in decisions("overall", 0.05)
    assert "fail" not in decisions("overall", 0.0)


@pytest.mark.parametrize("drop", DROPS)
def test_whole_runs_decide_as_their_differences_do(drop: float):
    policy = held_to(margin=MARGIN, blocking=TRACKS)
    script = differences(drop)[0]
    before = run_of(bank(), ["miss" if d > 0 else "pass" for d in script], "baseline")
    now = run_of(bank(), ["miss" if d < 0 else "pass" for d in script])
    found = compare(candidate_of(now), baseline_of(before), policy, 0.6)
    gates = {gate.name: gate for gate in baseline_gates(found)}
    for track in TRACKS:
        places, codes, weights = part(track)
        graded = {case.criterion.code for case in bank() if case.criterion.scoring == "graded"}
        direct = non_inferiority(script[places].astype(float), MARGIN, strata=codes, weights=weights, graded=graded)
        gate = gates[f"baseline: {track}"]
        assert (gate.decision, gate.value) == (direct.decision, pytest.approx(direct.difference))
        assert (gate.interval_low, gate.interval_high) == pytest.approx((direct.interval.low, direct.interval.high))
