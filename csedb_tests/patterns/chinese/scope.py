"""What a Chinese sentence denies, supposes, reports or warns of, and where.

Chinese says what is denied by position: a negation reaches to the end of its clause, and where nothing follows it, back
to what the clause, or the one before, named ("维拉帕米不能用", "维拉帕米, 不能用").
"""

import re
from functools import cached_property
from typing import NamedTuple

from csedb_tests.patterns.chinese.page import clauses
from csedb_tests.patterns.chinese.quantities import quantities
from csedb_tests.patterns.chinese.words import Span, Words, cues, grammar, only_light, touch, word_class
from csedb_tests.patterns.numbers import Amount

_DIRECTIVES = ("give", "stop", "continue", "increase", "reduce")
_JOINING = ("或", "和", "及", "以及", "也不", "也别", "亦", "、")
_NEAR = 8
"""Characters that may stand between two cues of which the first turns the second round."""
_DESCRIBING = re.compile("药?的(?!话)")
"""After an order's word, this makes it part of a description: "喂药的时间"."""
_PENDING = re.compile(r"等[^,;]{1,15}再")
"""What is to wait for something: "等eGFR降到10再停"."""
_OWN = re.compile(r"\s*(?:但|可|不过|其实|然而|现在|目前|请|建议|不|别|切|应|先|这|她|他|您|立)")
"""A clause that begins with one of these after somebody's view is the answer's own."""
_THROUGH = "因"
"""After a negation, what stands up to "而" is a reason: "不能因为咳嗽而停药"."""


class Cue(NamedTuple):
    """A cue, and the ranges of its sentence that it denies."""

    start: int
    end: int
    denies: tuple[Span, ...]
    is_bare: bool
    """Whether its clause names nothing, so that it is said of what was named before."""
    ends: bool
    """Whether it is a word for ending something."""

    def is_in(self, span: Span) -> bool:
        """Whether a stretch holds some of the cue itself."""
        return touch(span, (self.start, self.end))

    def reaches(self, span: Span) -> bool:
        """Whether the cue denies some of a stretch."""
        return any(touch(span, denied) for denied in self.denies)


