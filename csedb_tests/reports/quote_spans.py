"""Where the judges' quotes stand in an answer, for whoever marks them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from csedb_tests.text import HAN

_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)\s*")
_HAN = re.compile(f"[{HAN}]")
_EDGE = re.compile(f"(?<=[{HAN}])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[{HAN}])")
"""Between a Chinese letter and a Latin one or a digit."""
_AROUND = "\"'“”‘’ \n\t"


def quote_spans(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    """Start and end of every quote that stands in ``text``, in order, overlaps joined.

    A quote stands there to the letter, or as judges copy: other white space, other case, parts joined by an ellipsis.
    """
    spans = sorted(span for quote in quotes if quote for span in _found(text, quote))
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _found(text: str, quote: str) -> list[tuple[int, int]]:
    start = text.find(quote)
    return [(start, start + len(quote))] if start >= 0 else list(_parts_found(text, quote))


def _parts_found(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """The parts of a copied quote, one after the other; none unless all are there."""
    parts = [part.split() for part in _ELLIPSIS.split(quote.strip(_AROUND)) if part]
    spans, at = [], 0
    for part in parts:
        pattern = re.compile("".join(_spaced(part)), re.IGNORECASE)
        match = pattern.search(text, at)
        if match is None or not part:
            return
        spans.append(match.span())
        at = match.end()
    yield from spans


def _spaced(words: Sequence[str]) -> Iterator[str]:
    """Expressions for words and what parts them; Chinese is written with or without blanks around other letters."""
    for number, word in enumerate(words):
        if number:
            yield r"\s*" if _HAN.search(words[number - 1][-1] + word[0]) else r"\s+"
        yield _EDGE.sub(r"\\s*", re.escape(word))
