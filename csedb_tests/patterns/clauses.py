"""Clauses of one sentence: where they begin and end, their subjects, and what a pronoun in them may stand for."""

from collections.abc import Sequence
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.numbers import is_number

REACH = 70
"""Words to either side that a cue can reach; keeps judging linear."""
_SUBJECT_REACH = 25
_PAUSES = frozenset(",;:")
_LISTED = frozenset(["following", "these", "drugs", "medicines", "medications", "agents", "things", "items", "any"])
_STOPS = frozenset(",;:().")
_PARTING = frozenset(",;:()|\u2014")
_AT_ONCE = frozenset(["straight", "now", "today", "tonight", "immediately", "instead"])
"""After a colon, these begin an order: "do not ring round: straight to hospital"."""


class Reach(NamedTuple):
    """How far a cue reaches: ``strict`` to a circumstance, ``clause`` to the reason given, ``far`` to the end."""

    strict: int
    clause: int
    far: int


class Clauses:
    """The words of a sentence with the punctuation before each; a lead-in fills the first ``lead`` of them."""

    def __init__(self, words: Sequence[str], gaps: Sequence[str], lead: int = 0) -> None:
        self.words, self.gaps, self.lead = words, gaps, lead

    def content(self, start: int, end: int) -> bool:
        """Whether anything but function words stands in a range."""
        return any(word not in g.FUNCTION and word not in g.FILLER for word in self.words[start:end])

    def reach(self, start: int, kind: str) -> Reach:
        """How far a cue that ends before ``start`` reaches. ``kind``: ``negator``, ``no``, ``reject``, ``forbid``."""
        strict = clause = -1
        content = depth = 0
        aside = start < len(self.gaps) and "," in self.gaps[start]
        listing = any(":" in gap for gap in self.gaps[start : start + 2])
        place, stop = start, min(len(self.words), start + REACH)
        while place < stop:
            word, gap = self.words[place], self.gaps[place]
            if gap:
                depth += gap.count("(") - gap.count(")")
                if aside and "," in gap:
                    aside = place == start
                elif depth < 0 or (depth > 0 and gap == ";"):
                    if depth < 0:
                        break
                elif self._ends(gap, place, content if ":" in gap else place - start, kind):
                    break
            if self._turns(word, place, content, kind):
                break
            if strict < 0 or (listing and "," in gap):
                strict = place if self._loosens(word, place, content, kind) else -1
            if clause < 0 and content and self._gives_reason(word, place):
                clause = place
            content += word not in g.FILLER and word not in g.FUNCTION
            place += 1
        clause = place if clause < 0 else clause
        return Reach(min(clause, place if strict < 0 else strict), clause, place)

    def _ends(self, gap: str, place: int, content: int, kind: str) -> bool:
        """Whether the punctuation before a word ends the clause; ``content`` says if anything came before it."""
        if ";" in gap or "|" in gap or ("(" in gap and self.words[place] in g.IMPERATIVE):
            return True
        if "\u2014" in gap and self.starts(place) and place != self.lead:
            return True
        if not content:
            return False
        if ":" in gap or "\u2014" in gap:
            stated = self._states(place) and not (place == self.lead and self._announces(place))
            return self.starts(place) or self.words[place] in _AT_ONCE or place < self.lead or stated
        if "," not in gap:
            return False
        if kind == "reject" and (self.words[place] in g.PREPOSITION or not self._goes_on(place)):
            return True
        if kind != "forbid" and self.words[place] == "and" and self._word(place + 1) in g.DETERMINER:
            return True
        return self.starts(place) and not self._or_list(place, kind)

    def _announces(self, place: int) -> bool:
        """Whether a lead-in leaves to its list what its verb is about: "do not give:", "avoid these in pregnancy:"."""
        before = self.words[max(0, place - 8) : place]
        return before[-1] in g.DIRECTIVE or not _LISTED.isdisjoint(before)

    def _states(self, place: int) -> bool:
        """Whether a statement or a dose stands after a colon or dash, and not the list that it announces."""
        if self.words[place] in g.FORBIDDING:
            return False
        for later in range(place + 1, min(place + 10, len(self.words))):
            if not _STOPS.isdisjoint(self.gaps[later]):
                return False
            if self.words[later] in g.AUXILIARY or is_number(self.words[later]):
                return True
            if self.words[later] in g.RELATIVE or self.words[later] in g.CONTRAST:
                return False
        return False

    def parted(self, one: int, other: int) -> bool:
        """Whether punctuation stands between two words."""
        low, high = sorted((one, other))
        return any(not _PARTING.isdisjoint(gap) for gap in self.gaps[low + 1 : high + 1] if gap)

    def _goes_on(self, place: int) -> bool:
        """Whether a list of what was turned down goes on after a comma: "instead of a, b or c"."""
        if self.words[place] in ("then", "and", "with"):
            return False
        later = self.words[place : place + 8]
        return "or" in later or "and" in later or "nor" in later

    def _word(self, place: int) -> str:
        return self.words[place] if place < len(self.words) else ""

    def _or_list(self, place: int, kind: str) -> bool:
        """Whether an "or" later keeps a list of verbs under the negation, as in "do not smoke, drink, or drive"."""
        if kind == "forbid":
            return False
        if self.words[place] not in g.IMPERATIVE:
            return self.words[place] in ("or", "nor")
        later = range(place + 1, min(place + 12, len(self.words)))
        return any(self.words[i] in ("or", "nor") and "," in self.gaps[i] for i in later)

    def starts(self, place: int) -> bool:
        """Whether a new clause or instruction begins at a word."""
        words = self.words
        while (
            self._word(place) in g.OPENER
            or self._word(place) in ("and", "or", "to")
            or self._word(place).endswith("ly")
        ):
            place += 1
        word = self._word(place)
        if word in g.IMPERATIVE or word in g.PRONOUN or word in g.MODAL:
            return True
        if not word or word in g.RELATIVE or word in g.SUBORDINATOR or word in g.PREPOSITION:
            return False
        for later in range(place, min(place + 8, len(words))):
            if later > place and not _STOPS.isdisjoint(self.gaps[later]):
                return False
            if words[later] in g.AUXILIARY or (words[later] in g.URGING and later > place):
                return True
            if words[later] in g.RELATIVE or words[later] in g.SUBORDINATOR or words[later] == "to":
                return False
        return False

    def _turns(self, word: str, place: int, content: int, kind: str) -> bool:
        if word in g.CONTRAST or (word in g.MILD_CONTRAST and "," in self.gaps[place]):
            return True
        if place + 1 >= len(self.words):
            return False
        if word in ("so", "therefore", "hence", "thus") and self.words[place + 1] in g.IMPERATIVE:
            return True
        if not content:
            return False
        if word in ("and", "then", "plus"):
            return self.starts(place + 1)
        return word == "or" and kind == "forbid" and self.words[place + 1] in g.IMPERATIVE

    def _loosens(self, word: str, place: int, content: int, kind: str) -> bool:
        """Whether a circumstance ("in heart failure") or relative clause begins, which the cue does not deny."""
        if word in g.AT_ONCE or (
            content and "," in self.gaps[place] and (word in g.RELATIVE or word in g.SUBORDINATOR)
        ):
            return True
        if word not in g.CIRCUMSTANCE or (word == "on" and self.words[place - 1] == "time"):
            return False
        if content and place + 1 < len(self.words) and is_number(self.words[place + 1]):
            return True
        return content >= (2 if kind == "negator" or (kind in ("no", "reject") and word in g.LOOSE) else 1)

    def _gives_reason(self, word: str, place: int) -> bool:
        follower = self._word(place + 1)
        if word == "because":
            return follower != "of"
        if word in ("since", "as") and (follower in g.PRONOUN or follower in g.DETERMINER):
            return self.starts(place + 1)
        return word in ("so", "therefore") or (word in ("which", "who") and "," in self.gaps[place])

    def chain(self, start: int) -> int:
        """The first word of the verb chain before a participle: "should therefore be" avoided."""
        first = start
        for place in range(start - 1, max(-1, start - 5), -1):
            word = self.words[place]
            if word in g.BE or word in g.MODAL or word in ("to", "has", "have"):
                first = place
            elif not word.endswith("ly") and word not in g.OPENER and word not in g.CHAIN:
                break
            if self.gaps[place]:
                break
        return first

    def subject(self, end: int) -> tuple[int, int]:
        """Where the clause that runs up to ``end`` begins, and where its subject ends."""
        left = self._clause_start(end)
        verb = next((i for i in range(left, end) if self.words[i] in g.AUXILIARY), end)
        return left, verb if verb > left else end

    def _clause_start(self, end: int) -> int:
        place, limit = end - 1, max(0, end - REACH)
        while place >= limit:
            gap = self.gaps[place + 1] if place + 1 < len(self.gaps) else ""
            if gap and self._parts(gap, place + 1, end):
                return place + 1
            if "," in gap:
                before = self._before_comma(place)
                if before is None:
                    return place + 1
                place = before
                continue
            if self._opens(place, end):
                return place + 1
            place -= 1
        return limit

    def _parts(self, gap: str, place: int, end: int) -> bool:
        """Whether the punctuation before ``place`` parts it from its subject; a label ("Verapamil: avoid") is none."""
        if ";" in gap:
            return True
        if "(" in gap and ")" not in gap:
            return not any(")" in self.gaps[i] for i in range(place + 1, min(end + 1, len(self.gaps))))
        return place < end and (":" in gap or "|" in gap or "\u2014" in gap)

    def _before_comma(self, place: int) -> int | None:
        """Left of a comma: nothing if another clause or phrase stands there, else the place to go on from."""
        first = self._segment(place)
        segment = self.words[first : place + 1]
        if segment[0] in g.RELATIVE:
            return first - 1
        if (
            segment[0] in g.PREPOSITION
            or segment[0] in g.OPENER
            or segment[0] in g.CONTRAST
            or segment[0] in g.IMPERATIVE
        ):
            return None
        return None if any(word in g.AUXILIARY for word in segment) else place - 1

    def _segment(self, place: int) -> int:
        """The first word after the punctuation before ``place``."""
        first = place
        while first > 0 and _PAUSES.isdisjoint(self.gaps[first]) and place - first < _SUBJECT_REACH:
            first -= 1
        return first

    def _opens(self, place: int, end: int) -> bool:
        word, before = self.words[place], self.words[place - 1] if place else ""
        if word in g.CONTRAST or word in g.CLAUSE_OPENER:
            return True
        if word == "as":
            return before not in ("such", "well", "known")
        if word == "that":
            return before in g.REASON
        if word == "and" and end - place > 1:
            first = self._segment(place)
            return self.words[first] in g.IMPERATIVE or any(word in g.AUXILIARY for word in self.words[first:place])
        return False

    def earlier(self, left: int, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """What a pronoun beside a cue may stand for: the clauses before it in the sentence."""
        subject = any(self.pronoun(place) for place in range(left, min(left + 3, start)))
        first = left if subject else start
        if not first or not (
            subject or any(self.pronoun(place) and not any(self.gaps[end : place + 1]) for place in self._next(end))
        ):
            return ()
        return ((max(0, first - 30), first),)

    def _next(self, place: int) -> range:
        return range(place, min(place + 3, len(self.words)))

    def pronoun(self, place: int) -> bool:
        """Whether a word stands for something said before."""
        word = self.words[place]
        if word in ("it", "them", "they"):
            return True
        if word not in ("this", "these", "both", "that", "those"):
            return False
        follower = self._word(place + 1)
        if not follower or self.gaps[place + 1] or follower in g.AUXILIARY or follower in g.PREPOSITION:
            return True
        return follower in ("too", "now", "one", "drug", "medicine", "medication", "immediately", "today")

    def refers_back(self, start: int, end: int) -> bool:
        """Whether a pronoun is the object or subject of the words at ``start`` to ``end``."""
        places = [i for i in range(max(0, start - 5), min(end + 2, len(self.words))) if self.pronoun(i)]
        return any(self.governs(place, start, end) and self.unbound(place) for place in places)

    def unbound(self, place: int) -> bool:
        """Whether nothing nearer can be what a pronoun stands for: no condition and no other subject before it."""
        words = self.words
        if not place:
            return True
        if words[place] == "they" and not any(word in g.BE for word in words[place + 1 : place + 4]):
            return False
        first = place - 1
        while first > 0 and not self.gaps[first] and words[first] not in g.CLAUSE_OPENER:
            first -= 1
        if any(word in g.CONDITION for word in words[first:place]):
            return False
        if first and any(word in g.AUXILIARY for word in words[: first + 1]) and words[first] in g.CLAUSE_OPENER:
            return False
        return words[first] in g.PREPOSITION or not self._named(first, place)

    def _named(self, first: int, place: int) -> bool:
        """Whether words other than verbs of instruction, negations and adverbs stand in a range."""
        return any(
            word not in g.DIRECTIVE
            and word not in g.PERSON
            and word not in g.OPENER
            and word not in g.BARE_NEGATION
            and word not in g.MODAL
            and word not in g.CLAUSE_OPENER
            and word not in g.CONTRAST
            and not word.endswith("ly")
            and self.content(at, at + 1)
            for at, word in enumerate(self.words[first:place], first)
        )

    def governs(self, place: int, start: int, end: int) -> bool:
        if place >= end:
            return not any(self.gaps[end : place + 1])
        between = range(place + 1, start + 1)
        return place < start and not any(self.gaps[i] or self.words[i] in g.CONTRAST for i in between)
