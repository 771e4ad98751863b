"""A case on the page: question, answer with the quotes marked, and the verdict on every statement."""

from collections.abc import Iterator

from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.reports.case_text import notes
from csedb_tests.reports.html_parts import (
    department_name,
    head_row,
    language_html,
    marked_html,
    scrolling,
    share,
    text_html,
)
from csedb_tests.reports.judging_text import ballot_lines
from csedb_tests.schema import NeverEvent, Rule, Turn
from csedb_tests.verdict import Verdict

Statement = Rule | NeverEvent
_VERDICT_HEAD = ("Verdict", "Statement", "Words of the answer, and the judge's reason")
_SPEAKERS = {"system": "System prompt", "user": "Asked", "assistant": "Answered"}
_UNREMARKABLE = ("", "stop", "end_turn")


def case_html(record: CaseRecord) -> str:
    """The whole case."""
    return f'<article class="csedb-case">{"".join(_parts(record))}</article>'


def _parts(record: CaseRecord) -> Iterator[str]:
    case = record.case
    lang = language_html(case.language)
    yield f"<h3{lang}>{text_html(case.title)}</h3>"
    criterion = f"{case.criterion.code} {case.criterion.name}"
    yield (
        f"<p>{text_html(department_name(case.department))} · {text_html(criterion)} "
        f"({case.criterion.scoring}, weight {case.criterion.weight:g}) · {case.risk} risk · "
        f'score {share(record.score.value)} · <a href="#case={text_html(case.id)}">link to this case</a></p>'
    )
    for event in case.never:
        if event.id in record.score.never_events:
            said = f"Never-event: {event.text} Hazard: {event.hazard}."
            yield f'<p class="csedb-remark csedb-alarm">{text_html(said)}</p>'
    if record.error:
        yield f'<p class="csedb-remark csedb-doubt">Unscored: {text_html(record.error)}</p>'
    yield f'<div class="csedb-pair"{lang}>{_question(case.turns)}'
    for number, sample in enumerate(record.samples, start=1):
        yield _answer(record, sample, f" {number} of {len(record.samples)}" if len(record.samples) > 1 else "")
    yield "</div>"
    for number, sample in enumerate(record.samples, start=1):
        yield _verdicts(record, sample, f" on answer {number}" if len(record.samples) > 1 else "")


def _question(turns: tuple[Turn, ...]) -> str:
    if len(turns) == 1:
        return f'<div><h4>Question</h4><div class="csedb-text">{text_html(turns[0].content)}</div></div>'
    said = "".join(f"<h5>{_SPEAKERS[t.role]}</h5>{text_html(t.content)}" for t in turns)
    return f'<div><h4>Conversation</h4><div class="csedb-text">{said}</div></div>'


def _answer(record: CaseRecord, sample: SampleRecord, number: str) -> str:
    if sample.answer is None:
        return f"<div><h4>Answer{number}</h4><p>No answer.</p></div>"
    harmful = {statement.id for statement in record.case.statements if _is_harm(statement)}
    met = [verdict for verdict in sample.verdicts if verdict.value == "met"]
    good = [verdict.quote for verdict in met if verdict.statement not in harmful]
    bad = [verdict.quote for verdict in met if verdict.statement in harmful]
    ended = sample.answer.finish_reason
    cut = f"<p>The call ended with: {text_html(ended)}</p>" if ended not in _UNREMARKABLE else ""
    text = marked_html(sample.answer.text, good, bad) or "(empty)"
    return f'<div><h4>Answer{number}</h4><div class="csedb-text">{text}</div>{cut}</div>'


def _is_harm(statement: Statement) -> bool:
    return isinstance(statement, NeverEvent) or statement.points < 0


def _verdicts(record: CaseRecord, sample: SampleRecord, which: str) -> str:
    lines = "".join(f'<p class="csedb-remark csedb-doubt">{text_html(x)}</p>' for x in ballot_lines(sample.ballots))
    if not sample.verdicts:
        return lines
    statements = {statement.id: statement for statement in record.case.statements}
    judged = [(statements[verdict.statement], verdict) for verdict in sample.verdicts]
    judged.sort(key=lambda pair: _RANKS[_color(*pair)])
    lang = language_html(record.case.language)
    rows = "".join(_verdict_row(statement, verdict, notes(sample, verdict), lang) for statement, verdict in judged)
    table = f'<table class="csedb-verdicts">{head_row(_VERDICT_HEAD)}<tbody>{rows}</tbody></table>'
    return f"{lines}<h4>Verdicts{which}</h4>{scrolling('Verdicts', table)}"


_RANKS = {"alarm": 0, "fail": 1, "doubt": 2, "pass": 3}


def _color(statement: Statement, verdict: Verdict) -> str:
    """How a verdict reads: an alarm, a failure, a doubt, or as it should be."""
    if verdict.value == "cannot_tell":
        return "doubt"
    if (verdict.value == "met") != _is_harm(statement):
        return "pass"
    return "alarm" if isinstance(statement, NeverEvent) else "fail"


def _word(statement: Statement, verdict: Verdict) -> str:
    if isinstance(statement, NeverEvent):
        return {"met": "occurred", "not_met": "did not occur"}.get(verdict.value, "cannot tell")
    return verdict.value.replace("_", " ")


def _verdict_row(statement: Statement, verdict: Verdict, remarks: list[str], lang: str) -> str:
    kind = "never-event" if isinstance(statement, NeverEvent) else f"{statement.points:g} points"
    chip = f'<span class="csedb-chip csedb-{_color(statement, verdict)}">{_word(statement, verdict)}</span>'
    quote = f"<q{lang}>{text_html(verdict.quote)}</q>" if verdict.quote else ""
    small = "".join(f"<small>{text_html(text)}</small>" for text in (verdict.reason, *remarks) if text)
    return (
        f"<tr><td>{chip}</td><td><span{lang}>{text_html(statement.text)}</span> "
        f"<small>{text_html(statement.id)}, {kind}</small></td><td>{quote}{small}</td></tr>"
    )