class Scope:
    """One sentence; places are those of its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.clauses = clauses(text)
        self._classes: dict[str, list[Span]] = {}

    def spans(self, name: str) -> list[Span]:
        """Where the words of a class stand; many patterns ask for the same."""
        if name not in self._classes:
            self._classes[name] = list(word_class(name).spans(self.text))
        return self._classes[name]

    @cached_property
    def amounts(self) -> list[tuple[Amount, Span]]:
        """The amounts, and where they stand."""
        return list(quantities(self.text))

    @cached_property
    def cues(self) -> tuple[Cue, ...]:
        """The cues that stand: not those of which one turns the other round."""
        return tuple(self._cue(*one) for number, one in enumerate(self._all) if number not in self._cancelled)

    @cached_property
    def turned(self) -> tuple[Span, ...]:
        """The cues that cancel each other."""
        return tuple(self._all[number][0] for number in sorted(self._cancelled))

    @cached_property
    def others(self) -> tuple[Span, ...]:
        """What is somebody else's view or wish: from its cue up to a clause in which the answer speaks again."""
        return tuple((start, self._handed_back(start)) for start, _ in cues("report", "report_except").spans(self.text))

    @cached_property
    def asks(self) -> bool:
        """Whether the sentence is a question."""
        bare = self.text.rstrip("\"'\u201d\u300d ")
        return bare.endswith("?") or any(bare.rstrip("\u3002!").endswith(word) for word in ("吗", "呢", "么"))

    def denied(self, span: Span, apart_from: Cue | None = None) -> bool:
        """Whether a cue denies a stretch, or it is not the answer's own."""
        if any(touch(span, other) for other in self.others) or cues("disown").within(self.text[span[1] :]):
            return True
        return any(cue.reaches(span) for cue in self.cues if cue is not apart_from and not cue.is_in(span))

    def named(self, span: Span) -> Cue | None:
        """The cue that a stretch of text names, if any."""
        return next((cue for cue in self.cues if span[0] <= cue.start < span[1]), None)

    def is_bare(self, cue: Cue, named: Span) -> bool:
        """Whether a cue's clause names nothing beside it and the words that name it."""
        start, end = self._clause(cue.start)
        return cue.is_bare or (
            only_light(self.text[max(cue.end, named[1]) : end])
            and only_light(self._without_cues(self.text[start : cue.start]))
        )

    def void(self, span: Span) -> bool:
        """Whether a stretch is the end of a cue ("用" in "禁用"), or one of two cues that cancel each other."""
        if any(low <= span[0] and span[1] <= high for low, high in self.turned):
            return True
        return any(cue.start < span[0] < cue.end for cue in self.cues)

    def idle(self, span: Span) -> bool:
        """Whether the clause of a stretch orders nothing: it asks, supposes, tells what was, or warns."""
        start, end = self._clause(span[0])
        if self.asks or self.unreal(span) or cues("going").within(self.text[start:end]):
            return True
        if cues("suppose", "supposing_except").within(self.text[start : span[0]]):
            return True
        return self.warns(span) or bool(_DESCRIBING.match(self.text, span[1]))

    def warns(self, span: Span) -> bool:
        """Whether the clause goes on to say what harm comes of it."""
        number = self.clause_number(span[0])
        later = self.clauses[number + 1 : number + 2]
        if any(_begins(grammar("ominous"), self.text[low:high]) for low, high in later):
            return True
        return cues("warn").within(self.text[span[1] : self.clauses[number][1]])

    def unreal(self, span: Span) -> bool:
        """Whether a clause tells what was, or what holds only under a condition: "如果血压低, 才不宜用"."""
        start, end = self._clause(span[0])
        if cues("past", "past_except").within(self.text[start:end]):
            return True
        if _PENDING.search(self.text[start : span[0]]):
            return True
        supposes = cues("suppose", "supposing_except").within(self.text[: span[0]])
        return supposes and cues("only_then").within(self.text[start : span[0]])

    def dismissed(self, span: Span) -> bool:
        """Whether what is named is put off or made light of, in its clause or the next, or an order is taken back."""
        start, end = self._clause(span[0])
        number = self.clause_number(span[0])
        later = self.clauses[number + 1 : number + 2]
        if cues("dismiss").within(self.text[start : later[0][1] if later else end]):
            return True
        return any(cue.is_bare and low <= cue.start < high for cue in self.cues for low, high in later)

    def clause_number(self, place: int) -> int:
        """The clause that holds a character."""
        return next(number for number, (_, end) in enumerate(self.clauses) if place < end)

    def _handed_back(self, start: int) -> int:
        """The end of a report."""
        for low, high in self.clauses[self.clause_number(start) + 1 :]:
            if _OWN.match(self.text[low:high]) or "我" in self.text[low:high]:
                return low
        return len(self.text)

    def _clause(self, place: int) -> Span:
        return self.clauses[self.clause_number(place)]

    @cached_property
    def _all(self) -> list[tuple[Span, str]]:
        """The longest cue at each place, with its kind."""
        found = [
            (span, kind) for kind in ("deny", "forbid", "reject") for span in cues(kind, "except").spans(self.text)
        ]
        found.sort(key=lambda item: (item[0][0], -item[0][1]))
        kept: list[tuple[Span, str]] = []
        for span, kind in found:
            if not kept or span[0] >= kept[-1][0][1]:
                kept.append((span, kind))
        return kept

    @cached_property
    def _cancelled(self) -> set[int]:
        """The numbers of the cues that cancel each other: "不要停用", "没有禁忌", "不能因为咳嗽而停药"."""
        found, turned = self._all, set[int]()
        for number in range(len(found) - 1):
            (outer, kind), (inner, inner_kind) = found[number], found[number + 1]
            if number in turned or kind == "reject" or inner_kind == "reject":
                continue
            if self._turns(self.text[outer[1] : inner[0]], outer, inner):
                turned |= {number, number + 1}
        return turned

    def _turns(self, middle: str, outer: Span, inner: Span) -> bool:
        if middle.startswith(_THROUGH) and "而" in middle and "," not in middle:
            return True
        if self.clause_number(outer[0]) != self.clause_number(inner[0]):
            return False
        return len(middle) <= _NEAR and not _without_fillers(middle)

    def _cue(self, span: Span, kind: str) -> Cue:
        start, end = self._clause(span[0])
        after = self.text[span[1] : end]
        bare = kind != "reject" and only_light(grammar("predicate").entries.sub("", after))
        ranges = [(span[1], self._reach(self.clause_number(span[0]), end, bare))]
        if bare:
            ranges.append((self._subject(start, span[0]), span[0]))
        nothing_before = bare and only_light(self._without_cues(self.text[start : span[0]]))
        return Cue(*span, tuple(ranges), nothing_before, ends=word_class("stop").within(self.text[slice(*span)]))

    def _reach(self, number: int, end: int, bare: bool) -> int:
        """The end of what a cue in a clause denies: on through a list that the clause announces or leaves open."""
        announces = bare and self.text[:end].endswith(":")
        for start, later in self.clauses[number + 1 :]:
            text = self.text[start:later]
            joins = text.startswith(_JOINING) or (announces and not self._instructs(text))
            if not joins:
                break
            end = later
        return end

    def _instructs(self, text: str) -> bool:
        return any(word_class(name).within(text) for name in _DIRECTIVES)

    def _subject(self, start: int, end: int) -> int:
        """Where the subject of a judgement begins: after the last mark of a time, a person or a reason."""
        return max([start, *(start + last for _, last in grammar("boundary").spans(self.text[start:end]))])

    @staticmethod
    def _without_cues(text: str) -> str:
        for kind in ("deny", "forbid"):
            text = cues(kind).entries.sub("", text)
        return text


def _begins(entries: Words, text: str) -> bool:
    return next((start == 0 for start, _ in entries.spans(text)), False)


def _without_fillers(middle: str) -> str:
    return grammar("filler").entries.sub("", middle).strip()
