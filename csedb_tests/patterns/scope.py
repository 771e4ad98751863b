"""One sentence with its lead-in: which of its words are asserted."""

from collections.abc import Sequence
from functools import cached_property

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.clauses import Clauses
from csedb_tests.patterns.cues import Cue, Cues
from csedb_tests.patterns.directives import idle_reason
from csedb_tests.patterns.document import Document, Span


class View:
    """A sentence, with the words of its lead-in before it. Places in a view count from its first word.

    ``cues`` are those that count, with their reach; ``cancelled`` are pairs of a negation and the cue it turns round.
    """

    def __init__(self, document: Document, sentence: int) -> None:
        own = document.sentences[sentence]
        self.question = own.question
        self.words = document.words[own.first : own.last]
        gaps = document.gaps[own.first : own.last]
        self._own, self._lead, self._shift = own.first, 0, 0
        phrases = document.cues(sentence)
        if own.lead >= 0:
            lead = document.sentences[own.lead]
            self._lead, self._shift = lead.first, lead.last - lead.first
            self.words = [*document.words[lead.first : lead.last], *self.words]
            gaps = [*document.gaps[lead.first : lead.last], ":", *gaps[1:]]
            phrases = [*phrases, *document.cues(own.lead)]
        self.clauses = Clauses(self.words, gaps, self._shift)
        self.cues: tuple[Cue, ...] = ()
        self.cancelled: list[tuple[Span, Span]] = []
        found = self._found(phrases)
        if phrases or not found.plain:
            self.cues, self.cancelled = tuple(found.all()), found.cancelled

    def local(self, place: int) -> int:
        """A document place as a place in this view."""
        return place - self._own + self._shift if place >= self._own else place - self._lead

    def _found(self, phrases: Sequence[tuple[str, Span]]) -> Cues:
        found: dict[str, list[Span]] = {}
        for kind, (start, end) in phrases:
            first = self.local(start)
            found.setdefault(kind, []).append((first, first + end - start))
        return Cues(self.clauses, found)

    @cached_property
    def predicates(self) -> bool:
        """Whether the sentence states something with a verb, unlike a written order, or its lead-in tells the past."""
        own, lead = self.words[self._shift :], self.words[: self._shift]
        return not g.AUXILIARY.isdisjoint(own) or not g.HISTORY.isdisjoint(lead)

    def idle(self, place: int) -> str:
        """Why a directive word at a local place recommends nothing (for a never-event), or an empty text."""
        return "question" if self.question else idle_reason(self.clauses, place)
