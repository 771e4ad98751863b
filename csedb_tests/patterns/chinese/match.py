"""Whether a pattern is found in a Chinese answer, and where."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from csedb_tests.patterns.chinese.page import Sentence, fold, folded, sentences
from csedb_tests.patterns.chinese.scope import Cue, Scope
from csedb_tests.patterns.chinese.words import Span, cues, grammar, is_directive, literal, only_light, touch
from csedb_tests.patterns.language import Group, Pattern, SentencePattern
from csedb_tests.patterns.numbers import CHINESE_UNITS
from csedb_tests.patterns.sheet import Sheet

MAX_SENTENCES = 1_000
"""Sentences that are looked at, far more than an answer has; keeps judging linear."""
_QUOTE = 300
_PUTTING_OFF = frozenset({"delay", "monitor", "avoid", "unneeded", "unverified"})
"""Classes of patterns that may be met by what is put off or made light of."""
_AMOUNT = re.compile(rf"[\d.,]+ *(?:{'|'.join(sorted(CHINESE_UNITS, key=len, reverse=True))}|[a-z%/]+)?")
_LATIN = re.compile(r"(?<![a-z'-])(?:[a-z][a-z'-]{0,30}[ ,.;:()]{1,5}){20}")
"""So many Latin words in a row are a passage in another language, not names of drugs and tests."""

Found = Sequence[Sequence[Span]]
"""The hits of each group."""


class ChineseReading:
    """An answer, or what some reader sees of it."""

    def __init__(self, original: str, sheet: Sheet, for_rules: bool) -> None:
        self._original, self._sheet = original, folded(sheet)
        self.sentences = sentences(self._sheet.text)
        self._passed_over = {n for n, s in enumerate(self.sentences) if for_rules and self._to_grader(s)}
        self._scopes: dict[int, Scope] = {}

    @cached_property
    def unread(self) -> str:
        """Why the answer cannot be read in full, or nothing."""
        if len(self.sentences) > MAX_SENTENCES:
            return f"the answer is too long to be read in full: {len(self.sentences)} sentences"
        return "a passage of it is not in Chinese" if _LATIN.search(self._sheet.text) else ""

    def find(self, pattern: Pattern, never: bool) -> str | None:
        """A quote of the sentence in which a pattern (or its first part) is found."""
        places = []
        for part in pattern.parts:
            place = self.find_part(part, never)
            if place is None:
                return None
            places.append(place)
        return self.quote(places[0])

    def find_part(self, part: SentencePattern, never: bool) -> int | None:
        """The first sentence in which every group stands and is asserted."""
        for number in range(min(len(self.sentences), MAX_SENTENCES)):
            if number not in self._passed_over and self._stands(part, number, never):
                return number
        return None

    def quote(self, number: int) -> str:
        """A sentence as it stands in the answer."""
        start, end, _ = self.sentences[number]
        while end > start and self._sheet.text[end - 1].isspace():
            end -= 1
        return self._sheet.source(start, min(end, start + _QUOTE), self._original)

    def scope(self, number: int) -> Scope:
        """A sentence's cues and clauses, after those of the line that introduces it."""
        if number not in self._scopes:
            sentence = self.sentences[number]
            self._scopes[number] = Scope(self._lead(sentence) + self._text(sentence))
        return self._scopes[number]

    def hits(self, group: Group, number: int) -> list[Span]:
        """Where the alternatives of a group stand in a sentence."""
        return list(_hits(group, self.scope(number)))

    def _stands(self, part: SentencePattern, number: int, never: bool) -> bool:
        scope = self.scope(number)
        found = [_standing(group, scope) for group in part.groups]
        before = self._before(number)
        if not any(found) or not (all(found) or before):
            return False
        if any(_spoils(scope, span, found) for group in part.absent for span in _hits(group, scope)):
            return False
        return _asserted(part, scope, found, never) or self._said_of(part, scope, found, before)

    def _said_of(self, part: SentencePattern, scope: Scope, found: Found, before: str) -> bool:
        """Whether a judgement is said of what the sentence before it names: "...该药。应避免使用该药"."""
        if not before or all(found):
            return False
        earlier = Scope(before)
        pairs = list(zip(part.groups, found, strict=True))
        there = [[] if hits else list(_hits(group, earlier)) for group, hits in pairs]
        if any(not hits and not other for hits, other in zip(found, there, strict=True)):
            return False
        named = [cue for hits in found for span in hits if (cue := scope.named(span))]
        if not named or not all(any(not earlier.denied(span) for span in hits) for hits in there if hits):
            return False
        return all(any(scope.named(span) or not scope.denied(span) for span in hits) for hits in found if hits)

    def _before(self, number: int) -> str:
        """The sentence before one whose pronoun may stand for what that names."""
        if not number or number - 1 in self._passed_over:
            return ""
        refers = grammar("pronoun").within(self._text(self.sentences[number]))
        return self._text(self.sentences[number - 1]) if refers else ""

    def _lead(self, sentence: Sentence) -> str:
        if sentence.lead < 0 or sentence.lead in self._passed_over:
            return ""
        return self._text(self.sentences[sentence.lead]).rstrip()

    def _text(self, sentence: Sentence) -> str:
        return self._sheet.text[sentence.start : sentence.end]

    def _to_grader(self, sentence: Sentence) -> bool:
        return cues("grader").within(self._text(sentence))


