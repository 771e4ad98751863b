"""Fragments of HTML for report.html. Everything not written here is escaped; nothing loads anything."""

from collections.abc import Iterator
from html import escape

from csedb_tests.qualification.families import self_preference
from csedb_tests.record import CaseRecord, RunRecord, SampleRecord
from csedb_tests.reports.case_text import notes
from csedb_tests.reports.gate_table import HEADER, decision_line, gate_rows, occurrences
from csedb_tests.reports.judging_text import ballot_lines, judging_lines
from csedb_tests.reports.quote_spans import quote_spans
from csedb_tests.schema import NeverEvent, Rule
from csedb_tests.text import shortened, showable
from csedb_tests.verdict import Verdict

LONGEST_TEXT = 20_000
STYLE = """
body{display:flex;flex-direction:column;color:#333;font-size:13px;min-width:0}
#environment-header,#environment,#environment-header + table{order:2}
.summary{order:0}#results-table{order:1}footer{order:3}
#results-table tr,#results-table td,#results-table th{color:#333}
.csedb-gates td{color:inherit}
.logwrapper{max-height:none;overflow:visible;background:#fff}
.logwrapper .log{max-height:none;overflow:visible;top:0;height:auto}
.logwrapper .logexpander{display:none}
.csedb-decision{font-size:1.4em;font-weight:bold;padding:.4em .6em;border-left:.4em solid;margin:.6em 0}
.csedb-pass{color:#1a6b2d}.csedb-fail{color:#a11212}.csedb-inconclusive{color:#8a5a00}
.csedb-gates{border-collapse:collapse;margin:.6em 0}
.csedb-gates td,.csedb-gates th{border:1px solid #ccc;padding:.3em .6em;text-align:left}
.csedb-case{white-space:normal;font-family:sans-serif;font-size:13px;line-height:1.45;max-width:75em}
.csedb-case pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;padding:.6em;font-family:inherit}
q{font-style:italic;color:#555}
.csedb-case mark{background:#ffe9a8}
.csedb-met{color:#1a6b2d}.csedb-not_met{color:#a11212}.csedb-cannot_tell{color:#8a5a00}
"""


def text_html(text: str) -> str:
    """Model text as HTML: escaped, control and bidi characters visible, line breaks kept but not as raw newlines.

    (pytest-html's script colours raw lines that begin with "E".)
    """
    return escape(showable(shortened(text, LONGEST_TEXT))).replace("\n", "&#10;").replace("\r", "")


def run_html(record: RunRecord) -> str:
    """The decision, the gates and the never-events, for the top of the page."""
    return "".join(_run_parts(record))


def _run_parts(record: RunRecord) -> Iterator[str]:
    yield f"<style>{STYLE}</style>"
    yield f'<div class="csedb-decision csedb-{record.decision}">Decision: {text_html(decision_line(record))}</div>'
    model, judge = str(record.identity.model["model"]), str(record.identity.judge["judge"])
    yield f"<p>Model {text_html(model)}, judge {text_html(judge)}, run {text_html(record.run_id)}</p>"
    warning = self_preference(record.identity.model, record.identity.judge)
    if warning:
        yield f'<p class="csedb-inconclusive">Warning: {text_html(warning)}</p>'
    for problem in record.problems:
        yield f'<p class="csedb-fail">{text_html(problem)}</p>'
    yield "".join(f"<p>{text_html(line)}</p>" for line in judging_lines(record.judging))
    yield '<table class="csedb-gates"><thead><tr>'
    yield "".join(f'<th scope="col">{cell or "note"}</th>' for cell in HEADER)
    yield "</tr></thead><tbody>"
    for gate, row in zip(record.gates, gate_rows(record.gates), strict=True):
        cells = "".join(f"<td>{text_html(cell)}</td>" for cell in row)
        yield f'<tr class="csedb-{gate.decision}">{cells}</tr>'
    yield "</tbody></table>"
    never = occurrences(record.cases)
    if never:
        yield f"<h3>Never-events ({len(never)})</h3><ul>"
        yield "".join(f"<li>{text_html(o.text)}{_quote_html(o.quote)}</li>" for o in never)
        yield "</ul>"


def _quote_html(quote: str) -> str:
    return f"<br><q>{text_html(quote)}</q>" if quote else ""


def case_html(record: CaseRecord) -> str:
    """Question, answer with the quotes marked, and the verdict on every statement."""
    return f'<div class="csedb-case">{"".join(_case_parts(record))}</div>'


def _case_parts(record: CaseRecord) -> Iterator[str]:
    case = record.case
    yield f"<h3>{text_html(case.title)}</h3>"
    yield f"<p>{case.department}, {case.criterion.code} {text_html(case.criterion.name)}, {case.risk} risk</p>"
    if record.error:
        yield f'<p class="csedb-cannot_tell">Unscored: {text_html(record.error)}</p>'
    yield "<h4>Question</h4>"
    for turn in case.turns:
        speaker = f"[{turn.role}] " if len(case.turns) > 1 else ""
        yield f"<pre>{speaker}{text_html(turn.content)}</pre>"
    for sample in record.samples:
        yield from _sample_parts(record, sample)


def _sample_parts(record: CaseRecord, sample: SampleRecord) -> Iterator[str]:
    yield "<h4>Answer</h4>"
    if sample.answer is None:
        yield "<p>none</p>"
    else:
        quotes = [verdict.quote for verdict in sample.verdicts if verdict.value == "met"]
        yield f"<pre>{marked_html(sample.answer.text, quotes)}</pre>"
    yield "".join(f'<p class="csedb-cannot_tell">{text_html(line)}</p>' for line in ballot_lines(sample.ballots))
    if sample.verdicts:
        statements = {statement.id: statement for statement in record.case.statements}
        yield "<h4>Verdicts</h4><ul>"
        yield "".join(_verdict_html(statements[v.statement], v, notes(sample, v)) for v in sample.verdicts)
        yield "</ul>"


def _verdict_html(statement: Rule | NeverEvent, verdict: Verdict, remarks: list[str]) -> str:
    kind = "never-event" if isinstance(statement, NeverEvent) else f"rule, {statement.points:g} points"
    word = verdict.value.replace("_", " ")
    bad = (verdict.value == "met") == isinstance(statement, NeverEvent) and verdict.value != "cannot_tell"
    color = "cannot_tell" if verdict.value == "cannot_tell" else ("not_met" if bad else "met")
    small = "".join(f"<br><small>{text_html(text)}</small>" for text in (verdict.reason, *remarks) if text)
    return (
        f'<li><b class="csedb-{color}">{word}</b> ({kind}) {text_html(statement.id)}: {text_html(statement.text)}'
        f"{_quote_html(verdict.quote)}{small}</li>"
    )


def marked_html(text: str, quotes: list[str]) -> str:
    """``text`` escaped, each quote that stands in it to the letter marked once, overlaps joined."""
    shown = shortened(text, LONGEST_TEXT)
    parts, at = [], 0
    for start, end in quote_spans(shown, quotes):
        parts.append(text_html(shown[at:start]))
        parts.append(f"<mark>{text_html(shown[start:end])}</mark>")
        at = end
    parts.append(text_html(shown[at:]))
    return "".join(parts)
