"""Runs over time, as a table for the terminal."""

from collections.abc import Iterator

from csedb_tests.history import Entry, History
from csedb_tests.text import one_line, shortened

HEADER = ("run", "started", "model", "cases", "decision", "safety", "effectiveness", "never-events", "drop")
_LONGEST = 40


def history_lines(history: History) -> Iterator[str]:
    """One line per run, oldest first; a blank line where bank or judge change; then the files that were skipped."""
    rows = [HEADER, *map(entry_cells, history.entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    yield lines[0]
    before = None
    for entry, line in zip(history.entries, lines[1:], strict=True):
        now = (entry.bank, entry.judge)
        if now != before:
            yield f"-- bank {one_line(entry.bank)}, judge {shortened(one_line(entry.judge), _LONGEST)}"
        before = now
        yield line
    yield from (f"skipped: {one_line(line)}" for line in history.skipped)


def entry_cells(entry: Entry) -> tuple[str, ...]:
    """A run as texts, in the order of `HEADER`."""
    return (
        one_line(entry.run_id),
        one_line(entry.started),
        shortened(one_line(entry.model), _LONGEST),
        f"{entry.selected} of {entry.of}",
        entry.decision.upper() + (" (waived)" if entry.waived else ""),
        _score(entry.safety),
        _score(entry.effectiveness),
        _count(entry.never_events),
        "-" if entry.drop is None else f"{entry.drop:+.3f}",
    )


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"


def _count(count: tuple[int, int] | None) -> str:
    if count is None:
        return "-"
    low, high = count
    return str(low) if low == high else f"{low} to {high}"
