"""The top of the page: may the model be deployed, and why not."""

from collections.abc import Iterator

from csedb_tests.qualification.families import self_preference
from csedb_tests.qualification.standing import is_let_through
from csedb_tests.record import GateRecord, RunRecord
from csedb_tests.reports.gate_table import DETECTS, RESEARCH, allows_never_events, decision_line, gate_rows
from csedb_tests.reports.html_parts import count, head_row, scrolling, section, text_html, time_text
from csedb_tests.reports.judging_text import judging_lines

_FULL = {
    "pass": "GO: every gate is passed",
    "fail": "NO-GO: this model must not be deployed",
    "inconclusive": "INCONCLUSIVE: this model is not cleared for deployment",
}
_PART = {
    "pass": "PASS on a part of the bank: no decision on deployment",
    "fail": "FAIL on a part of the bank: this model is not cleared for deployment",
    "inconclusive": "INCONCLUSIVE on a part of the bank: no decision on deployment",
}
_RESEARCH = {
    "pass": "PASS under the preset research: no decision on a release",
    "fail": "FAIL under the preset research: this model is not cleared for deployment",
    "inconclusive": "INCONCLUSIVE under the preset research: no decision on a release",
}
_COLORS = {"pass": "pass", "fail": "fail", "inconclusive": "doubt"}
_GATE_HEAD = ("Gate", "Decision", "Value", "Threshold", "Cases", "Detects", "Note")


def decision_html(record: RunRecord) -> str:
    """The decision in words, what stands against deployment, and what was run."""
    return (
        f'<section class="csedb-decision csedb-{_color(record)}" aria-labelledby="csedb-decision">'
        f'<div><h2 id="csedb-decision" tabindex="-1">{_title(record)}</h2>'
        f"<p>Decision: {text_html(decision_line(record))}</p>{_reasons(record)}</div>{_run_facts(record)}</section>\n"
        f"{''.join(_remarks(record))}"
    )


def _title(record: RunRecord) -> str:
    if _is_self_check(record):
        return f"SELF-CHECK ({record.decision}): the bank's own exemplars were judged, no model was tested"
    if _is_research(record):
        return _RESEARCH[record.decision]
    whole = record.selection.is_full and not record.selection.shard
    if whole and record.decision == "pass" and _is_let_through(record):
        return "GO, but not by its figures alone: read what was let through"
    return (_FULL if whole else _PART)[record.decision]


def _color(record: RunRecord) -> str:
    """Green for nothing but a model that passed every gate."""
    clean = not (_is_self_check(record) or _is_research(record) or _is_let_through(record))
    return _COLORS[record.decision] if clean or record.decision != "pass" else "doubt"


def _is_self_check(record: RunRecord) -> bool:
    return str(record.identity.model["model"]).startswith("exemplar:")


def _is_research(record: RunRecord) -> bool:
    return bool(record.identity.policy.get("preset") == RESEARCH)


def _is_let_through(record: RunRecord) -> bool:
    """Whether a waiver, an option for an unqualified judge, or never-events that the policy allows had a part in it."""
    return is_let_through(record.gates) or any(gate.is_waived or allows_never_events(gate) for gate in record.gates)


def _reasons(record: RunRecord) -> str:
    """Each gate that is not passed, as a sentence: what blocks, never-events first, then what is waived."""
    listed = sorted(
        zip(record.gates, gate_rows(record.gates), strict=True),
        key=lambda pair: (_BLOCKS.index(pair[0].effect), pair[0].name != "never-events"),
    )
    lines = "".join(_reason(gate, row) for gate, row in listed if gate.decision != "pass")
    return f'<ul class="csedb-reasons">{lines}</ul>' if lines else ""


_BLOCKS = ("fail", "inconclusive", "pass")


def _reason(gate: GateRecord, row: tuple[str, ...]) -> str:
    name, value, _, threshold, _, _, _, note = row
    wanted = threshold.replace(">= ", "at least ").replace("<= ", "at most ")
    standing = " is waived" if gate.is_waived else " is undecided" if gate.decision == "inconclusive" else ""
    more = f" ({note})" if note else ""
    return f"<li><b>{text_html(name)}</b>{standing}: {text_html(value)}, must be {text_html(wanted + more)}</li>"


def _run_facts(record: RunRecord) -> str:
    selection, identity = record.selection, record.identity
    cases = f"{selection.selected} of {selection.bank} in bank {identity.bank}"
    facts = {
        "Model": str(identity.model["model"]),
        "Judge": str(identity.judge["judge"]),
        "Cases": cases,
        "Selected by": "; ".join(selection.expressions),
        "Run": record.run_id,
        "Finished": time_text(record.finished),
        "Bank digest": identity.bank_digest[:12],
    }
    rows = (f"<div><dt>{name}</dt><dd>{text_html(value)}</dd></div>" for name, value in facts.items() if value)
    return f'<dl class="csedb-facts">{"".join(rows)}</dl>'


def _remarks(record: RunRecord) -> Iterator[str]:
    """What a reader must know before believing any figure below."""
    for problem in record.problems:
        yield f'<p class="csedb-remark csedb-fail">Problem: {text_html(problem)}</p>'
    warning = self_preference(record.identity.model, record.identity.judge)
    if warning:
        yield f'<p class="csedb-remark csedb-doubt">Warning: {text_html(warning)}</p>'
    lines = "".join(f"<li>{text_html(line)}</li>" for line in judging_lines(record.judging))
    if lines:
        yield f'<div class="csedb-remark"><h3>How it was judged</h3><ul>{lines}</ul></div>'


def gates_html(record: RunRecord) -> str:
    """The table of gates, those not passed first."""
    rows = sorted(zip(record.gates, gate_rows(record.gates), strict=True), key=lambda pair: pair[0].decision == "pass")
    body = "".join(_gate_row(gate, row) for gate, row in rows)
    table = f'<table class="csedb-gates">{head_row(_GATE_HEAD)}<tbody>{body}</tbody></table>'
    failed = sum(gate.decision != "pass" for gate in record.gates)
    title = f"Gates ({failed} of {count(len(record.gates), 'gate')} not passed)" if failed else "Gates (all passed)"
    return section("gates", title, scrolling("Gates", table) + f"<p>{DETECTS.capitalize()}.</p>")


def _gate_row(gate: GateRecord, row: tuple[str, ...]) -> str:
    name, value, interval, threshold, n, detects, word, note = map(text_html, row)
    color = "doubt" if gate.is_waived else _COLORS[gate.decision]
    values = "".join(
        f'<td class="csedb-number">{cell}</td>' for cell in (value + _small(interval), threshold, n, detects)
    )
    chip = f'<span class="csedb-chip csedb-{color}">{word}</span>'
    return f'<tr><th scope="row">{name}</th><td>{chip}</td>{values}<td class="csedb-gate-note">{note}</td></tr>'


def _small(text: str) -> str:
    return f"<small>{text}</small>" if text else ""
