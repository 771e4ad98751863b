"""The page's differences from a baseline: both answers of every case that changed, side by side."""

from csedb_tests.reports.case_order import LABELS
from csedb_tests.reports.changes import KINDS, Change, Changes, Side
from csedb_tests.reports.html_parts import section, share, text_html


def changes_html(changes: Changes) -> str:
    """How many cases were broken and fixed, and each of them, the harm first."""
    kinds = list(KINDS)
    rows = sorted(changes.rows, key=lambda change: kinds.index(change.kind))
    counts = ", ".join(f"{sum(row.kind == kind for row in rows)} {name.lower()}" for kind, name in KINDS.items())
    said = "".join(f"<p>{text_html(line)}</p>" for line in changes.summary)
    listed = "".join(map(_change, rows)) or "<p>No case changed its standing.</p>"
    title = f"Against the baseline ({text_html(changes.baseline)})"
    return section("baseline", title, f"{said}<p>{counts}.</p>{listed}")


def _change(change: Change) -> str:
    color = "pass" if change.kind == "fixed" else "alarm" if change.kind == "newly never-event" else "fail"
    became = f"{_outcome(change.baseline)} before, {_outcome(change.candidate)} now"
    sides = f"{_side('Baseline', change.baseline)}{_side('This run', change.candidate)}"
    return (
        f'<details class="csedb-change" data-kind="{change.kind}"><summary>'
        f'<span class="csedb-chip csedb-{color}">{KINDS[change.kind]}</span> {text_html(change.title)} '
        f"<small>{text_html(change.case_id)}: {became}</small>"
        f'</summary><p><a href="#case={text_html(change.case_id)}">The case in this run</a></p>'
        f'<div class="csedb-pair">{sides}</div></details>'
    )


def _outcome(side: Side) -> str:
    return (
        f"{LABELS[side.standing].lower()} {share(side.score)}"
        if side.score is not None
        else LABELS[side.standing].lower()
    )


def _side(name: str, side: Side) -> str:
    answer = "<p>No answer</p>" if side.answer is None else f'<div class="csedb-text">{text_html(side.answer)}</div>'
    return f"<div><h3>{name}: {_outcome(side)}</h3>{answer}</div>"
