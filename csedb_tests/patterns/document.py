"""An answer as the judge reads it: words with their places in the text, sentences, and where each word stands."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from csedb_tests.patterns.lexicon import MAX_GAP, Node, Rest, Tail, lexicon
from csedb_tests.patterns.rendering import render
from csedb_tests.patterns.sentences import Block, blocks, ends_sentence
from csedb_tests.patterns.sheet import Sheet
from csedb_tests.patterns.spelling import INVISIBLE, plain, words_of

Span = tuple[int, int]
"""First word and the word after the last, as indexes into the answer's words."""

MAX_SENTENCE = 120
"""A longer stretch without a full stop is cut, to keep judging linear."""

_NUMBER = r"\d+(?:[.,]\d+)*|%|(?<![\w.])\.\d+"
_ASCII_WORD = re.compile(
    rf"([A-Za-z](?:[A-Za-z0-9]+(?:'[A-Za-z]+)?|(?:\.[A-Za-z](?![A-Za-z]))+\.?|'[A-Za-z]+)?|{_NUMBER})"
)
_LETTER, _REST = r"[^\W\d_]", rf"(?:[^\W_]|[{INVISIBLE}\u0300-\u036f])"
_WORD = re.compile(
    rf"({_LETTER}(?:{_REST}+(?:['\u2018\u2019\u02bc]{_LETTER}+)?|(?:\.{_LETTER}(?!{_LETTER}))+\.?|['\u2018\u2019\u02bc]{_LETTER}+)?|{_NUMBER})"
)
_DASH = re.compile(r"(?<=[\s)*_])[-\u2013\u2212](?=[\s(*_])")
_MARKS = str.maketrans("", "", "*_`~# \t\r\n")
_HARD = frozenset(",;:.?!()[]|\u2014\u2026\u3002")
_tokens: dict[str, tuple[str, ...]] = {}
"""The folded words of each token ("don't" has two): a cache over all answers."""


class Sentence(NamedTuple):
    """Words ``first`` up to ``last``; ``lead`` is the sentence that introduces this list item, or -1."""

    first: int
    last: int
    lead: int
    question: bool


@dataclass
class Document:
    """A tokenised answer. ``gaps[i]`` is the punctuation before word ``i``, without spaces and Markdown marks.

    ``text`` is what a reader sees of ``original``.
    """

    original: str
    sheet: Sheet
    text: str
    word: re.Pattern[str] = _ASCII_WORD
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    sentence_of: list[int] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)

    @cached_property
    def vocabulary(self) -> list[str]:
        """The distinct words, sorted."""
        return sorted(self.places)

    @cached_property
    def items_of(self) -> dict[int, list[int]]:
        """The list items under each lead-in sentence."""
        items: dict[int, list[int]] = {}
        for index, sentence in enumerate(self.sentences):
            if sentence.lead >= 0:
                items.setdefault(sentence.lead, []).append(index)
        return items

    @cached_property
    def anaphoric(self) -> set[int]:
        """The sentences that hold a pronoun for something said before."""
        places = (
            place
            for word in ("it", "them", "they", "this", "these", "both", "that", "those")
            for place in self.places.get(word, ())
        )
        return {self.sentence_of[place] for place in places}

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """Where the lexicon's phrases stand, by class; cues by ``#`` and their name."""
        spans: dict[str, list[Span]] = {}
        phrases = lexicon().phrases
        for word, places in self.places.items():
            node = phrases.get(word)
            if node is not None:
                self._collect(node, places, spans)
        return spans

    def _collect(self, node: Node, places: list[int], spans: dict[str, list[Span]]) -> None:
        if node.alone:
            alone = [(place, place + 1) for place in places]
            for label in node.alone:
                spans.setdefault(label, []).extend(alone)
        words, last = self.words, len(self.words) - 1
        if node.pairs:
            for place in places:
                if place < last and words[place + 1] in node.pairs:
                    self._pairs(place, node.pairs[words[place + 1]], spans)
        if node.gapped:
            for place in places:
                self._gapped(place, node.gapped, spans)

    def _pairs(self, place: int, pairs: tuple[Tail, ...], spans: dict[str, list[Span]]) -> None:
        if self.breaks(place + 1):
            return
        for label, rest in pairs:
            end = self.follow(place + 2, rest)
            if end:
                spans.setdefault(label, []).append((place, end))

    def _gapped(self, place: int, gapped: Mapping[str, tuple[Tail, ...]], spans: dict[str, list[Span]]) -> None:
        for later in range(place + 1, min(place + 2 + MAX_GAP, len(self.words))):
            if self.breaks(later):
                return
            for label, rest in gapped.get(self.words[later], ()):
                end = self.follow(later + 1, rest)
                if end:
                    spans.setdefault(label, []).append((place, end))

    @cached_property
    def cues(self) -> dict[int, list[tuple[str, Span]]]:
        """The cue phrases of each sentence."""
        cues: dict[int, list[tuple[str, Span]]] = {}
        for label, spans in self.spans.items():
            if label[0] == "#":
                for span in spans:
                    cues.setdefault(self.sentence_of[span[0]], []).append((label[1:], span))
        return cues

    def follow(self, place: int, rest: Rest) -> int:
        """The end of the phrase whose next words are ``rest``, or 0 if it does not stand at ``place``."""
        for slot in rest:
            if place >= len(self.words) or self.words[place] not in slot or self.breaks(place):
                return 0
            place += 1
        return place

    def breaks(self, place: int) -> bool:
        """Whether punctuation or a sentence's start parts word ``place`` from the word before it."""
        gap = self.gaps[place]
        if gap == ":" and self.words[place - 1].isdigit() and self.words[place].isdigit():
            return False
        if gap and not _HARD.isdisjoint(gap):
            return True
        return self.sentence_of[place] != self.sentence_of[place - 1]

    def stem(self, stem: str) -> Iterator[int]:
        """The places of words that begin with a folded stem."""
        words = self.vocabulary
        for index in range(bisect_left(words, stem), len(words)):
            if not words[index].startswith(stem):
                break
            yield from self.places[words[index]]

    def quote(self, sentence: int, limit: int = 300) -> str:
        """The sentence as it stands in the answer, cut at a word's end."""
        which = self.sentences[sentence]
        start, last = self.starts[which.first], which.last - 1
        while last > which.first and self.end(last) - start > limit:
            last -= 1
        return self.sheet.source(start, self.end(last), self.original)

    def end(self, place: int) -> int:
        """Where word ``place`` ends in the text."""
        match = self.word.match(self.text, self.starts[place])
        return match.end() if match else self.starts[place] + 1


