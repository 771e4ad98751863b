"""The gates that a comparison makes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from csedb_tests.comparison.values import Comparison, NewNeverEvent, Problem, StratumRow
from csedb_tests.record import Decision, GateRecord

COMPARABLE = "baseline: comparable"
NEW_NEVER_EVENTS = "baseline: new never-events"


def baseline_gates(comparison: Comparison | None) -> tuple[GateRecord, ...]:
    """Whether the runs can be compared, no new never-event, and each blocking stratum; nothing without a baseline.

    Where nothing was compared, the first gate stands alone and is inconclusive.
    """
    return tuple(_gates(comparison)) if comparison is not None else ()


def outdated(comparison: Comparison | None, run_id: str) -> Comparison | None:
    """The comparison of a run whose verdicts have changed since, as ``run_id``: it decides nothing until made anew."""
    if comparison is None:
        return None
    text = (
        f"verdicts were settled after the comparison with {comparison.baseline_run}; make it anew: csedb compare "
        f"{comparison.baseline_run} {run_id}"
    )
    others = (problem for problem in comparison.problems if problem.kind != "review")
    return replace(comparison, problems=(Problem("review", text), *others), rows=())


def _gates(comparison: Comparison) -> Iterator[GateRecord]:
    yield _comparable(comparison)
    if comparison.rows:
        yield _never_events(comparison)
        yield from (_stratum(row) for row in comparison.rows if row.blocks)


def _comparable(comparison: Comparison) -> GateRecord:
    blocking = comparison.blocked_by
    note = "; ".join(problem.text for problem in blocking)
    if not blocking:
        note = "".join(f"allowed: {problem.text}; " for problem in comparison.problems).removesuffix("; ")
    count = float(len(blocking))
    decision: Decision = "inconclusive" if blocking else "pass"
    return GateRecord(
        COMPARABLE, decision, count, count, count, 0.0, comparison.pairs, note, unit="count", sense="most"
    )


def _never_events(comparison: Comparison) -> GateRecord:
    committed, unknown = len(comparison.never_events), comparison.never_unknown
    decision: Decision = "pass"
    if committed or unknown:
        decision = "fail" if committed else "inconclusive"
    return GateRecord(
        NEW_NEVER_EVENTS,
        decision,
        float(committed),
        float(committed),
        float(committed + unknown),
        0.0,
        comparison.pairs,
        _never_note(comparison.never_events, unknown),
        unit="count",
        sense="most",
    )


def _never_note(events: Sequence[NewNeverEvent], unknown: int) -> str:
    names = [f"{event.case_id} {event.never_id}" for event in events[:3]]
    if len(events) > 3:
        names.append(f"and {len(events) - 3} more")
    return "; ".join([", ".join(names)] * bool(names) + [f"{unknown} could not be judged"] * bool(unknown))


def _stratum(row: StratumRow) -> GateRecord:
    return GateRecord(
        f"baseline: {row.name}",
        row.decision,
        row.difference,
        row.worst,
        row.best,
        -row.margin,
        row.n,
        _note(row),
        sense="least",
        basis="bound",
        interval_low=row.low,
        interval_high=row.high,
        confidence=2 * row.confidence - 1,
        more_cases=row.more_cases,
        detectable=row.detectable,
        p=row.adjusted_p,
    )


def _note(row: StratumRow) -> str:
    note = f"{row.unscored} of {row.n} unscored" if row.unscored else ""
    if row.decision == "fail" and row.high >= -row.margin:
        note += f"; worse by McNemar's test (p {row.adjusted_p:.2g})"
    return (note + more_text(row)).removeprefix("; ")


def more_text(row: StratumRow) -> str:
    """How many more cases would decide an inconclusive row, or that none would."""
    if row.decision != "inconclusive":
        return ""
    if row.more_cases is None:
        return "; more cases at this difference would not show it to be within the margin"
    return f"; about {row.more_cases:,} more {'case' if row.more_cases == 1 else 'cases'} would decide"
