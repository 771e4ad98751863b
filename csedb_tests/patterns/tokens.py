"""From an answer's text to its words, the punctuation between them, and its sentences. Written for speed."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.chunks import CHUNKS, GAPS, Chunk, token_spans
from csedb_tests.patterns.sentences import Block, blocks, ends_sentence

MAX_SENTENCE = 120
"""A longer stretch without a full stop is cut, to keep judging linear."""
_LABEL, _QUESTION = 6, 20
"""Words of a label ("*Verapamil.* Better not.") and of a question ("Verapamil? No.") that the next sentence answers."""
_MANY = 400
"""Chunks of a block, from which on their places are kept and not counted anew."""


class Sentence(NamedTuple):
    """Words ``first`` up to ``last``; ``lead`` is the sentence that introduces this list item or reply, or -1."""

    first: int
    last: int
    lead: int
    question: bool


class Tokens:
    """Words, the punctuation before each, and the sentence it belongs to."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.words: list[str] = []
        self.gaps: list[str] = []
        self.sentences: list[Sentence] = []
        self.sentence_of: list[int] = []
        self._inner: set[int] = set()
        self._firsts: list[int] = []
        self._blocks: list[Block] = []
        self._typed: list[list[str]] = []
        self._counts: dict[int, list[int]] = {}
        self._starts: dict[int, list[int] | None] = {}
        leads: dict[int, int] = {}
        for number, block in enumerate(blocks(self._text)):
            lead = leads.get(block.lead, -1) if block.lead >= 0 else -1
            if self._read(block, lead):
                leads[number] = len(self.sentences) - 1

    def _read(self, block: Block, lead: int) -> bool:
        """Add the words and sentences of a block; whether there are any."""
        first, typed = len(self.words), self._text[block.start : block.end].split()
        after, ends = self._add(typed, first)
        self.gaps += [""] * (len(self.words) - len(self.gaps))
        if len(self.words) == first:
            return False
        self._firsts.append(first)
        self._blocks.append(block)
        self._typed.append(typed)
        self._divide([*ends, len(self.words)], lead, after)
        return True

    def _add(self, typed: list[str], first: int) -> tuple[str, list[int]]:
        """Add the words of a block; what stands after the last, and the words that begin a further sentence.

        ``beside`` is what was typed since the last word, apart at white space; it is empty after a plain word.
        Punctuation is filled in late, because most words have none before them.
        """
        words, known, last = self.words, [CHUNKS[one] for one in typed], ""
        ends: list[int] = []
        beside: list[str] = []
        for place, one in enumerate(known):
            if isinstance(one, str) and not beside:
                words.append(one)
                continue
            chunk = Chunk("", (one,), ("",), first=typed[place], last=typed[place]) if isinstance(one, str) else one
            if not beside and place:
                beside = [""]
                last = typed[place - 1] if isinstance(known[place - 1], str) else last
            beside.append(chunk.lead)
            if chunk.words:
                between = " ".join(beside)
                if len(words) > first and self._begins(chunk, between, last):
                    ends.append(len(words))
                ends += [len(words) + at for at in chunk.ends]
                self._add_chunk(chunk, GAPS[between])
                last = chunk.last
                beside = [chunk.trail] if chunk.trail or last[-1] == "." else []
        return " ".join(beside), ends

    @staticmethod
    def _begins(chunk: Chunk, between: str, last: str) -> bool:
        """Whether a chunk begins a further sentence of its block."""
        gap = GAPS[between]
        return bool(gap or last[-1] == ".") and ends_sentence(last, between, chunk.first, gap)

    def _add_chunk(self, chunk: Chunk, gap: str) -> None:
        here = len(self.words)
        self.gaps += [""] * (here - len(self.gaps))
        self.gaps.append(gap)
        self.gaps += chunk.gaps[1:]
        self.words += chunk.words
        if chunk.inner:
            self._inner.update(here + at for at in chunk.inner)

    def _divide(self, ends: list[int], lead: int, after: str) -> None:
        """Make sentences of a block's words, given where each ends. Only the first has a lead-in."""
        start = len(self.sentence_of)
        for end in ends:
            while start < end:
                last = min(end, start + MAX_SENTENCE)
                while last in self._inner:
                    last += 1
                gap = self.gaps[last] if last < len(self.gaps) else after
                if lead < 0 and self.sentences:
                    lead = self._answered(start, last)
                self.sentence_of += [len(self.sentences)] * (last - start)
                self.sentences.append(Sentence(start, last, lead, "?" in gap or "\uff1f" in gap))
                start, lead = last, -1

    def _answered(self, start: int, last: int) -> int:
        """The short question or label before a sentence that replies to it ("No.", "Better not."), or -1."""
        word, before = self.words[start], self.sentences[-1]
        if word not in g.REPLY:
            if word not in g.REPLYING or g.BARE_NEGATION.isdisjoint(self.words[start + 1 : min(last, start + 4)]):
                return -1
        elif word in g.DIRECTIVE and start + 1 < last and not self._objectless(start + 1):
            return -1
        length, asks = before.last - before.first, before.question or self._asks(before)
        if length > (_QUESTION if asks else _LABEL) or not (asks or self._labels(before)):
            return -1
        return -1 if asks and self._fears(before) else len(self.sentences) - 1

    def _asks(self, sentence: Sentence) -> bool:
        """Whether a sentence repeats a question: "You ask whether ..."."""
        return self.words[sentence.first] == "you" and not g.ASKING.isdisjoint(
            self.words[sentence.first + 1 : min(sentence.first + 4, sentence.last)]
        )

    def _fears(self, sentence: Sentence) -> bool:
        """Whether a question asks if something does harm, so that a "no" forbids nothing."""
        words = self.words[sentence.first : sentence.last]
        return g.PERMISSION.isdisjoint(words) and not g.HARM.isdisjoint(set(words) - g.CLAIMING)

    def _objectless(self, place: int) -> bool:
        word = self.words[place]
        return bool(self.gaps[place]) or word in g.PREPOSITION or word in g.TIME or word in ("it", "them", "well")

    def _labels(self, sentence: Sentence) -> bool:
        """Whether a sentence is all of a heading, or begins a block in emphasis, or is a word or two."""
        number = bisect_right(self._firsts, sentence.first) - 1
        if self._firsts[number] != sentence.first:
            return False
        marked = self._text[self._blocks[number].start] in "*_#"
        return marked or (sentence.last - sentence.first < 3 and self.words[sentence.first] not in g.IMPERATIVE)

    def span(self, first: int, last: int, limit: int = 0) -> tuple[int, int]:
        """Where words of one sentence start and end in the text, as many of them as ``limit`` characters hold."""
        number = bisect_right(self._firsts, first) - 1
        base = self._firsts[number]
        start, end = self._span(number, first - base)[0], self._span(number, last - 1 - base)[1]
        while limit and end - start > limit and last > first + 1:
            last -= 1
            end = self._span(number, last - 1 - base)[1]
        return start, end

    def _span(self, number: int, word: int) -> tuple[int, int]:
        """Where a word of a block starts and ends, found by way of its chunk."""
        typed, counts = self._typed[number], self._counted(number)
        place = bisect_right(counts, word)
        start = self._chunk_start(number, place)
        if isinstance(CHUNKS[typed[place]], str):
            return start, start + len(typed[place])
        first = counts[place - 1] if place else 0
        return next(islice(token_spans(typed[place], start), word - first, None))

    def _counted(self, number: int) -> list[int]:
        """How many words of a block stand in its chunks up to and with each."""
        counts = self._counts.get(number)
        if counts is None:
            known = map(CHUNKS.__getitem__, self._typed[number])
            counts = list(accumulate([1 if isinstance(chunk, str) else len(chunk.words) for chunk in known]))
            self._counts[number] = counts
        return counts

    def _chunk_start(self, number: int, place: int) -> int:
        """Where a chunk starts. All chunks of a block are searched for if it is long or parted by more than a blank."""
        block, typed = self._blocks[number], self._typed[number]
        if number not in self._starts:
            even = len(typed) < _MANY and len(" ".join(typed)) == block.end - block.start
            self._starts[number] = None if even else list(_found_in(self._text[block.start : block.end], typed))
        starts = self._starts[number]
        inside = len(" ".join(typed[:place])) + (place > 0) if starts is None else starts[place]
        return block.start + inside


def _found_in(text: str, typed: list[str]) -> Iterator[int]:
    at = 0
    for one in typed:
        at = text.index(one, at)
        yield at
        at += len(one)
