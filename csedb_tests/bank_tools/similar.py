"""Which of many texts are near-duplicates, without comparing each with each.

Texts are sets of shingles, compared by the Jaccard index: shared / all. With the shingles of each set in one order,
rarest first, two sets of at least the index t share one of their first n - ceil(t n) + 1 shingles (prefix filtering,
Bayardo, Ma and Srikant, Scaling Up All Pairs Similarity Search, WWW 2007); only texts that do are compared. Nothing is
missed, and rare shingles have short lists, so the cost stays near linear.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_LIST = 64
"""Of texts that share a shingle, so many are compared with each later one; more are a template, and found as such."""

Shingles = frozenset[Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by number, ``first`` < ``second``, with their Jaccard index (0 to 1)."""

    first: int
    second: int
    index: float


def similar_pairs(texts: Sequence[Shingles], least: float) -> Iterator[Pair]:
    """The pairs of texts with an index of at least ``least`` (above 0 up to 1), in the order of their second text."""
    frequency = Counter(shingle for text in texts for shingle in text)
    holders: dict[Any, list[int]] = {}
    for number, text in enumerate(texts):
        prefix = _prefix(text, frequency, least)
        candidates = sorted({other for shingle in prefix for other in holders.get(shingle, ())})
        for other in candidates:
            index = jaccard(text, texts[other])
            if index >= least:
                yield Pair(other, number, index)
        for shingle in prefix:
            found = holders.setdefault(shingle, [])
            if len(found) < LONGEST_LIST:
                found.append(number)


def jaccard(one: Shingles, other: Shingles) -> float:
    """Shared shingles / all shingles; 0 for two empty texts."""
    shared = len(one & other)
    everything = len(one) + len(other) - shared
    return shared / everything if everything else 0.0


def _prefix(text: Shingles, frequency: Counter[Any], least: float) -> list[Any]:
    ordered = sorted(text, key=lambda shingle: (frequency[shingle], shingle))
    return ordered[: len(ordered) - math.ceil(least * len(ordered)) + 1]


def nearest_earlier(pairs: Iterator[Pair]) -> list[Pair]:
    """Of the pairs of each text with earlier ones, the one with the highest index."""
    best: dict[int, Pair] = {}
    for pair in pairs:
        if pair.second not in best or pair.index > best[pair.second].index:
            best[pair.second] = pair
    return [best[number] for number in sorted(best)]
