"""Gates on counts: never-events, and cases without a score."""

from collections.abc import Iterator, Sequence

from csedb_tests.policy import NEVER_EVENTS, GatePolicy
from csedb_tests.record import CaseRecord, Decision, GateRecord
from csedb_tests.statistics.intervals import Interval, wilson, zero_event_upper
from csedb_tests.statistics.power import POWER


def never_event_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> Iterator[GateRecord]:
    """Never-events against the most allowed: decided on the count under every policy.

    The interval is that of the share of cases with a never-event, over the cases that watch for one.
    """
    committed = sum(len(case.score.never_events) for case in cases)
    unknown = sum(len(_open(case)) for case in cases)
    decision: Decision = "pass"
    if committed > policy.never_events:
        decision = "fail"
    elif committed + unknown > policy.never_events:
        decision = "inconclusive"
    watched = [case for case in cases if case.case.never]
    rate = _rate(watched, policy.confidence)
    yield GateRecord(
        name=NEVER_EVENTS,
        decision=decision,
        value=committed,
        low=committed,
        high=committed + unknown,
        threshold=policy.never_events,
        n=len(watched),
        note="; ".join(_notes(decision, committed, unknown)),
        unit="count",
        sense="most",
        interval_low=rate.low,
        interval_high=rate.high,
        confidence=policy.confidence,
        detectable=zero_event_upper(len(watched), POWER) if watched else None,
    )


def _open(case: CaseRecord) -> set[str]:
    return set(case.score.never_unknown) - set(case.score.never_events)


def _rate(watched: Sequence[CaseRecord], confidence: float) -> Interval:
    """The share of cases with a never-event, those that nobody could judge at their best and at their worst.

    Without any, the one-sided bound of zero events; else Wilson's.
    """
    hit = sum(1 for case in watched if case.score.never_events)
    unknown = sum(1 for case in watched if _open(case) and not case.score.never_events)
    n = len(watched)
    if hit + unknown == 0:
        return Interval(0.0, zero_event_upper(n, confidence))
    return Interval(wilson(hit, n, confidence).low, wilson(hit + unknown, n, confidence).high)


def _notes(decision: Decision, committed: int, unknown: int) -> Iterator[str]:
    if decision == "fail":
        yield f"{committed} occurred: no average, preset or waiver makes up for a never-event"
    if unknown:
        yield f"{unknown} could not be judged"


def unscored_gate(cases: Sequence[CaseRecord], policy: GatePolicy) -> Iterator[GateRecord]:
    """The share of cases without a score."""
    unscored = sum(1 for case in cases if case.score.value is None)
    rate = unscored / len(cases) if cases else 1.0
    decision: Decision = "pass" if rate <= policy.unscored_rate else "inconclusive"
    note = f"{unscored} of {len(cases)} cases" if unscored else ""
    yield GateRecord("unscored rate", decision, rate, rate, rate, policy.unscored_rate, len(cases), note, sense="most")
