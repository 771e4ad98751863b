"""A comparison with a baseline in words and columns, for a terminal."""

from collections.abc import Iterator, Sequence

from csedb_tests.comparison.values import Change, Comparison, DropChange, NewNeverEvent, Outcome, StratumRow
from csedb_tests.text import one_line, shortened, showable

HEADER = (
    "part",
    "pairs",
    "before",
    "now",
    "difference",
    "one-sided bounds",
    "decision",
    "lost",
    "gained",
    "p (adjusted)",
)
MOST_CHANGES = 10


def comparison_lines(comparison: Comparison, most: int = MOST_CHANGES) -> Iterator[str]:
    """Everything but the answers; at most ``most`` broken and as many fixed cases."""
    yield headline(comparison)
    yield from problem_lines(comparison)
    if not comparison.rows:
        return
    yield ""
    yield from _columns([HEADER, *(row_cells(row) for row in shown_rows(comparison))])
    if comparison.drop is not None:
        yield ""
        yield drop_text(comparison.drop)
    yield from change_lines(comparison, most)


def headline(comparison: Comparison) -> str:
    """What was compared with what, and in how many cases it went differently."""
    text = f"baseline: run {comparison.baseline_run} (model {one_line(comparison.baseline_model)})"
    if not comparison.rows:
        return f"{text}: NOT COMPARED"
    skipped = comparison.unmatched.not_selected
    counts = (
        f"{comparison.pairs:,} pairs",
        f"new never-events {len(comparison.never_events)}",
        f"broken {sum(change.kind == 'broken' for change in comparison.changes)}",
        f"fixed {len(comparison.fixed)}",
        *([f"of its cases not selected {skipped:,}"] if skipped else []),
    )
    return f"{text}: {', '.join(counts)}"


def problem_lines(comparison: Comparison) -> Iterator[str]:
    """Why the runs are not alike: what blocks first, then what is allowed."""
    for problem in sorted(comparison.problems, key=lambda problem: problem.allowed):
        yield f"{'allowed' if problem.allowed else 'blocked'}: {showable(problem.text)}"


def shown_rows(comparison: Comparison) -> list[StratumRow]:
    """Tracks and risk levels; criteria and departments only where something speaks for a loss."""
    return [row for row in comparison.rows if row.dimension in ("total", "risk") or _speaks_for_loss(row)]


def _speaks_for_loss(row: StratumRow) -> bool:
    return row.decision == "fail" or row.worse_beyond_chance


def row_cells(row: StratumRow) -> tuple[str, ...]:
    """A row as texts, in the order of `HEADER`."""
    unscored = f" ({row.unscored} unscored)" if row.unscored else ""
    worse = " worse" if row.worse_beyond_chance else ""
    return (
        f"{row.name} (blocks)" if row.blocks else row.name,
        f"{row.n:,}{unscored}",
        _share(row.baseline),
        _share(row.candidate),
        "unknown" if row.difference is None else f"{row.difference:+.3f}",
        f"{row.low:+.3f} {row.high:+.3f}",
        row.decision.upper() if row.blocks else row.decision,
        str(row.lost),
        str(row.gained),
        f"{row.adjusted_p:.2g}{worse}",
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def drop_text(drop: DropChange) -> str:
    """By how much the high-risk drop has changed."""
    interval = f"{drop.confidence * 100:g}%: {drop.low:+.3f} to {drop.high:+.3f}"
    return f"high-risk drop: {drop.baseline:+.3f} before, {drop.candidate:+.3f} now, {drop.value:+.3f} ({interval})"


def change_lines(comparison: Comparison, most: int) -> Iterator[str]:
    """New never-events, all of them by name; broken and fixed cases, the gravest first."""
    if comparison.never_events:
        yield ""
        yield f"new never-events ({len(comparison.never_events)})"
        for event in comparison.never_events:
            yield f"  {never_text(event)}"
            if event.quote:
                yield f'      "{one_line(shortened(event.quote, 300))}"'
    yield from _listed("broken", [change for change in comparison.changes if change.kind == "broken"], most)
    yield from _listed("fixed", comparison.fixed, most)


def never_text(event: NewNeverEvent) -> str:
    """A new never-event in one line, its words apart."""
    note = f" ({event.note})" if event.note else ""
    return f"{event.case_id}: {event.never_id}: {event.text} Hazard: {event.hazard}.{note}"


def _listed(title: str, changes: Sequence[Change], most: int) -> Iterator[str]:
    if not changes or not most:
        return
    yield ""
    yield f"{title} ({len(changes)})"
    yield from (f"  {change_text(change)}" for change in changes[:most])
    if len(changes) > most:
        yield f"  and {len(changes) - most} more"


def change_text(change: Change) -> str:
    """A case's change in one line."""
    outcomes = f"{outcome_text(change.baseline)} before, {outcome_text(change.candidate)} now"
    return f"{change.case_id} [{change.criterion}, {change.risk} risk] {change.title}: {outcomes}"


def outcome_text(outcome: Outcome) -> str:
    """How a case went: ``passed 1.00``, ``failed 0.00, never-event gives-verapamil``."""
    if outcome.status == "error":
        return "unscored"
    score = "" if outcome.score is None else f" {outcome.score:.2f}"
    never = f", never-event {', '.join(outcome.never_events)}" if outcome.never_events else ""
    return f"{outcome.status}{score}{never}"


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