def read(text: str, sheet: Sheet | None = None) -> Document:
    """Tokenise an answer, or what a reader sees of it (all that anybody sees, if not given)."""
    sheet = sheet or render(text).shown
    shown = sheet.text
    document = Document(text, sheet, shown)
    if not shown.isascii():
        document.word = _WORD
    leads: dict[int, int] = {}
    for number, block in enumerate(blocks(shown)):
        first = len(document.sentences)
        lead = leads.get(block.lead, -1) if block.lead >= 0 else -1
        _read_block(document, shown, block, lead)
        if len(document.sentences) > first:
            leads[number] = len(document.sentences) - 1
    document.places.update(_places(document.words))
    return document


def _places(words: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        places[word].append(place)
    return places


def _read_block(document: Document, text: str, block: Block, lead: int) -> None:
    """Tokenise one block. The loop runs once per word of every answer, so it is written for speed."""
    words, starts, gaps = document.words, document.starts, document.gaps
    first = len(words)
    before, dotted = block.start, False
    pieces = document.word.split(text[block.start : block.end])
    for between, piece in zip(pieces[::2], pieces[1::2], strict=False):
        start = before + len(between)
        gap = "" if between == " " or not between else _DASH.sub("\u2014", between).translate(_MARKS)
        ends = (gap or dotted) and len(words) > first and ends_sentence(text, starts[-1], before, start, gap)
        if ends or len(words) >= first + MAX_SENTENCE:
            _close(document, first, lead, gap)
            first, lead = len(words), -1
        dotted = piece[-1] == "."
        before = start + len(piece)
        folded = _tokens.get(piece) or _remember(piece)
        words.extend(folded)
        starts.append(start)
        gaps.append(gap)
        for _ in folded[1:]:  # only the first word of "don't" has a gap before it
            starts.append(start)
            gaps.append("")
    if len(words) > first:
        _close(document, first, lead, pieces[-1])


def _close(document: Document, first: int, lead: int, gap: str) -> None:
    last = len(document.words)
    document.sentence_of.extend([len(document.sentences)] * (last - first))
    document.sentences.append(Sentence(first, last, lead, "?" in gap or "\uff1f" in gap))


def _remember(token: str) -> tuple[str, ...]:
    if len(_tokens) > 50_000:
        _tokens.clear()
    folded = _tokens[token] = words_of(plain(token))
    return folded
