"""An answer with what was found in it so far: where a pattern's groups stand, whatever the scope."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.document import Document, Span
from csedb_tests.patterns.language import Alternative, Group
from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.numbers import Amount, amounts, is_number
from csedb_tests.patterns.scope import View

_DOSES = frozenset({"mass", "mass/kg", "volume", "volume/kg", "unit", "unit/kg", "amount", "amount/kg"})
MAX_HITS = 24
"""Hits of one group that are looked at in one sentence; keeps judging linear."""


class Hit(NamedTuple):
    """Words that met an alternative. ``inverse`` hits count only when negated ("do not stop" for ``@continue``); ``bare``
    ones are the plain negations of ``@avoid``, which do not name what their verb is said of; a ``dose`` is an order
    without a verb.
    """

    start: int
    end: int
    directive: bool = False
    inverse: bool = False
    bare: bool = False
    dose: bool = False


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
            hits = self._groups[group.text] = self._search(group.alternatives)
        return hits

    def sentences(self, group: Group) -> frozenset[int]:
        """The sentences in which a group stands, or whose lead-in holds it."""
        found = self._sentences.get(group.text)
        if found is None:
            hits, items = self.group(group), self.document.items_of
            under = (item for sentence in items.keys() & hits.keys() for item in items[sentence])
            found = self._sentences[group.text] = frozenset(hits).union(under)
        return found

    def _search(self, alternatives: tuple[Alternative, ...]) -> Hits:
        found: dict[int, list[Found]] = {}
        single = len(alternatives) == 1
        for alternative in alternatives:
            if alternative.name:
                hits = self._class(alternative.name)
                if single:
                    return hits
                for sentence, some in hits.items():
                    found.setdefault(sentence, []).extend(some)
            elif alternative.quantity is not None:
                self._add(found, ((a.start, a.end) for a in self.amounts() if alternative.quantity.holds(a)))
            else:
                self._add(found, self._words(alternative))
        return found

    def _add(self, found: dict[int, list[Found]], spans: Iterable[Span]) -> None:
        words, sentence_of = self.document.words, self.document.sentence_of
        for start, end in spans:
            live = words[start] in g.DIRECTIVE and not (start and words[start - 1] in g.BEFORE_NOUN)
            found.setdefault(sentence_of[start], []).append((start, end, live))

    def _words(self, alternative: Alternative) -> Iterable[Span]:
        document = self.document
        first, *rest = alternative.words
        known = document.places.keys() & first.forms
        places = [place for form in known for place in document.places[form]]
        for stem in first.stems:
            places.extend(document.stem(stem))
        if not rest:
            return ((place, place + 1) for place in places)
        return ((place, place + 1 + len(rest)) for place in places if self._follows(place + 1, alternative))

    def _follows(self, place: int, alternative: Alternative) -> bool:
        words = self.document.words
        for word in alternative.words[1:]:
            if place >= len(words) or self.document.breaks(place):
                return False
            if words[place] not in word.forms and not (word.stems and words[place].startswith(word.stems)):
                return False
            place += 1
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
        for start, end in self._class_spans(name):
            bare = name == "avoid" and end - start == 1 and self.document.words[start] in g.BARE_NEGATION
            found.setdefault(sentence_of[start], []).append((start, end, directive, False, bare))
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
        if name in ("avoid", "give"):
            others |= {start for start, _ in spans if self._describes(self.document.words[start])}
        return [span for span in spans if span[0] not in others] if others else spans

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
