"""An answer as the judge reads it: words with their places in the text, sentences, and where each word stands."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from csedb_tests.patterns.lexicon import MAX_GAP, Phrases, Rest, Tail, class_phrases, cue_phrases
from csedb_tests.patterns.rendering import render
from csedb_tests.patterns.sheet import Sheet
from csedb_tests.patterns.spelling import singulars
from csedb_tests.patterns.tokens import Tokens

Span = tuple[int, int]
"""First word and the word after the last, as indexes into the answer's words."""

_HARD = frozenset(",;:.?!()[]|\u2014\u2026\u3002")
_ANAPHORS = ("it", "them", "they", "this", "these", "both", "that", "those")


class Document:
    """A tokenised answer. ``gaps[i]`` is the punctuation before word ``i``, without spaces and Markdown marks.

    ``text`` is what a reader sees of the ``original``, which ``sheet`` leads back to.
    """

    def __init__(self, original: str, sheet: Sheet) -> None:
        self.text, self._original, self._sheet = sheet.text, original, sheet
        self._tokens = tokens = Tokens(sheet.text)
        self.words, self.gaps = tokens.words, tokens.gaps
        self.sentences, self.sentence_of = tokens.sentences, tokens.sentence_of
        self.places = _places(tokens.words)
        self._cues: dict[int, list[tuple[str, Span]]] = {}

    @cached_property
    def vocabulary(self) -> list[str]:
        """The distinct words, sorted."""
        return sorted(self.places)

    @cached_property
    def plurals(self) -> dict[str, list[str]]:
        """The words that may be plurals, by what they may be the plural of."""
        found: dict[str, list[str]] = {}
        for word in self.places:
            if word[-1] == "s":
                for singular in singulars(word):
                    found.setdefault(singular, []).append(word)
        return found

    @cached_property
    def items_of(self) -> dict[int, list[int]]:
        """The list items under each lead-in sentence."""
        items: dict[int, list[int]] = {}
        for index, sentence in enumerate(self.sentences):
            if sentence.lead >= 0:
                items.setdefault(sentence.lead, []).append(index)
        return items

    @cached_property
    def anaphoric(self) -> list[int]:
        """The sentences after the first that hold a pronoun for something said before, in order."""
        found = {self.sentence_of[place] for word in _ANAPHORS for place in self.places.get(word, ())}
        return sorted(found - {0})

    def spans(self, name: str, sentence: int) -> list[Span]:
        """Where the phrases of a class (or with ``-`` before its name, of its exceptions) stand in a sentence."""
        return [span for _, span in self._found(class_phrases(name), sentence)]

    def cues(self, sentence: int) -> list[tuple[str, Span]]:
        """The cue phrases of a sentence, with their kinds."""
        cues = self._cues.get(sentence)
        if cues is None:
            cues = self._cues[sentence] = self._found(cue_phrases(), sentence)
        return cues

    def _found(self, phrases: Phrases, sentence: int) -> list[tuple[str, Span]]:
        first, last, *_ = self.sentences[sentence]
        begun = [place for place, word in enumerate(self.words[first:last], first) if word in phrases]
        return [found for place in begun for found in self._phrases(place, phrases)] if begun else []

    def _phrases(self, place: int, phrases: Phrases) -> Iterator[tuple[str, Span]]:
        """The phrases that begin at a word, with their labels."""
        node = phrases[self.words[place]]
        for label in node.alone:
            yield label, (place, place + 1)
        if node.pairs and place + 1 < len(self.words):
            tails = node.pairs.get(self.words[place + 1])
            if tails and not self.breaks(place + 1):
                for label, rest in tails:
                    end = self.follow(place + 2, rest)
                    if end:
                        yield label, (place, end)
        if node.gapped:
            yield from self._gapped(place, node.gapped)

    def _gapped(self, place: int, gapped: Mapping[str, tuple[Tail, ...]]) -> Iterator[tuple[str, Span]]:
        for later in range(place + 1, min(place + 2 + MAX_GAP, len(self.words))):
            if self.breaks(later):
                return
            for label, rest in gapped.get(self.words[later], ()):
                end = self.follow(later + 1, rest)
                if end:
                    yield label, (place, end)

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

    def quote(self, sentence: int, limit: int = 300) -> str:
        """The sentence as it stands in the answer, cut at a word's end."""
        first, last, *_ = self.sentences[sentence]
        return self._sheet.source(*self._tokens.span(first, last, limit), self._original)

    def typed(self, span: Span) -> str:
        """Words of one sentence as they stand in the answer."""
        return self._sheet.source(*self._tokens.span(*span), self._original)


def _places(words: list[str]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        places[word].append(place)
    places.default_factory = None
    return places


def read(text: str, sheet: Sheet | None = None) -> Document:
    """Tokenise an answer, or what some reader sees of it (all that anybody sees, if no ``sheet`` is given)."""
    return Document(text, sheet or render(text).shown)
