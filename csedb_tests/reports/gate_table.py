"""The gate table, as plain text and as Markdown, and the one-sentence decision above it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.qualification.standing import NOT_QUALIFIED, is_let_through
from csedb_tests.record import CaseRecord, GateRecord, RunRecord
from csedb_tests.text import showable

HEADER = ("gate", "value", "threshold", "n", "decision", "")
_WORDS = {"pass": "GO", "fail": "NO-GO", "inconclusive": "INCONCLUSIVE"}


def decision_line(record: RunRecord) -> str:
    """The decision, what it is a decision about, and whether an unqualified judge was let through to it."""
    return _decision(record) + (f"; {NOT_QUALIFIED}" if is_let_through(record.gates) else "")


def _decision(record: RunRecord) -> str:
    selection = record.selection
    if selection.shard:
        cases = f"{selection.selected} of {len(selection.planned)} cases"
        return f"{record.decision.upper()} (shard {selection.shard}, {cases}: csedb merge decides)"
    if selection.is_full:
        scope = f"the full bank, {selection.bank} cases"
    else:
        scope = f"a selection, {selection.selected} of {selection.bank} cases: not a decision on the full bank"
    word = _WORDS[record.decision] if selection.is_full else record.decision.upper()
    return f"{word} ({scope})"


def gate_rows(gates: Sequence[GateRecord]) -> list[tuple[str, ...]]:
    """One row per gate, as texts, in the order of `HEADER`."""
    return [(g.name, _value(g), _threshold(g), str(g.n), g.decision.upper(), g.note) for g in gates]


def _value(gate: GateRecord) -> str:
    if _is_count(gate):
        return f"{gate.value:.0f}" if gate.low == gate.high else f"{gate.low:.0f} to {gate.high:.0f}"
    value = "unknown" if gate.value is None else f"{gate.value:.3f}"
    if gate.low == gate.high or gate.low is None or gate.high is None:
        return value
    return f"{value} [{gate.low:.3f}, {gate.high:.3f}]"


def _threshold(gate: GateRecord) -> str:
    if _is_count(gate):
        return f"<= {gate.threshold:.0f}"
    sign = "<=" if gate.name == "unscored rate" else ">="
    return f"{sign} {gate.threshold:.3f}"


def _is_count(gate: GateRecord) -> bool:
    return gate.unit == "count" or gate.name == "never-events"


def text_table(gates: Sequence[GateRecord]) -> Iterator[str]:
    """The table in columns."""
    rows = [HEADER, *gate_rows(gates)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def markdown_table(gates: Sequence[GateRecord]) -> Iterator[str]:
    """The table in Markdown."""
    yield f"| {' | '.join(cell or 'note' for cell in HEADER)} |"
    yield "|" + " --- |" * len(HEADER)
    for row in gate_rows(gates):
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    """A note may name a judge, and a judge may be called anything."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("@", "@\u200b")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A never-event that occurred: what it is, and the words of the answer that show it (perhaps none)."""

    text: str
    quote: str


def occurrences(cases: Sequence[CaseRecord]) -> list[Occurrence]:
    """Every never-event that occurred, in the order of the cases."""
    return [
        Occurrence(f"{record.case.id}: {never.id}: {never.text} Hazard: {never.hazard}.", _quote(record, never.id))
        for record in cases
        for never in record.case.never
        if never.id in record.score.never_events
    ]


def _quote(record: CaseRecord, statement: str) -> str:
    verdicts = (verdict for sample in record.samples for verdict in sample.verdicts)
    quotes = (v.quote for v in verdicts if v.statement == statement and v.value == "met" and v.quote)
    return showable(" ".join(next(quotes, "").split()))[:300]
