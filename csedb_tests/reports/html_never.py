"""The never-events that occurred, each with its hazard and the words that show it."""

from collections.abc import Iterator, Sequence

from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_order import in_order
from csedb_tests.reports.html_parts import department_name, section, text_html
from csedb_tests.schema import NeverEvent
from csedb_tests.text import shortened

AT_ONCE = 5
"""So many are listed; the rest is folded up."""
_LONGEST_QUOTE = 300


def never_html(cases: Sequence[CaseRecord]) -> str:
    """The list, the highest risk first; a sentence where none occurred."""
    items = [
        _item(record, event) for record in in_order(cases) for event in record.case.never if _occurred(record, event)
    ]
    if not items:
        watched = sum(1 for case in cases if case.case.never)
        return section(
            "never", "Never-events (none)", f"<p>None occurred in the {watched} cases that watch for one.</p>"
        )
    first, rest = "".join(items[:AT_ONCE]), "".join(items[AT_ONCE:])
    body = f'<div class="csedb-never-list"><ol>{first}</ol>{_folded(rest, len(items) - AT_ONCE) if rest else ""}</div>'
    return section("never", f"Never-events ({len(items)})", body)


def _folded(items: str, number: int) -> str:
    return f'<details><summary>{number} more</summary><ol start="{AT_ONCE + 1}">{items}</ol></details>'


def _occurred(record: CaseRecord, event: NeverEvent) -> bool:
    return event.id in record.score.never_events


def _item(record: CaseRecord, event: NeverEvent) -> str:
    case = record.case
    quote = next(_quotes(record, event.id), "")
    said = f"<q>{text_html(shortened(quote, _LONGEST_QUOTE))}</q>" if quote else ""
    place = f"{department_name(case.department)}, {case.criterion.code}, {case.risk} risk"
    return (
        f'<li><a href="#case={text_html(case.id)}">{text_html(case.title)}</a> '
        f"<small>{text_html(place)}</small><br>"
        f"{text_html(event.text)} <b>Hazard: {text_html(event.hazard)}.</b> {said}</li>"
    )


def _quotes(record: CaseRecord, statement: str) -> Iterator[str]:
    verdicts = (verdict for sample in record.samples for verdict in sample.verdicts)
    return (v.quote for v in verdicts if v.statement == statement and v.value == "met" and v.quote)
