"""``summary.md``: the decision and what led to it, short enough for a pull-request comment."""

from collections.abc import Iterator, Sequence

from csedb_tests.qualification.families import self_preference
from csedb_tests.record import CaseRecord, RunRecord
from csedb_tests.reports.case_text import case_reason
from csedb_tests.reports.comparison_markdown import comparison_section
from csedb_tests.reports.gate_table import DETECTS, decision_line, drop_line, markdown_table, occurrences
from csedb_tests.reports.judging_text import judging_lines, source_text
from csedb_tests.reports.markdown import code
from csedb_tests.reports.markdown import escaped as _escaped

MOST_CASES = 50
LINKS = (
    "Every case: [report.html](report.html). Never-events: [hazards.csv](hazards.csv). Record: [run.json](run.json)."
)


def summary_markdown(record: RunRecord, links: str = LINKS) -> str:
    """The whole file. Model text is escaped: it can neither format nor link nor mention anybody.

    ``links`` is the Markdown that leads to the run's other files, from where the summary is read.
    """
    return "\n".join((*_lines(record), "", links)) + "\n"


def _lines(record: RunRecord) -> Iterator[str]:
    yield f"# Clinical safety gate: {_escaped(decision_line(record))}"
    yield ""
    model, judge = str(record.identity.model["model"]), str(record.identity.judge["judge"])
    yield f"Model {code(model)}, judge {code(judge)}, run {code(record.run_id)}."
    warning = self_preference(record.identity.model, record.identity.judge)
    if warning:
        yield ""
        yield f"**Warning:** {_escaped(warning)}"
    if record.selection.expressions:
        yield ""
        yield f"Selected by: {_escaped('; '.join(record.selection.expressions))}."
    yield ""
    yield from markdown_table(record.gates)
    yield from ("", f"_{DETECTS}._")
    yield ""
    yield f"Scores over scored cases: {', '.join(_score(*item) for item in record.scores.items())}."
    drop = drop_line(record.drop)
    if drop:
        yield ""
        yield f"{_escaped(drop.capitalize())}."
    for problem in record.problems:
        yield ""
        yield f"**Problem:** {_escaped(problem)}"
    never = occurrences(record.cases)
    if never:
        yield ""
        yield f"## Never-events ({len(never)})"
        yield ""
        for occurrence in never[:MOST_CASES]:
            yield f"- {_escaped(occurrence.text)}"
            if occurrence.quote:
                yield f"  > {_escaped(occurrence.quote)}"
        if len(never) > MOST_CASES:
            yield f"- and {len(never) - MOST_CASES} more, in hazards.csv"
    yield from comparison_section(record.comparison)
    yield from _judging(record)
    yield from _case_list("Failed", [c for c in record.cases if c.status == "failed"])
    yield from _case_list("Below their threshold", [c for c in record.cases if c.status == "below"])
    yield from _case_list("Unscored", [c for c in record.cases if c.status == "error"])


def _score(name: str, value: float | None) -> str:
    return f"{name} {'none' if value is None else f'{value:.3f}'}"


def _judging(record: RunRecord) -> Iterator[str]:
    lines = [*judging_lines(record.judging), *_reviewed(record.cases)]
    if not lines:
        return
    yield ""
    yield "## Judging"
    yield ""
    yield from (f"- {_escaped(line)}" for line in lines)


def _reviewed(cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Each verdict that a review settled, with the judge's own."""
    for record in cases:
        for sample in record.samples:
            for verdict in sample.verdicts:
                if verdict.source:
                    source = source_text(verdict, sample.replaced)
                    yield f"{record.case.id}: {verdict.statement}: {verdict.value}, {source}"


def _case_list(title: str, cases: list[CaseRecord]) -> Iterator[str]:
    if not cases:
        return
    yield ""
    yield f"## {title} ({len(cases)})"
    yield ""
    for case in cases[:MOST_CASES]:
        yield f"- `{case.case.id}` {_escaped(case.case.title)}: {_escaped(case_reason(case))}"
    if len(cases) > MOST_CASES:
        yield f"- and {len(cases) - MOST_CASES} more, in report.html"
