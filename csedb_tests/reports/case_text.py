"""A case in words for clinicians: what was asked, what was answered, which rules were met."""

from collections.abc import Iterator

from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.reports.judging_text import ballot_lines, source_text, votes_text
from csedb_tests.schema import NeverEvent, Rule
from csedb_tests.text import shortened, showable
from csedb_tests.verdict import Verdict

LONGEST_TEXT = 4000
_RULE_WORDS = {"met": "met    ", "not_met": "NOT MET", "cannot_tell": "UNKNOWN"}
_NEVER_WORDS = {"met": "OCCURRED", "not_met": "did not occur", "cannot_tell": "UNKNOWN"}


def case_text(record: CaseRecord) -> str:
    """Several lines: the case's place, why it did not pass, question, answer, and every verdict with its quote."""
    return "\n".join(_lines(record))


def case_reason(record: CaseRecord) -> str:
    """One line: why the case did not pass."""
    if record.score.never_events:
        return f"never-event: {', '.join(record.score.never_events)}"
    if record.status == "error":
        return showable(shortened(record.error, 300))
    missed = [rule.id for rule in record.case.rules if _missed(record, rule)]
    return f"score {record.score.value:.2f}; not met: {', '.join(missed)}"


def _missed(record: CaseRecord, rule: Rule) -> bool:
    wanted = "met" if rule.points > 0 else "not_met"
    return any(v.statement == rule.id and v.value != wanted for sample in record.samples for v in sample.verdicts)


def _lines(record: CaseRecord) -> Iterator[str]:
    case = record.case
    yield f"{case.id}: {case.title}"
    yield f"department: {case.department}   criterion: {case.criterion.code} {case.criterion.name}   risk: {case.risk}"
    if record.status == "error":
        yield f"unscored: {showable(shortened(record.error, 1000))}"
    else:
        yield f"score: {record.score.value if record.score.value is not None else 'unknown'}   {case_reason(record)}"
    yield ""
    yield "QUESTION"
    for turn in case.turns:
        speaker = f"[{turn.role}] " if len(case.turns) > 1 else ""
        yield from _indented(speaker + turn.content)
    for number, sample in enumerate(record.samples, start=1):
        yield from _sample_lines(record, sample, f" {number}" if len(record.samples) > 1 else "")


def _sample_lines(record: CaseRecord, sample: SampleRecord, number: str) -> Iterator[str]:
    yield ""
    yield f"ANSWER{number}"
    if sample.answer is None:
        yield "    (none)"
    else:
        yield from _indented(sample.answer.text or "(empty)")
    if not sample.verdicts and not sample.ballots:
        return
    yield ""
    yield f"VERDICTS{number}"
    yield from (f"    {line}" for line in ballot_lines(sample.ballots))
    statements = {statement.id: statement for statement in record.case.statements}
    for verdict in sample.verdicts:
        statement = statements[verdict.statement]
        yield f"    {_word(statement, verdict.value)}  {statement.id}: {statement.text}"
        if verdict.quote:
            yield f'        "{showable(shortened(" ".join(verdict.quote.split()), 400))}"'
        if verdict.reason:
            yield f"        {showable(shortened(verdict.reason, 400))}"
        for note in notes(sample, verdict):
            yield f"        {note}"


def notes(sample: SampleRecord, verdict: Verdict) -> list[str]:
    """What stands behind a verdict: the review that settled it, the votes of a divided panel."""
    texts = (source_text(verdict, sample.replaced), votes_text(sample.ballots, verdict.statement))
    return [text for text in texts if text]


def _word(statement: Rule | NeverEvent, value: str) -> str:
    if isinstance(statement, NeverEvent):
        return f"never-event {_NEVER_WORDS[value]}"
    return _RULE_WORDS[value]


def _indented(text: str) -> Iterator[str]:
    for line in showable(shortened(text, LONGEST_TEXT)).splitlines():
        yield f"    {line}"
