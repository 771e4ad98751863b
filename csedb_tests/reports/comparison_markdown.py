"""A comparison with a baseline in Markdown: a section of summary.md, and a page of its own with the answers."""

from collections.abc import Iterator, Sequence

from csedb_tests.comparison.values import Comparison
from csedb_tests.record import RunRecord
from csedb_tests.reports.comparison_answers import LONGEST_ANSWER, ChangedCase, answer_pairs, changed_cases
from csedb_tests.reports.comparison_text import (
    HEADER,
    change_text,
    drop_text,
    headline,
    never_text,
    outcome_text,
    problem_lines,
    row_cells,
    shown_rows,
)
from csedb_tests.reports.markdown import escaped
from csedb_tests.text import shortened

MOST_CHANGES = 20


def comparison_section(comparison: Comparison | None) -> Iterator[str]:
    """The section of summary.md; nothing without a baseline."""
    if comparison is None:
        return
    yield ""
    yield "## Against the baseline"
    yield ""
    yield f"{_sentence(headline(comparison))}"
    for line in problem_lines(comparison):
        yield ""
        yield f"**{line.partition(':')[0].capitalize()}:**{escaped(line.partition(':')[2])}"
    if not comparison.rows:
        return
    yield ""
    yield from _table([row_cells(row) for row in shown_rows(comparison)])
    if comparison.drop is not None:
        yield ""
        yield _sentence(drop_text(comparison.drop))
    yield from _changes(comparison)


def _sentence(text: str) -> str:
    return escaped(text[0].upper() + text[1:]) + "."


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(HEADER)} |"
    yield "|" + " --- |" * len(HEADER)
    yield from (f"| {' | '.join(map(escaped, row))} |" for row in rows)


def _changes(comparison: Comparison) -> Iterator[str]:
    never = [never_text(event) for event in comparison.never_events]
    broken = [change_text(change) for change in comparison.changes if change.kind == "broken"]
    fixed = [change_text(change) for change in comparison.fixed]
    for title, texts in (("New never-events", never), ("Broken", broken), ("Fixed", fixed)):
        if texts:
            yield ""
            yield f"### {title} ({len(texts)})"
            yield ""
            most = len(texts) if texts is never else MOST_CHANGES
            yield from (f"- {escaped(text)}" for text in texts[:most])
            if len(texts) > most:
                yield f"- and {len(texts) - most} more, in run.json"


def comparison_markdown(record: RunRecord, outcome: str, most: int | None = None) -> str:
    """A page: the ``outcome``, the section, and both answers to each broken case, at most ``most`` of them."""
    broken = [found for found in changed_cases(record) if found.change.kind != "fixed"]
    lines = [f"# {escaped(outcome)}", *comparison_section(record.comparison)]
    for found in broken[:most]:
        lines += _answers(found)
    return "\n".join(lines) + "\n"


def _answers(found: ChangedCase) -> Iterator[str]:
    change = found.change
    yield ""
    yield f"### {escaped(change.case_id)}: {escaped(change.title)}"
    yield ""
    yield from _quoted("Question", found.question)
    for before, now in answer_pairs(found):
        yield from _quoted(f"Before ({outcome_text(change.baseline)})", before)
        yield from _quoted(f"Now ({outcome_text(change.candidate)})", now)


def _quoted(title: str, text: str) -> Iterator[str]:
    yield f"**{escaped(title)}**"
    yield ""
    for line in shortened(text, LONGEST_ANSWER).splitlines() or ["(empty)"]:
        yield f"> {escaped(line)}  "
    yield ""
