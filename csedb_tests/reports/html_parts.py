"""Fragments of HTML for report.html that its sections share. Everything not written here is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from csedb_tests.catalogue import catalogue
from csedb_tests.reports.quote_spans import quote_spans
from csedb_tests.text import shortened, showable

LONGEST_TEXT = 20_000


def text_html(text: str) -> str:
    """Model text as HTML: escaped, cut at `LONGEST_TEXT`, control and bidi characters visible."""
    return escape(showable(shortened(text, LONGEST_TEXT))).replace("\r", "")


def language_html(tag: str) -> str:
    """The attribute that names a text's language, where it is not the page's own: fonts and readers aloud go by it."""
    return "" if tag.partition("-")[0] == "en" else f' lang="{escape(tag)}"'


def marked_html(text: str, quotes: Iterable[str], alarming: Iterable[str] = ()) -> str:
    """``text`` escaped, with each quote that stands in it marked once, overlaps joined.

    ``alarming`` quotes show what must not be said: marked as such, also where another quote overlaps them.
    """
    shown = shortened(text, LONGEST_TEXT)
    harm = quote_spans(shown, alarming)
    spans = sorted([*((*span, True) for span in harm), *_outside(quote_spans(shown, quotes), harm)])
    parts, at = [], 0
    for start, end, is_harm in spans:
        tag = '<mark class="csedb-harm">' if is_harm else "<mark>"
        parts.append(f"{text_html(shown[at:start])}{tag}{text_html(shown[start:end])}</mark>")
        at = end
    parts.append(text_html(shown[at:]))
    return "".join(parts)


def _outside(spans: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int, bool]]:
    """What of the spans lies outside the taken ones; both are in order and free of overlaps."""
    for start, end in spans:
        at = start
        for taken_start, taken_end in taken:
            if at < taken_start < end:
                yield at, taken_start, False
            if taken_start < end and taken_end > at:
                at = taken_end
        if at < end:
            yield at, end, False


def share(value: float | None) -> str:
    """A share in two decimals: 0.83; a dash where there is none. Never rounded up to 1.00."""
    if value is None:
        return "–"
    return "0.99" if 0.995 <= value < 1 else f"{value:.2f}"


def count(number: int, noun: str) -> str:
    """1 case, 2 cases."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def department_name(key: str) -> str:
    """A department as people write it; one that only its bank knows by its key."""
    return catalogue().departments.get(key) or key.replace("_", " ").capitalize()


def time_text(stamp: str) -> str:
    """A time of the record as people write it: 2026-11-22 21:08:58 UTC."""
    return stamp.replace("T", " ").replace("+00:00", " UTC")


def head_row(names: Sequence[str]) -> str:
    """A table's head of one row."""
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{cells}</tr></thead>"


def scrolling(label: str, table: str) -> str:
    """A table in a box that scrolls where it is wider than the page, also by keyboard."""
    return f'<div class="csedb-scroll" role="region" aria-label="{escape(label)}" tabindex="0">{table}</div>'


def section(key: str, title: str, body: str) -> str:
    """A section of the page; its heading can be linked to as ``#csedb-KEY``."""
    heading = f'<h2 id="csedb-{key}" tabindex="-1">{title}</h2>'
    return f'<section class="csedb-section" aria-labelledby="csedb-{key}">{heading}{body}</section>\n'
