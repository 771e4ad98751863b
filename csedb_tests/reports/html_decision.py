"""The top of the page: may the model be deployed, and why not."""

from collections.abc import Iterator

from csedb_tests.qualification.families import self_preference
from csedb_tests.record import RunRecord
from csedb_tests.reports.gate_table import decision_line, gate_rows
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
_COLORS = {"pass": "pass", "fail": "fail", "inconclusive": "doubt"}
_GATE_HEAD = ("Gate", "Decision", "Value", "Threshold", "Cases")


def decision_html(record: RunRecord) -> str:
    """The decision in words, what stands against deployment, and what was run."""
    title, color = _title(record), _COLORS[record.decision]
    if _is_self_check(record) and color == "pass":
        color = "doubt"  # nothing green for a run that tested no model
    return (
        f'<section class="csedb-decision csedb-{color}" aria-labelledby="csedb-decision">'
        f'<div><h2 id="csedb-decision" tabindex="-1">{title}</h2>'
        f"<p>Decision: {text_html(decision_line(record))}</p>{_reasons(record)}</div>{_run_facts(record)}</section>\n"
        f"{''.join(_remarks(record))}"
    )


def _title(record: RunRecord) -> str:
    if _is_self_check(record):
        return f"SELF-CHECK ({record.decision}): the bank's own exemplars were judged, no model was tested"
    whole = record.selection.is_full and not record.selection.shard
    return (_FULL if whole else _PART)[record.decision]


def _is_self_check(record: RunRecord) -> bool:
    return str(record.identity.model["model"]).startswith("exemplar:")


def _reasons(record: RunRecord) -> str:
    """Each gate that is not passed, as a sentence."""
    gates = zip(record.gates, gate_rows(record.gates), strict=True)
    harm_first = sorted(gates, key=lambda pair: (pair[0].decision != "fail", pair[0].name != "never-events"))
    lines = [
        f"<li><b>{text_html(name)}</b>: {text_html(value)}, must be {text_html(_in_words(threshold))}"
        f"{f' ({text_html(note)})' if note else ''}{'' if gate.decision == 'fail' else ': undecided'}</li>"
        for gate, (name, value, threshold, _, _, note) in harm_first
        if gate.decision != "pass"
    ]
    return f'<ul class="csedb-reasons">{"".join(lines)}</ul>' if lines else ""


def _in_words(threshold: str) -> str:
    return threshold.replace(">= ", "at least ").replace("<= ", "at most ")


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
    body = "".join(_gate_row(gate.decision, row) for gate, row in rows)
    table = f'<table class="csedb-gates">{head_row(_GATE_HEAD)}<tbody>{body}</tbody></table>'
    failed = sum(gate.decision != "pass" for gate in record.gates)
    title = f"Gates ({failed} of {count(len(record.gates), 'gate')} not passed)" if failed else "Gates (all passed)"
    return section("gates", title, scrolling("Gates", table))


def _gate_row(decision: str, row: tuple[str, ...]) -> str:
    name, value, threshold, n, word, note = map(text_html, row)
    chip = f'<span class="csedb-chip csedb-{_COLORS[decision]}">{word}</span>'
    numbers = "".join(f'<td class="csedb-number">{cell}</td>' for cell in (value, threshold, n))
    small = f"<small>{note}</small>" if note else ""
    return f'<tr><th scope="row">{name}{small}</th><td>{chip}</td>{numbers}</tr>'
