"""Where the judges' quotes stand in an answer, for whoever marks them."""

from collections.abc import Iterable


def quote_spans(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    """Start and end of every quote that stands in ``text`` to the letter, in order, overlaps joined."""
    spans = sorted((start, start + len(quote)) for quote in quotes if quote and (start := text.find(quote)) >= 0)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
