"""The gate table, as plain text and as Markdown, and the one-sentence decision above it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.policy import NEVER_EVENTS
from csedb_tests.qualification.standing import NOT_QUALIFIED, is_let_through
from csedb_tests.record import CaseRecord, DropRecord, GateRecord, RunRecord
from csedb_tests.text import showable

HEADER = ("gate", "value", "interval", "threshold", "n", "detects", "decision", "")
RESEARCH = "research"
DETECTS = (
    "detects: how far beyond its threshold the truth must lie for so many cases to show it in 4 of 5 runs; for "
    "never-events, the rate per case at which 4 of 5 runs would see one"
)
_WORDS = {"pass": "GO", "fail": "NO-GO", "inconclusive": "INCONCLUSIVE"}


def decision_line(record: RunRecord) -> str:
    """The decision, what it is a decision about, and what was let through to it: a judge, gates under a waiver."""
    return "; ".join((_decision(record), *_let_through(record)))


def _let_through(record: RunRecord) -> Iterator[str]:
    if is_let_through(record.gates):
        yield NOT_QUALIFIED
    for gate in record.gates:
        if gate.is_waived and gate.waiver is not None:
            yield f"{gate.name} {gate.decision.upper()}, WAIVED until {gate.waiver.until} by {gate.waiver.who}"
        if allows_never_events(gate):
            yield f"{gate.value:.0f} NEVER-EVENTS ALLOWED BY THE POLICY (at most {gate.threshold:.0f})"


def allows_never_events(gate: GateRecord) -> bool:
    """Whether this gate passes although never-events occurred: the policy allows some."""
    return gate.name == NEVER_EVENTS and gate.decision == "pass" and bool(gate.value)


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
    if record.identity.policy.get("preset") == RESEARCH:
        word, scope = record.decision.upper(), f"{scope}; preset research: not a decision on a release"
    return f"{word} ({scope})"


def gate_rows(gates: Sequence[GateRecord]) -> list[tuple[str, ...]]:
    """One row per gate, as texts, in the order of `HEADER`."""
    return [(g.name, _value(g), _interval(g), _threshold(g), str(g.n), _detects(g), _outcome(g), g.note) for g in gates]


def _value(gate: GateRecord) -> str:
    if gate.unit == "count" and gate.value is not None:
        return f"{gate.value:.0f}" if gate.low == gate.high else f"{gate.low:.0f} to {gate.high:.0f}"
    value = "unknown" if gate.value is None else f"{gate.value:.3f}"
    if gate.low == gate.high or gate.low is None or gate.high is None:
        return value
    return f"{value} [{gate.low:.3f}, {gate.high:.3f}]"


def _interval(gate: GateRecord) -> str:
    """The sampling interval with its confidence; for a count, that of its rate per case."""
    if gate.interval_low is None or gate.interval_high is None or gate.confidence is None:
        return ""
    rate = "rate " if gate.unit == "count" else ""
    return f"{gate.confidence * 100:g}%: {rate}{gate.interval_low:.3f} to {gate.interval_high:.3f}"


def _threshold(gate: GateRecord) -> str:
    sign = "<=" if gate.sense == "most" else ">="
    if gate.unit == "count":
        return f"{sign} {gate.threshold:.0f}"
    bound = " (bound)" if gate.basis == "bound" else ""
    return f"{sign} {gate.threshold:.3f}{bound}"


def _detects(gate: GateRecord) -> str:
    """What so many cases can show."""
    if gate.detectable is None:
        return ""
    return f"{'rate ' if gate.unit == 'count' else ''}{gate.detectable:.3f}"


def _outcome(gate: GateRecord) -> str:
    return f"{gate.decision.upper()} (waived)" if gate.is_waived else gate.decision.upper()


def drop_line(drop: DropRecord | None) -> str | None:
    """The high-risk drop in one line; None where it cannot be told."""
    if drop is None:
        return None
    sizes = f"{drop.high} high-risk cases against {drop.other} others"
    interval = f"{drop.confidence * 100:g}%: {drop.interval_low:+.3f} to {drop.interval_high:+.3f}"
    return f"high-risk drop: {drop.value:+.3f} ({interval}; p = {drop.p:.2g}; {sizes})"


def gate_text(gate: GateRecord) -> str:
    """A gate in one line, where there is no table: ``FAIL 0.812 (threshold >= 0.900, n 50) 2 of 50 unscored``."""
    (_, value, _, threshold, n, _, decision, note), *_ = gate_rows([gate])
    waived = f"waived until {gate.waiver.until} by {gate.waiver.who}" if gate.waiver and gate.is_waived else ""
    return f"{decision} {value} (threshold {threshold}, n {n}) {'; '.join(filter(None, (waived, note)))}".rstrip()


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
