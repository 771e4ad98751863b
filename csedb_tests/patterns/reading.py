"""An answer with what was found in it so far: where a pattern's groups stand, whatever the scope."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.document import Document, Span
from csedb_tests.patterns.language import Group, Word
from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.numbers import Amount, amounts, is_number
from csedb_tests.patterns.scope import View

_DOSES = frozenset({"mass", "mass/kg", "volume", "volume/kg", "unit", "unit/kg", "amount", "amount/kg"})
MAX_HITS = 12
"""Hits of one group that are looked at in one sentence; keeps judging linear."""


class Hit(NamedTuple):
    """Words that met an alternative.

    ``inverse`` hits count only when negated ("do not stop" for ``@continue``); ``bare`` ones are the plain negations of
    ``@avoid``, which do not name what their verb is said of; a ``dose`` is an order without a verb; one that ``denies``
    counts only as the name of a cue ("an ultrasound would exclude a clot" avoids nothing).
    """

    start: int
    end: int
    directive: bool = False
    inverse: bool = False
    bare: bool = False
    dose: bool = False
    denies: bool = False


Found = tuple[int, int, *tuple[bool, ...]]
"""The fields of a ``Hit``, which is made only where a sentence is looked at."""
Hits = Mapping[int, Sequence[Found]]
"""Hits by sentence."""


class Reading:
    """An answer with what was found in it so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._groups: dict[str, Hits] = {}
        self._sentences: dict[str, frozenset[int]] = {}
        self._classes: dict[str, Hits] = {}
        self._views: dict[int, View] = {}
        self._amounts: list[Amount] | None = None

    def view(self, sentence: int) -> View:
        """The scopes of a sentence."""
        view = self._views.get(sentence)
        if view is None:
            view = self._views[sentence] = View(self.document, sentence)
        return view

    def group(self, group: Group) -> Hits:
        """Where a group's alternatives stand, whatever the scope."""
        hits = self._groups.get(group.text)
        if hits is None:
            hits = self._groups[group.text] = self._search(group)
        return hits

    def sentences(self, group: Group) -> frozenset[int]:
        """The sentences in which a group stands, or whose lead-in holds it."""
        found = self._sentences.get(group.text)
        if found is None:
            hits, items = self.group(group), self.document.items_of
            under = (item for sentence in items.keys() & hits.keys() for item in items[sentence])
            found = self._sentences[group.text] = frozenset(hits).union(under)
        return found

    def _search(self, group: Group) -> Hits:
        if len(group.alternatives) == len(group.classes) == 1:
            return self._class(group.classes[0])
        found: dict[int, list[Found]] = {}
        for name in group.classes:
            for sentence, some in self._class(name).items():
                found.setdefault(sentence, []).extend(some)
        for quantity in group.quantities:
            self._add(found, [(a.start, a.end) for a in self.amounts() if quantity.holds(a)])
        self._add(found, self._single_words(group))
        self._add(found, self._phrases(group))
        return found

    def _add(self, found: dict[int, list[Found]], spans: Iterable[Span]) -> None:
        words, sentence_of = self.document.words, self.document.sentence_of
        for start, end in spans:
            live = words[start] in g.DIRECTIVE and not (start and words[start - 1] in g.BEFORE_NOUN)
            denies = end - start == 1 and words[start] in g.BARE_NEGATION
            found.setdefault(sentence_of[start], []).append((start, end, live, False, False, False, denies))

    def _single_words(self, group: Group) -> list[Span]:
        document = self.document
        places = [place for form in document.places.keys() & group.forms for place in document.places[form]]
        for stem in group.stems:
            places.extend(document.stem(stem))
        return [(place, place + 1) for place in sorted(places)]

    def _phrases(self, group: Group) -> list[Span]:
        document = self.document
        spans: list[Span] = []
        for form in document.places.keys() & group.phrases.keys():
            for words in group.phrases[form]:
                spans += [(place, place + len(words)) for place in document.places[form] if self._follows(place, words)]
        for words in group.stem_phrases:
            places = [place for stem in words[0].stems for place in document.stem(stem)]
            spans += [(place, place + len(words)) for place in places if self._follows(place, words)]
        return sorted(spans)

    def _follows(self, place: int, phrase: tuple[Word, ...]) -> bool:
        words = self.document.words
        for word in phrase[1:]:
            place += 1
            if place >= len(words) or self.document.breaks(place):
                return False
            if words[place] not in word.forms and not (word.stems and words[place].startswith(word.stems)):
                return False
        return True

    def _class(self, name: str) -> Hits:
        hits = self._classes.get(name)
        if hits is None:
            hits = self._classes[name] = self._class_hits(name)
        return hits

    def _class_hits(self, name: str) -> Hits:
        words, sentence_of = lexicon(), self.document.sentence_of
        found: dict[int, list[Found]] = {}
        directive = name in words.directive_classes
        bare_class = name == "avoid"
        for start, end in self._class_spans(name):
            bare = name == "avoid" and end - start == 1 and self.document.words[start] in g.BARE_NEGATION
            found.setdefault(sentence_of[start], []).append((start, end, directive, False, bare, False, bare_class))
        if name == "give":
            for start, end in self._doses():
                found.setdefault(sentence_of[start], []).append((start, end, True, False, False, True))
        for other in words.undoes[name]:
            for start, end in self._class_spans(other):
                found.setdefault(sentence_of[start], []).append((start, end, directive, True))
        return found

    def _class_spans(self, name: str) -> list[Span]:
        """A class's phrases without those that begin one of its exceptions ("take place")."""
        spans = self.document.spans.get(name, [])
        others = {start for start, _ in self.document.spans.get(f"-{name}", ())}
        if name in ("avoid", "give", "test"):
            others |= {start for start, _ in spans if self._describes(self.document.words[start])}
            others |= {start for start, _ in spans if self._considers(start)}
        return [span for span in spans if span[0] not in others] if others else spans

    def _considers(self, place: int) -> bool:
        """Whether "given" gives a reason, as in "given her kidneys"."""
        words = self.document.words
        if words[place] != "given" or place + 1 >= len(words) or words[place + 1] not in g.DETERMINER:
            return False
        return not place or words[place - 1] not in g.BE

    @staticmethod
    def _describes(word: str) -> bool:
        """Third-person forms that say what is the case: "she takes", "it drops"."""
        return word.endswith("s") and word in g.DIRECTIVE and word not in g.URGING and word not in g.FORBIDDING

    def _doses(self) -> Iterable[Span]:
        """Amounts of a drug beside a route or frequency: an order even without a verb."""
        words = self.document.words
        for amount in self.amounts():
            beside = words[max(0, amount.start - 3) : amount.end + 4]
            if amount.unit.dimension in _DOSES and (amount.unit.rate or not g.ROUTE.isdisjoint(beside)):
                yield amount.start, amount.end

    def amounts(self) -> list[Amount]:
        """The quantities in the answer."""
        if self._amounts is None:
            document = self.document
            places = sorted(p for word, ps in document.places.items() if is_number(word) for p in ps)
            self._amounts = list(amounts(document.words, document.gaps, places))
        return self._amounts


def hits_in(hits: Hits, sentence: int) -> list[Hit]:
    """A sentence's hits."""
    return [Hit(*fields) for fields in hits.get(sentence, ())[:MAX_HITS]]
