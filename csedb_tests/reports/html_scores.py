"""The page's scores: tracks, risk levels and the drop; the criteria, ranked. Bars are plain SVG beside numbers."""

from csedb_tests.record import DropRecord
from csedb_tests.reports.figures import CONFIDENCE, CriterionFigure, Figure, Figures
from csedb_tests.reports.html_parts import head_row, scrolling, section, share, text_html
from csedb_tests.statistics.intervals import Interval

_WIDTH, _HEIGHT = 120, 16
_INTERVAL = f"{CONFIDENCE:.0%} interval"


def scores_html(figures: Figures, drop: DropRecord | None) -> str:
    """Tracks and risk levels with intervals, and the high-risk drop in a sentence."""
    head = head_row(("Score", "Mean", _INTERVAL, "0 to 1", "Scored", "Never-events"))
    rows = "".join(_row(text_html(f.name.capitalize()), f) for f in (*figures.tracks, *figures.risks))
    table = f'<table class="csedb-figures">{head}<tbody>{rows}</tbody></table>'
    note = (
        "<p>Tracks are weighted means over criteria, risk levels plain means over cases, both over scored cases. "
        "The gates decide on the bounds that unscored cases leave open.</p>"
    )
    return section("scores", "Tracks, risk levels and drop", scrolling("Scores", table) + _drop(drop) + note)


def _drop(drop: DropRecord | None) -> str:
    if drop is None:
        return "<p>High-risk drop: not known, as it takes scored cases in high risk and in other risk.</p>"
    interval = f"{drop.confidence * 100:g}% interval {_edge(drop.interval_low)} to {_edge(drop.interval_high)}"
    unshown = "; the interval includes 0, so this run shows no drop, and does not show that there is none"
    return (
        f"<p><b>High-risk drop: {_signed(drop.value)}</b> ({interval}; p = {drop.p:.2g}; {drop.high} high-risk cases "
        f"against {drop.other} others). Above 0 the model does worse where errors do the most harm"
        f"{unshown if drop.interval_low <= 0 <= drop.interval_high else ''}.</p>"
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def criteria_html(figures: Figures) -> str:
    """The criteria, the lowest mean first, each linked to its cases."""
    head = head_row(("Rank", "Criterion", "Mean", _INTERVAL, "0 to 1", "Scored", "Never-events", "Weight"))
    rows = "".join(_criterion_row(rank, entry) for rank, entry in enumerate(figures.criteria, start=1))
    table = f'<table class="csedb-figures csedb-ranking">{head}<tbody>{rows}</tbody></table>'
    note = (
        "<p>Plain means over cases, the lowest first. Where intervals overlap widely the order says little: "
        "a criterion of few cases may stand anywhere.</p>"
    )
    return section("criteria", "Criteria, the weakest first", note + scrolling("Criteria", table))


def _criterion_row(rank: int, entry: CriterionFigure) -> str:
    criterion = entry.criterion
    link = f'<a href="#criterion={text_html(criterion.code)}">{text_html(criterion.code)}</a>'
    row = _row(f"{link} {text_html(criterion.name)}", entry.figure)
    rank_cell = f'<td class="csedb-number">{rank}</td>'
    return f"<tr>{rank_cell}{row.removeprefix('<tr>').removesuffix('</tr>')}{_number(f'{criterion.weight:g}')}</tr>"


def _row(name: str, figure: Figure) -> str:
    never = f"<b>{figure.never}</b>" if figure.never else "0"
    cells = (share(figure.value), _interval_text(figure.interval))
    return (
        f'<tr><th scope="row">{name}</th>{"".join(map(_number, cells))}<td>{_bar(figure)}</td>'
        f"{_number(f'{figure.scored} of {figure.n}')}{_number(never)}</tr>"
    )


def _number(text: str) -> str:
    return f'<td class="csedb-number">{text}</td>'


def _interval_text(interval: Interval | None) -> str:
    return "–" if interval is None else f"{_edge(interval.low)} to {_edge(interval.high)}"


def _edge(value: float) -> str:
    return share(value) if value >= 0 else f"−{share(-value)}"


def _bar(figure: Figure) -> str:
    """The mean as a bar, the interval as a line across its end."""
    if figure.value is None or figure.interval is None:
        return "no score"
    title = f"mean {share(figure.value)}, {_INTERVAL} {_interval_text(figure.interval)}"
    low, high = (round(_WIDTH * edge, 1) for edge in (figure.interval.low, figure.interval.high))
    return (
        f'<svg class="csedb-bar" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{title}</title>"
        f'<rect class="csedb-track" width="{_WIDTH}" height="{_HEIGHT}"/>'
        f'<rect class="csedb-mean" width="{round(_WIDTH * figure.value, 1)}" height="{_HEIGHT}"/>'
        f'<path class="csedb-interval" d="M{low} 8H{high}M{low} 4V12M{high} 4V12"/></svg>'
    )
