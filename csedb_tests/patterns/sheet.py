"""A text made from another by edits that remember where everything came from."""

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Change = tuple[int, int, str]
"""A range of a text and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text made of another, with the place in the original of each of its characters (and of its end)."""

    text: str
    origin: Sequence[int] | None = None
    """None where nothing has been moved."""

    def edited(self, pattern: re.Pattern[str], edit: Callable[[re.Match[str]], str]) -> "Sheet":
        """Every match of ``pattern`` replaced by what ``edit`` makes of it."""
        changes = [(match.start(), match.end(), edit(match)) for match in pattern.finditer(self.text)]
        return self.replaced(changes)

    def replaced(self, changes: Sequence[Change]) -> "Sheet":
        """With other text in place of some ranges, which come in order and do not overlap."""
        if not changes:
            return self
        origin = self.origin or range(len(self.text) + 1)
        pieces, places, last = [], array("Q"), 0
        for start, end, new in changes:
            pieces += [self.text[last:start], new]
            places.extend(origin[last:start])
            places.extend(origin[min(start + i, max(start, end - 1))] for i in range(len(new)))
            last = end
        pieces.append(self.text[last:])
        places.extend(origin[last:])
        return Sheet("".join(pieces), places)

    def source(self, start: int, end: int, original: str) -> str:
        """The stretch of the original that a stretch of this text was made of."""
        if self.origin is None:
            return original[start:end]
        return original[self.origin[start] : self.origin[end]]


def nothing(_: re.Match[str]) -> str:
    """The edit that leaves a match out."""
    return ""


def line_end(_: re.Match[str]) -> str:
    """The edit that leaves a line end for a match."""
    return "\n"
