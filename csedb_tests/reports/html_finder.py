"""What finds cases on the page: filters, search, keys."""

from collections import Counter
from collections.abc import Iterable, Sequence

from csedb_tests.catalogue import RISKS, TRACKS
from csedb_tests.record import CaseRecord
from csedb_tests.reports.case_order import LABELS, standing_of
from csedb_tests.reports.html_parts import count, department_name, text_html

Option = tuple[str, str]
"""A value and what it is called."""

KEYS = (
    ("/", "search"),
    ("j, k", "next case, previous case"),
    ("Enter", "open or close the case"),
    ("n", "next never-event"),
    ("Esc", "clear the search; again: all filters"),
    ("?", "this list"),
)


def finder_html(cases: Sequence[CaseRecord], others: int) -> str:
    """The heading of the case list, its filters and its search. ``others`` are rows that are no cases."""
    fields = "".join(_select(name, options) for name, options in _filters(cases, others))
    return (
        '<h2 id="csedb-cases" tabindex="-1">Cases</h2>'
        '<div class="csedb-finder" role="search" aria-label="Cases">'
        '<label class="csedb-search">Search in questions, answers and rules'
        '<input type="search" id="csedb-q" autocomplete="off" spellcheck="false"></label>'
        f"{fields}</div>"
        '<div class="csedb-tools"><p id="csedb-count" role="status" aria-live="polite">'
        f"{count(len(cases), 'case')}</p>"
        '<button type="button" id="csedb-clear">Show all</button>'
        '<button type="button" id="csedb-open">Open all shown</button>'
        '<button type="button" id="csedb-close">Close all</button>'
        f"{_help()}</div>"
    )


def _filters(cases: Sequence[CaseRecord], others: int) -> Iterable[tuple[str, list[Option]]]:
    yield "status", _standings(cases, others)
    yield "track", _counted((case.case.track for case in cases), TRACKS)
    yield "risk", _counted((case.case.risk for case in cases), RISKS)
    departments = Counter(case.case.department for case in cases)
    yield "department", [(name, f"{department_name(name)} ({departments[name]})") for name in sorted(departments)]
    criteria = {case.case.criterion.code: case.case.criterion for case in cases}
    found = Counter(case.case.criterion.code for case in cases)
    yield "criterion", [(code, f"{code} {criteria[code].name} ({found[code]})") for code in sorted(criteria)]


def _standings(cases: Sequence[CaseRecord], others: int) -> list[Option]:
    found = Counter(standing_of(case) for case in cases)
    listed = [(standing, f"{label} ({found[standing]})") for standing, label in LABELS.items() if found[standing]]
    open_ = len(cases) - found["passed"]
    together = [("open", f"Not passed ({open_})")] if open_ else []
    return [*together, *listed, *([("other", f"Tests that are no cases ({others})")] if others else [])]


def _counted(values: Iterable[str], order: Sequence[str]) -> list[Option]:
    found = Counter(values)
    return [(value, f"{value.capitalize()} ({found[value]})") for value in order if found[value]]


def _select(name: str, options: Sequence[Option]) -> str:
    listed = "".join(f'<option value="{text_html(value)}">{text_html(label)}</option>' for value, label in options)
    return f'<label>{name.capitalize()}<select id="csedb-{name}"><option value="">All</option>{listed}</select></label>'


def _help() -> str:
    keys = "".join(f"<div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>" for key, what in KEYS)
    return (
        '<details id="csedb-help"><summary>Keys and links</summary>'
        f"<dl>{keys}</dl>"
        '<p><label><input type="checkbox" id="csedb-keys" checked> Single keys do this</label></p>'
        "<p>The address always holds what is shown: <code>#case=ID</code> opens a case, "
        "<code>#status=never&amp;risk=high</code> filters, <code>#q=words</code> searches.</p></details>"
    )
