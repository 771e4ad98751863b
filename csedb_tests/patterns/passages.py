"""The blocks of an answer with the sentences in them, by their places in the text."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from csedb_tests.patterns.sentences import Block, blocks

Range = tuple[int, int]

_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]*_]*(?=\s+[^\sa-z])")


class Passage(NamedTuple):
    """A block with its text and the sentences in it."""

    block: Block
    text: str
    sentences: Sequence[Range]

    def sentence(self, position: int) -> int:
        """The number of the sentence that holds a position."""
        return max(0, bisect_right(self.sentences, position, key=lambda at: at[0]) - 1)


def passages_of(text: str, lower: str) -> list[Passage]:
    """The passages of a text, their own in lower case; ``lower`` is all of it, every character in its place."""
    return [Passage(block, lower[block.start : block.end], _sentences(text, block)) for block in blocks(text)]


def passage_at(passages: Sequence[Passage], position: int) -> int:
    """The number of the passage that holds a position; there must be one at least."""
    return max(0, bisect_right(passages, position, key=lambda passage: passage.block.start) - 1)


def _sentences(text: str, block: Block) -> list[Range]:
    ends = [match.end() for match in _END.finditer(text, block.start, block.end)]
    if not ends or ends[-1] < block.end:
        ends.append(block.end)
    return list(zip([block.start, *ends], ends, strict=False))