def _standing(group: Group, scope: Scope) -> list[Span]:
    """The hits that are words of their own: of ``@avoid`` only cues, of orders none that begins a cue ("用不上")."""
    hits = [span for span in _hits(group, scope) if not scope.void(span)]
    negating = {span for name in group.classes if name == "avoid" for span in scope.spans(name)}
    orders = {span for name in filter(is_directive, group.classes) for span in scope.spans(name)}
    kept = (span for span in hits if span not in negating or scope.named(span))
    return [span for span in kept if not (span in orders and (cue := scope.named(span)) and span[1] < cue.end)]


def _asserted(part: SentencePattern, scope: Scope, found: Found, never: bool) -> bool:
    """Whether every group stands: under no denial, or under the one that the pattern itself names."""
    if not all(found):
        return False
    named = [(number, span) for number, hits in enumerate(found) for span in hits if scope.named(span)]
    if any(_under(scope, found, number, span) for number, span in named):
        return True
    live = [[span for span in hits if not scope.denied(span) and not scope.named(span)] for hits in found]
    if never:
        live = [[span for span in hits if not scope.idle(span)] for hits in live]
        return all(live) and _one_order(part, scope, live)
    live = [
        [span for span in hits if _meant(part, group, scope, span)]
        for group, hits in zip(part.groups, live, strict=True)
    ]
    return all(live) and _one_order(part, scope, live)


def _meant(part: SentencePattern, group: Group, scope: Scope, span: Span) -> bool:
    """Whether a sentence stands by a stretch: not what was, what would be, what is put off or only warned of."""
    if scope.unreal(span) or (scope.dismissed(span) and not _PUTTING_OFF.intersection(_classes(part))):
        return False
    return not (any(map(is_directive, group.classes)) and scope.warns(span))


def _classes(part: SentencePattern) -> set[str]:
    return {name for group in part.groups for name in group.classes}


def _under(scope: Scope, found: Found, number: int, named: Span) -> bool:
    """Whether the cue that one group names denies what another stands for; the rest must not be denied otherwise."""
    cue = scope.named(named)
    if cue is None or any(touch(named, other) for other in scope.others) or scope.unreal(named):
        return False
    if cue.ends and scope.warns(named):
        return False
    others = [hits for place, hits in enumerate(found) if place != number]
    if not others:
        return True
    reached = [[span for span in hits if _reaches(scope, cue, named, span)] for hits in others]
    rest = [[span for span in hits if not cue.is_in(span) and not scope.denied(span, cue)] for hits in others]
    return any(reached) and all(near or far for near, far in zip(reached, rest, strict=True))


def _reaches(scope: Scope, cue: Cue, named: Span, span: Span) -> bool:
    """Whether a cue is said of a stretch: it denies it, or its own clause names nothing and follows it."""
    if cue.is_in(span):
        return False
    if cue.reaches(span):
        return True
    return scope.is_bare(cue, named) and span[1] <= cue.start and ";" not in scope.text[span[1] : cue.start]


def _one_order(part: SentencePattern, scope: Scope, live: Found) -> bool:
    """Whether an order and its object stand together: in one clause, or next to each other but for an amount."""
    directing = [number for number, group in enumerate(part.groups) if any(map(is_directive, group.classes))]
    if not directing:
        return _apart(live)
    for order in live[directing[0]]:
        near = [[span for span in hits if _together(scope, order, span)] for hits in live]
        if all(near):
            return _apart(near)
    return False


def _together(scope: Scope, order: Span, span: Span) -> bool:
    if scope.clause_number(order[0]) == scope.clause_number(span[0]):
        return True
    middle = scope.text[min(order[1], span[1]) : max(order[0], span[0])]
    return ";" not in middle and only_light(_AMOUNT.sub("", middle))


def _apart(live: Found) -> bool:
    """Whether each group can have words of its own."""
    return len(live) < 2 or _choose(live, ())


def _choose(live: Found, taken: tuple[Span, ...]) -> bool:
    if not live:
        return True
    free = [span for span in live[0][:8] if not any(touch(span, other) for other in taken)]
    return any(_choose(live[1:], (*taken, span)) for span in free)


def _spoils(scope: Scope, span: Span, found: Found) -> bool:
    """Whether a word that must be absent counts: a plain negation only where it reaches a word of the pattern."""
    cue = scope.named(span)
    if cue is None:
        return True
    return any(cue.reaches(hit) for hits in found for hit in hits)


def _hits(group: Group, scope: Scope) -> Iterator[Span]:
    for match in _expression(group.text).finditer(scope.text):
        yield match.span()
    for name in group.classes:
        yield from scope.spans(name)
    if group.quantities:
        for amount, span in scope.amounts:
            if any(quantity.holds(amount) for quantity in group.quantities):
                yield span


@lru_cache(maxsize=8192)
def _expression(group: str) -> re.Pattern[str]:
    """An expression for the words of a group: neither classes nor quantities."""
    entries = [entry.strip() for entry in group.split("|")]
    plain = [entry for entry in entries if entry and entry[0] not in "@<>=\u2264\u2265"]
    if not plain:
        return re.compile(r"(?!)")
    return re.compile("|".join(_entry(fold(entry)) for entry in sorted(plain, key=len, reverse=True)))


def _entry(entry: str) -> str:
    if entry.endswith("*"):
        return literal(entry[:-1]).removesuffix(r"(?![a-z0-9])")
    return r"\s*".join(map(literal, entry.split()))
