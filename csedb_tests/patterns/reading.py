"""An answer with what was found in it so far: where a pattern's groups stand, whatever the scope."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.document import Document, Span
from csedb_tests.patterns.language import Beside, Group
from csedb_tests.patterns.lexicon import lexicon
from csedb_tests.patterns.numbers import Amount, amounts, is_number
from csedb_tests.patterns.scope import View
from csedb_tests.patterns.spelling import number_forms, stem_forms

_DOSES = frozenset({"mass", "mass/kg", "volume", "volume/kg", "unit", "unit/kg", "amount", "amount/kg"})
_OFTEN = frozenset(["daily", "bd", "bid", "tds", "tid", "qds", "qid", "od", "nocte", "mane", "nightly"])
"""After a number without a unit, these make it a dose: "co-careldopa 12.5/50 three times daily"."""
_WHEN = frozenset(["tonight", "now", "today", "tomorrow", "stat", "nocte", "first"])
_ENDING = frozenset(
    ["off", "out", "end", "ends", "last", "until", "none", "cancelled", "stopped", "over", "done", "finish"]
)
_FEW = 5
"""In a sentence of so few words, without a verb, a time is an order: "PPI tonight."."""
_NAMED = 4
"""A question of fewer words only names a thing: "Verapamil?"."""
_SHORT = 7
"""A sentence of so few words, without a verb, may be an order: "Prednisolone 60 mg tonight."."""
_NOUNS = frozenset(
    ["chart", "order", "offer", "drink", "pair", "drip", "drop", "end", "finish", "decline", "miss", "hold"]
)
"""Verbs of the classes that are nouns after an article."""
_UNTIL = frozenset(["for", "until", "till"])
MAX_HITS = 12
"""Hits of one group that are looked at in one sentence; keeps judging linear."""
MAX_PASSED = 5_000
"""Sentences that hold a part of a pattern and are searched for the rest of it."""


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


def _same(wanted: str, word: str) -> bool:
    """Whether a word of a pattern stands for a word of an answer."""
    if wanted[-1] == "*":
        exact, stems = stem_forms(wanted[:-1])
        return word.startswith(stems) or word in exact
    return wanted == word or word in number_forms(wanted)


class Reading:
    """An answer with what was found in it so far.

    A group's own words are looked for in the whole answer, its word classes only in the sentences where the rest of a
    pattern stands.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._words: dict[str, Mapping[int, list[Span]]] = {}
        self._sentences: dict[str, frozenset[int]] = {}
        self._hits: dict[tuple[str, int], list[Hit]] = {}
        self._classes: dict[tuple[str, int], list[Hit]] = {}
        self._views: dict[int, View] = {}
        self._amounts: dict[int, list[Amount]] | None = None

    def view(self, sentence: int) -> View:
        """The scopes of a sentence."""
        view = self._views.get(sentence)
        if view is None:
            view = self._views[sentence] = View(self.document, sentence)
        return view

    def hits(self, group: Group, sentence: int) -> list[Hit]:
        """A sentence's first hits of a group, whatever the scope."""
        hits = self._hits.get((group.text, sentence))
        if hits is None:
            if not group.classes and sentence not in self.words(group):
                return []
            hits = [hit for name in group.classes for hit in self._class(name, sentence)]
            hits += [self._hit(*span) for span in self.words(group).get(sentence, ())[:MAX_HITS]]
            self._hits[group.text, sentence] = hits = [hit for hit in hits if not self._for_now(hit)][:MAX_HITS]
        return hits

    def _for_now(self, hit: Hit) -> bool:
        """Whether "now" only says how long or how late, as in "leave it for now" or "two weeks from now"."""
        words = self.document.words
        if words[hit.start] != "now" or not hit.start:
            return False
        if words[hit.start - 1] == "from":
            return words[hit.start + 1 : hit.start + 2] != ["on"]
        return words[hit.start - 1] in _UNTIL

    def words(self, group: Group) -> Mapping[int, list[Span]]:
        """Where a group's words and quantities stand, by sentence; its classes are left out."""
        found = self._words.get(group.text)
        if found is None:
            found = self._words[group.text] = self._search(group)
        return found

    def holding(self, group: Group) -> frozenset[int]:
        """The sentences in which a group stands, or whose lead-in holds it."""
        found = self._sentences.get(group.text)
        if found is None:
            own = self._holding(group)
            items = self.document.items_of
            under = (item for sentence in items.keys() & own for item in items[sentence])
            found = self._sentences[group.text] = own.union(under)
        return found

    def _holding(self, group: Group) -> frozenset[int]:
        if not group.classes:
            return frozenset(self.words(group))
        number = min(len(self.document.sentences), MAX_PASSED)
        return frozenset(place for place in range(number) if self.hits(group, place))

    def _search(self, group: Group) -> Mapping[int, list[Span]]:
        _text, words, exact, stems, phrases, exact_phrases, stem_phrases, _, quantities = group
        spans: list[Span] = []
        if quantities:
            every = [amount for some in self.amounts().values() for amount in some]
            spans += [(a.start, a.end) for quantity in quantities for a in every if quantity.holds(a)]
        if words or stems:
            spans += self._single_words(words, exact, stems)
        if phrases:
            spans += sorted(self._phrases(phrases, exact_phrases))
        if stem_phrases:
            spans += sorted(self._stem_phrases(stem_phrases))
        found: dict[int, list[Span]] = {}
        for span in spans:
            found.setdefault(self.document.sentence_of[span[0]], []).append(span)
        return found

    def _hit(self, start: int, end: int) -> Hit:
        words = self.document.words
        word = words[start]
        live = word in g.DIRECTIVE and not (start and words[start - 1] in g.BEFORE_NOUN)
        return Hit(start, end, live, denies=word in g.BARE_NEGATION and end - start == 1)

    def _single_words(self, words: frozenset[str], exact: frozenset[str], stems: Sequence[str]) -> list[Span]:
        document = self.document
        places, plurals = document.places, document.plurals
        found = self._stems(stems) if stems else []
        for word in places.keys() & words:
            found += places[word]
        for singular in plurals.keys() & words:
            for word in plurals[singular]:
                found += places[word]
        if exact:
            for word in places.keys() & exact:
                found += places[word]
        return [(place, place + 1) for place in sorted(set(found))] if found else []

    def _stems(self, stems: Sequence[str]) -> list[int]:
        """The places of words that begin with one of the stems."""
        vocabulary, places = self.document.vocabulary, self.document.places
        found: list[int] = []
        for stem in stems:
            index = bisect_left(vocabulary, stem)
            while index < len(vocabulary) and vocabulary[index].startswith(stem):
                found += places[vocabulary[index]]
                index += 1
        return found

    def _phrases(self, phrases: Beside, exact_phrases: Beside) -> Iterator[Span]:
        places, plurals = self.document.places, self.document.plurals
        for word in places.keys() & phrases.keys():
            yield from self._following(word, phrases[word])
        for singular in plurals.keys() & phrases.keys():
            for word in plurals[singular]:
                yield from self._following(word, phrases[singular])
        if exact_phrases:
            for word in places.keys() & exact_phrases.keys():
                yield from self._following(word, exact_phrases[word])

    def _stem_phrases(self, phrases: Sequence[tuple[str, ...]]) -> Iterator[Span]:
        for phrase in phrases:
            exact, stems = stem_forms(phrase[0][:-1])
            begun = [place for word in exact for place in self.document.places.get(word, ())] + self._stems(stems)
            yield from ((place, place + len(phrase)) for place in begun if self._follows(place, phrase))

    def _following(self, word: str, phrases: Sequence[tuple[str, ...]]) -> Iterator[Span]:
        for place in self.document.places[word]:
            for phrase in phrases:
                if self._follows(place, phrase):
                    yield place, place + len(phrase)

    def _follows(self, place: int, phrase: tuple[str, ...]) -> bool:
        words = self.document.words
        for wanted in phrase[1:]:
            place += 1
            if place >= len(words) or not _same(wanted, words[place]) or self.document.breaks(place):
                return False
        return True

    def _class(self, name: str, sentence: int) -> list[Hit]:
        hits = self._classes.get((name, sentence))
        if hits is None:
            hits = self._classes[name, sentence] = list(self._class_hits(name, sentence))
        return hits

    def _class_hits(self, name: str, sentence: int) -> Iterator[Hit]:
        known, words = lexicon(), self.document.words
        directive, denies = name in known.directive_classes, name == "avoid"
        for start, end in self._class_spans(name, sentence):
            bare = denies and end - start == 1 and words[start] in g.BARE_NEGATION
            yield Hit(start, end, directive, bare=bare, denies=denies)
        if name in ("give", "dose"):
            for start, end in self._doses(sentence):
                yield Hit(start, end, True, dose=True)
        if name in ("give", "safe"):
            for place in self._affirmed(sentence):
                yield Hit(place, place + 1, True)
        if name == "unneeded":
            for place in self._declined(sentence):
                yield Hit(place, place + 1, denies=True)
        for other in known.undoes[name]:
            for start, end in self._class_spans(other, sentence):
                yield Hit(start, end, directive, True)

    def _class_spans(self, name: str, sentence: int) -> list[Span]:
        """A class's phrases without those that begin one of its exceptions ("take place")."""
        spans = self.document.spans(name, sentence)
        if not spans:
            return spans
        others = {start for start, _ in self.document.spans(f"-{name}", sentence)}
        if name == "urgent" and others:  # "non urgent" begins before the word that it takes back
            others |= {place + 1 for place in others}
        if name in ("avoid", "stop"):
            others |= {start for start, end in spans if self._goes_on(start, end)}
        if name in ("avoid", "give", "test", "stop", "reduce"):
            others |= {start for start, _ in spans if self._describes(start)}
            others |= {start for start, _ in spans if self._considers(start)}
        return [span for span in spans if span[0] not in others] if others else spans

    def _goes_on(self, start: int, end: int) -> bool:
        """Whether "goes" or "is out" has a complement, and so is no "must go": "goes over 38", "is out of bed"."""
        words, gaps = self.document.words, self.document.gaps
        if words[end - 1] not in g.DEPARTING or not (words[start] in g.AUXILIARY or words[start] in ("goes", "comes")):
            return False
        if end >= len(words) or gaps[end] or self.document.breaks(end):
            return False
        return words[end] not in g.DEPARTED

    def _considers(self, place: int) -> bool:
        """Whether "given" gives a reason, as in "given her kidneys"."""
        words = self.document.words
        if words[place] != "given" or place + 1 >= len(words) or words[place + 1] not in g.DETERMINER:
            return False
        return not place or words[place - 1] not in g.BE

    def _describes(self, place: int) -> bool:
        """Third-person forms that say what is the case ("she takes", "it drops"), and nouns ("the chart")."""
        word = self.document.words[place]
        if word in _NOUNS and place and self.document.words[place - 1] in g.DETERMINER:
            return True
        return word.endswith("s") and word in g.DIRECTIVE and word not in g.URGING and word not in g.FORBIDDING

    def _affirmed(self, sentence: int) -> Iterator[int]:
        """A "yes" said of a label or to a question whether something may be done: "Verapamil? Yes."."""
        document = self.document
        first, last, lead, _ = document.sentences[sentence]
        words, gaps = document.words, document.gaps
        asked = words[slice(*document.sentences[lead][:2])] if lead >= 0 else []
        affirms = bool(asked) and words[first] in g.AFFIRMING and "not" not in words[first + 1 : first + 2]
        if affirms and (len(asked) < _NAMED or self._asks_leave(asked)):
            yield first
        for place in document.places.get("yes", ()):
            if first < place < last and ":" in gaps[place]:
                yield place

    def _declined(self, sentence: int) -> Iterator[int]:
        """A "no" to a question whether something is needed: "Is a scan needed? No."."""
        first, _, lead, _ = self.document.sentences[sentence]
        asked = self.document.words[slice(*self.document.sentences[lead][:2])] if lead >= 0 else []
        if self.document.words[first] in g.BARE_NEGATION and not g.NEEDING.isdisjoint(asked):
            yield first

    @staticmethod
    def _asks_leave(asked: Sequence[str]) -> bool:
        """Whether a question asks if something may be done, and not if it does harm."""
        return not g.PERMISSION.isdisjoint(asked) and g.HARM.isdisjoint(set(asked) - g.CLAIMING)

    def _doses(self, sentence: int) -> Iterator[Span]:
        """Amounts of a drug beside a route or frequency, or in a list or table: an order even without a verb."""
        words, (first, last, lead, asks) = self.document.words, self.document.sentences[sentence]
        line = lead >= 0 or last - first <= _SHORT or any("|" in gap for gap in self.document.gaps[first:last])
        for amount in self.amounts().get(sentence, ()):
            if amount.unit.dimension not in _DOSES:
                if not amount.unit.dimension and not _OFTEN.isdisjoint(words[amount.end : min(amount.end + 4, last)]):
                    yield amount.start, amount.end
                continue
            beside = words[max(0, amount.start - 3) : amount.end + 4]
            if line or amount.unit.rate or not g.ROUTE.isdisjoint(beside):
                yield amount.start, amount.end
        if 1 < last - first <= _FEW and not asks and _ENDING.isdisjoint(words[first:last]):
            yield from ((place, place + 1) for place in range(first + 1, last) if words[place] in _WHEN)

    def amounts(self) -> dict[int, list[Amount]]:
        """The quantities in the answer, by sentence."""
        if self._amounts is None:
            document = self.document
            places = sorted(p for word, ps in document.places.items() if is_number(word) for p in ps)
            self._amounts = {}
            for amount in amounts(document.words, document.gaps, places):
                self._amounts.setdefault(document.sentence_of[amount.start], []).append(amount)
        return self._amounts
