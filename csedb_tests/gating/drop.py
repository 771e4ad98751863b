"""The high-risk drop: by how much a model does worse where an error would do the most harm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.gating.estimates import TOLERANCE
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, Decision, DropRecord, GateRecord
from csedb_tests.score import clipped
from csedb_tests.statistics.drop import HighRiskDrop, high_risk_drop
from csedb_tests.statistics.intervals import Interval, normal_quantile
from csedb_tests.statistics.power import minimal_detectable_effect, more_cases_mean


def drop_of(cases: Sequence[CaseRecord], confidence: float) -> DropRecord | None:
    """The drop over scored cases; None unless there are some in high risk and some in other risk."""
    scored = sorted((case for case in cases if case.score.value is not None), key=lambda case: case.case.id)
    found = _drop(scored, [case.score.low for case in scored], [case.score.low for case in scored], confidence)
    if found.drop is None or found.interval is None or found.p is None:
        return None
    interval = found.interval
    return DropRecord(found.drop, interval.low, interval.high, confidence, found.p, found.high, found.other)


def drop_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> Iterator[GateRecord]:
    """The drop against the most allowed, where the policy has a most and the cases have two sides.

    Fail: the least drop that unscored cases leave possible is above it. Pass: the greatest is not, decided on the bound
    the upper bound of its interval neither. Inconclusive: all between.
    """
    most = policy.high_risk_drop
    lows, highs = [case.score.low for case in cases], [case.score.high for case in cases]
    worst = _drop(cases, lows, highs, policy.confidence)
    if most is None or worst.drop is None or worst.interval is None:
        return
    best = _drop(cases, highs, lows, policy.confidence)
    assert best.drop is not None, "both have the same cases"
    assert best.interval is not None, "both have the same cases"
    range_ = _Range(best.drop, worst.drop, Interval(best.interval.low, worst.interval.high))
    known = drop_of(cases, policy.confidence)
    unscored = sum(1 for case in cases if case.score.value is None)
    decision = _decision(range_, most, policy)
    more = _more_cases(range_, most, len(cases), policy) if decision == "inconclusive" else None
    yield GateRecord(
        name="high-risk drop",
        decision=decision,
        value=known.value if known else None,
        low=range_.least,
        high=range_.greatest,
        threshold=most,
        n=len(cases),
        note="; ".join(_notes(unscored, len(cases), more)),
        sense="most",
        basis=policy.decide_on,
        interval_low=range_.interval.low,
        interval_high=range_.interval.high,
        confidence=policy.confidence,
        more_cases=more,
        detectable=minimal_detectable_effect(1, _error(range_, policy), policy.confidence),
        p=known.p if known else None,
    )


@dataclass(frozen=True, slots=True)
class _Range:
    """The least and the greatest drop still possible, and the interval around both."""

    least: float
    greatest: float
    interval: Interval


def _drop(
    cases: Sequence[CaseRecord], of_high: Sequence[float], of_other: Sequence[float], confidence: float
) -> HighRiskDrop:
    """The drop with high-risk cases at scores ``of_high`` and others at ``of_other``, each clipped to 0 to 1."""
    is_high = [case.case.risk == "high" for case in cases]
    high = [clipped(score) for score, wanted in zip(of_high, is_high, strict=True) if wanted]
    other = [clipped(score) for score, wanted in zip(of_other, is_high, strict=True) if not wanted]
    return high_risk_drop(high, other, confidence, resamples=0)


def _decision(range_: _Range, most: float, policy: GatePolicy) -> Decision:
    allowed = most + TOLERANCE
    if range_.least > allowed:
        return "fail"
    if range_.greatest > allowed or (policy.decide_on == "bound" and range_.interval.high > allowed):
        return "inconclusive"
    return "pass"


def _more_cases(range_: _Range, most: float, n: int, policy: GatePolicy) -> int | None:
    """How many cases of the same mixture bring the upper bound down far enough; its width goes with 1 / sqrt(n)."""
    if policy.decide_on == "value" or range_.greatest >= most:
        return None
    return more_cases_mean(-range_.greatest, _error(range_, policy), n, -most, policy.confidence)


def _error(range_: _Range, policy: GatePolicy) -> float:
    """The standard error that the upper bound of the interval stands for."""
    return (range_.interval.high - range_.greatest) / normal_quantile((1 + policy.confidence) / 2)


def _notes(unscored: int, n: int, more: int | None) -> Iterator[str]:
    if unscored:
        yield f"{unscored} of {n} unscored"
    if more:
        yield f"{more} more cases needed"
