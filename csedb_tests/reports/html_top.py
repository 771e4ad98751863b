"""Everything on the page above the list of cases, from the record."""

from csedb_tests.record import RunRecord
from csedb_tests.reports.figures import figures
from csedb_tests.reports.html_changes import changes_html
from csedb_tests.reports.html_decision import decision_html, gates_html
from csedb_tests.reports.html_heatmap import heatmap_html
from csedb_tests.reports.html_never import never_html
from csedb_tests.reports.html_parts import time_text
from csedb_tests.reports.html_scores import criteria_html, scores_html

_PLACES = {
    "gates": "Gates",
    "never": "Never-events",
    "scores": "Scores",
    "baseline": "Baseline",
    "heatmap": "Heat map",
    "criteria": "Criteria",
    "cases": "Cases",
}


def top_html(record: RunRecord) -> str:
    """Decision, gates, never-events, scores, baseline differences, heat map, criteria; cases follow below."""
    found = figures(record.cases)
    return (
        f"{decision_html(record)}{_contents(record)}"
        f"{gates_html(record)}{scores_html(found, record.drop)}"
        f"{never_html(record.cases)}{changes_html(record)}"
        f"{heatmap_html(record.cases, found)}{criteria_html(found)}"
    )


def _contents(record: RunRecord) -> str:
    places = {key: title for key, title in _PLACES.items() if key != "baseline" or record.comparison is not None}
    links = "".join(f'<a href="#csedb-{key}">{title}</a> ' for key, title in places.items())
    return f'<nav class="csedb-contents" aria-label="Contents">{links}</nav>\n'


def run_line(record: RunRecord) -> str:
    """Which run a page shows, and when that ran."""
    return f"Run {record.run_id}, {time_text(record.started)} to {time_text(record.finished)}."
