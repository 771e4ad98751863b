"""The cues of one sentence, such as "not", "avoid" or "instead of", and what each takes out of the assertion."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.clauses import Clauses
from csedb_tests.patterns.document import Span

MAX_CUES = 10
"""Cues of a kind that are looked at in one sentence; with a clause's ``REACH`` it keeps judging linear."""
_LABEL_REACH, _LABEL_WORDS = 25, 8
_FAR = 8
_QUOTES = frozenset('"\u201c\u201d')
_LABELLING = frozenset(":|=\u2014\u2192")
"""What stands between a label and what is said of it."""
_DESCRIBING = frozenset(["dangerous", "hazardous", "harmful", "disastrous", "catastrophic"])
_FAILING = frozenset(
    [
        "go",
        "belong",
        "come",
        "feature",
        "enter",
        "appear",
        "occur",
        "arise",
        "happen",
        "exist",
        "matter",
        "count",
        "apply",
        "fit",
        "explain",
    ]
)
"""After "does not", these are said of the subject."""
_INTRANSITIVE = frozenset(
    ["wait", "worry", "go", "come", "return", "look", "delay", "hold", "stop", "rely", "work", "rest"]
)
"""Verbs that need no object, so that "do not wait" after a label is no order about what it names."""
_HOLDERS = frozenset(["you", "he", "she", "they"])
_EVENTS = frozenset(["drop", "decline", "finish", "miss"])
"""After an article, these are no orders: "the drop in pressure"."""
_WORN = frozenset(
    ["weight", "kilos", "pounds", "stones", "plaster", "cast", "dressing", "stitches", "sutures", "splint"]
)
"""What "comes off" without being a treatment that ends."""
_GRANTING = frozenset(["support", "grant", "approve", "honor", "meet", "back", "endorse"])
"""Before "his request", these make it the answer's own."""
_PARTICIPLES = ("ed", "held", "en", "off", "put", "drawn", "hold", "left")


class Cue(NamedTuple):
    """A cue at words ``start`` to ``end``.

    ``blocks`` are the ranges it takes out of the assertion. A pattern that names the cue must find its other groups in
    ``names``; ``far`` is the rest of the clause too, reasons included, and ``subject`` what a negated verb is said of,
    for patterns that spell the negation out.
    """

    kind: str
    start: int
    end: int
    blocks: tuple[Span, ...]
    names: tuple[Span, ...] = ()
    far: tuple[Span, ...] = ()
    subject: tuple[Span, ...] = ()


def inside(ranges: tuple[Span, ...], start: int, end: int) -> bool:
    """Whether words ``start`` to ``end`` touch one of the ranges."""
    for low, high in ranges:  # noqa: SIM110 - a loop costs a third of any() here, and this runs most
        if start < high and low < end:
            return True
    return False


class Cues:
    """Finds the cues among the cue phrases ``found`` in a sentence, by kind. ``plain`` sentences have no others."""

    def __init__(self, clauses: Clauses, found: Mapping[str, list[Span]]) -> None:
        self._clauses, self._words, self._gaps = clauses, clauses.words, clauses.gaps
        self._found = {kind: _longest(spans)[:MAX_CUES] for kind, spans in found.items()}
        self._colons = any(not _LABELLING.isdisjoint(gap) for gap in self._gaps)
        self.plain = "from" not in self._words and "over" not in self._words and _QUOTES.isdisjoint("".join(self._gaps))

        self._negators = self._denying()
        self.cancelled = self._turned()

    def _kind(self, kind: str) -> list[Span]:
        return self._found.get(kind, [])

    def _denying(self) -> list[Span]:
        """The negations that are neither part of a set phrase ("not only") nor an interjection ("No, ...")."""
        found = self._kind("negator")
        if not found:
            return found
        phrases = self._kind("pseudo") + self._kind("limit")
        return [s for s in found if not _within(s, phrases) and not self._interjection(s)]

    def _interjection(self, span: Span) -> bool:
        if self._words[span[0]] != "no" or (span[0] and not _LABELLING.isdisjoint(self._gaps[span[0]])):
            return False
        return span[1] >= len(self._words) or not set(",.:;!\u2014-\u2013").isdisjoint(self._gaps[span[1]])

    def _turned(self) -> list[tuple[Span, Span]]:
        """Pairs of a negation and the cue it turns round: "do not" and "stop"."""
        inner = self._kind("forbid") + self._kind("unfit")
        if not inner:
            return []
        turned = [(c, d) for d in inner for c in self._negators if self._adjoins(c, d) and self._negates(c, d)]
        pairs = [c for c in self._negators if self._words[c[0]] in ("neither", "nor", "none")]
        turned += [(c, d) for d in inner for c in pairs if self._neither(c, d)]
        turned += [(d, c) for c in self._kind("forbid") for d in self._kind("unfit") if self._faulted(c, d)]
        outer = self._kind("forbid") + self._kind("reject")
        return turned + [(c, d) for d in inner for c in outer if self._adjoins(c, d) and self._forbids(c, d)]

    def _faulted(self, stop: Span, judged: Span) -> bool:
        """Whether a judgement turns round the stopping that is its subject: "stopping it would be a mistake"."""
        if not self._words[stop[0]].endswith("ing") or not 1 < judged[0] - stop[1] <= _FAR:
            return False
        if stop[0] and not self._gaps[stop[0]] and self._words[stop[0] - 1] not in g.HEADING:
            return False
        between = self._words[stop[1] : judged[0]]
        return any(word in g.BE for word in between) and not any(self._gaps[stop[1] : judged[0] + 1])

    def _adjoins(self, outer: Span, inner: Span) -> bool:
        if not 0 <= inner[0] - outer[1] <= 4:
            return False
        return not any("," in gap or ";" in gap or ":" in gap for gap in self._gaps[outer[1] : inner[0] + 1])

    def _negates(self, outer: Span, inner: Span) -> bool:
        between = self._words[outer[1] : inner[0]]
        if self._words[inner[0]] in ("unlikely", "excluded", "wrong"):
            return not between and self._words[inner[0]] != "excluded"
        return all(word in g.FILLER or word.endswith("ly") for word in between)

    def _neither(self, outer: Span, inner: Span) -> bool:
        """Whether "neither" is the subject of a passive prohibition: "neither drug should be stopped"."""
        if not 0 < inner[0] - outer[1] <= 12:
            return False
        between = self._words[outer[1] : inner[0]]
        return between[-1] in g.BE and any(word in g.MODAL for word in between) and self._words[inner[0]].endswith("ed")

    def _forbids(self, outer: Span, inner: Span) -> bool:
        """Whether a prohibition turns the next one round, as in "avoid stopping": that must be a gerund or noun."""
        between = self._words[outer[1] : inner[0]]
        nominal = self._words[inner[0]].endswith(("ing", "tion", "al"))
        return nominal and all(word in g.FILLER or word in ("of", "from") for word in between)

    def all(self) -> Iterator[Cue]:
        """The cues that count, with their reach."""
        gone = {span for pair in self.cancelled for span in pair}
        negators = [span for span in self._negators if span not in gone]
        yield from (self._labelled(self._negator(span)) for span in negators)
        for span in self._kind("forbid"):
            if span not in gone and self._forbids_something(span, negators):
                yield self._labelled(self._forbid(span))
        unfit = (span for span in self._kind("unfit") if span not in gone and not self._suspected(span))
        yield from (self._labelled(self._unfit(span)) for span in unfit)
        yield from (self._reject(span) for span in self._kind("reject") if span not in gone)
        yield from (self._limit(span) for span in self._kind("limit"))
        yield from self._reports()
        if not self.plain:
            yield from self._quotes()
            yield from self._departures()

    def _labelled(self, cue: Cue) -> Cue:
        """The cue, reaching to the label that it or its pronoun is said of: "Verapamil: stop"."""
        label = self._label(cue) if self._colons else 0
        if not label:
            return cue
        first = self._clauses.lead if label > self._clauses.lead else 0
        more = ((max(first, label - _LABEL_REACH), label),)
        return cue._replace(blocks=cue.blocks + more, names=cue.names + more, far=cue.far + more)

    def _label(self, cue: Cue) -> int:
        """Where the label ends that a cue belongs to, or 0."""
        near = range(cue.start, max(0, cue.start - 5), -1)
        label = next((i for i in near if not _LABELLING.isdisjoint(self._gaps[i])), 0)
        short = label == self._clauses.lead or label <= _LABEL_WORDS
        if (
            label
            and short
            and self._objectless(cue)
            and all(self._leads_up(word) for word in self._words[label : cue.start])
        ):
            return 0 if self._conditional(label) else label
        label = next((i for i in range(1, min(cue.start, _LABEL_REACH) + 1) if ":" in self._gaps[i]), 0)
        objects = (i for i in range(max(cue.start + 1, label), min(cue.end + 5, len(self._words))) if self._object(i))
        if not label or not any(i < cue.end or self._clauses.governs(i, cue.start, cue.end) for i in objects):
            return 0
        return label

    def _conditional(self, label: int) -> bool:
        """Whether a label is a condition ("If rash: stop"), and not what was asked ("You ask whether ...")."""
        places = (i for i, word in enumerate(self._words[:label]) if word in g.CONDITION)
        return any(not i or self._words[i - 1] not in g.ASKING for i in places)

    @staticmethod
    def _leads_up(word: str) -> bool:
        """Whether a word may stand between a label and the cue said of it: "absolutely not", "I would leave out"."""
        return word in g.FILLER or word in g.OPENER or word in g.LEADING or word.endswith("ly")

    def _objectless(self, cue: Cue) -> bool:
        """Whether nothing that a cue could be said of follows it: "no.", "not for her", "discontinue, permanently"."""
        if cue.end >= len(self._words) or self._gaps[cue.end]:
            return True
        word = self._words[cue.end]
        if self._words[cue.start] in ("no", "without", "none", "neither", "nothing"):
            return False
        if cue.kind == "negator" and (word in g.NEGATABLE or self._closed(cue.end)):
            return True
        return word in g.PREPOSITION or word in g.AT_ONCE or word in g.TIME or word in g.LEADING

    def _closed(self, place: int) -> bool:
        """Whether a verb of instruction stands without an object: "Verapamil: do not start at this visit"."""
        if self._words[place] not in g.IMPERATIVE or self._words[place] in _INTRANSITIVE:
            return False
        after = place + 1
        if after < len(self._words) and self._words[after] in ("up", "on", "out"):
            after += 1
        return after >= len(self._words) or bool(self._gaps[after]) or self._words[after] in g.PREPOSITION | g.TIME

    def _object(self, place: int) -> bool:
        words = self._words[max(0, place - 10) : place]
        return self._clauses.pronoun(place) and not any(word in g.CONDITION for word in words)

    def _suspected(self, span: Span) -> bool:
        """Whether something is still to be excluded ("must be ruled out"), may "go wrong" or only "goes home"."""
        before = self._words[max(0, span[0] - 5) : span[0]]
        if self._words[span[0]] == "wrong":
            return before[-1:] in (["go"], ["goes"], ["gone"], ["went"], ["going"])
        if self._attributive(span, before):
            return True
        if self._words[span[1] - 1] == "off" and not _WORN.isdisjoint(before):
            return True
        if self._words[span[0]] not in ("excluded", "ruled"):
            return self._words[span[1] - 1] in g.DEPARTING and not self._departs(span, before)
        return any(word in g.MODAL or word in g.OPEN for word in before)

    def _attributive(self, span: Span, before: Sequence[str]) -> bool:
        """Whether "dangerous" only describes another noun: "the pressure may shoot up to dangerous heights"."""
        if self._words[span[0]] not in _DESCRIBING or span[1] >= len(self._words) or self._gaps[span[1]]:
            return False
        if any(word in g.BE for word in before[-3:]):
            return False
        return self._words[span[1]] not in g.PREPOSITION and self._words[span[1]] not in g.FUNCTION

    def _departs(self, span: Span, before: Sequence[str]) -> bool:
        """Whether "is out" or "has to go" is said of a thing to be left, and not of a way or a time."""
        if not span[0] or any(word in g.SUBORDINATOR or word in g.CONDITION or word in g.PERSON for word in before):
            return False
        if span[1] >= len(self._words) or self._gaps[span[1]]:
            return True
        return self._words[span[1]] in g.DEPARTED

    def _forbids_something(self, span: Span, negators: list[Span]) -> bool:
        """Not in a set phrase ("not to be missed"), a description ("stops at 50") or after "do not start A or"."""
        word = self._words[span[0]]
        if _within(span, self._kind("pseudo")) or (word.endswith("s") and word not in g.FORBIDDING):
            return False
        if self._describes(span):
            return False
        if not span[0] or self._words[span[0] - 1] not in ("or", "nor"):
            return True
        return not any(end <= span[0] < self._clauses.reach(end, "negator").far for _, end in negators)

    def _describes(self, span: Span) -> bool:
        """Whether a verb tells what happened or how much ("has stopped", "delayed onset", "drop to one tablet")."""
        start, end = span
        word = self._words[start]
        before, after = self._words[start - 1] if start else "", self._words[end] if end < len(self._words) else ""
        if word == "rule" or (word == "drop" and after in ("to", "by", "in", "below")):
            return True
        if word == "holding" and before in g.BE and start > 1 and self._words[start - 2] in _HOLDERS:
            return True
        if word in _EVENTS and before in g.DETERMINER:
            return True
        if self._words[end - 1] == "off" and not _WORN.isdisjoint(self._words[max(0, start - 4) : start]):
            return True
        if before == "they" and word in g.IMPERATIVE:
            return True
        if word in ("quit", "take") and end - start == 2 and self._words[end - 1] == "out":
            return True
        if (not word.endswith("ed") and word not in ("held", "withheld")) or word == "spared":
            return False
        if before in ("has", "have", "had") or before in g.PRONOUN or before == "who":
            return True
        if not after or self._gaps[end] or after in g.PREPOSITION or not self._clauses.content(end, end + 1):
            return False
        return not self._passive(start, end)

    def _negator(self, span: Span) -> Cue:
        start, end = span
        strict, clause, far = self._clauses.reach(end, "no" if self._words[start] in ("no", "without") else "negator")
        if self._answers(start, end) or self._replies(start, end):
            strict = clause = far = end
        if self._words[start] == "without" or (start and self._words[start - 1] in ("with", "on", "in", "at")):
            strict, clause, far = (self._predicate(end, stop) for stop in (strict, clause, far))
        left, verb = self._clauses.subject(self._clauses.chain(start))
        blocks, names = [(end, strict)], [(end, clause), *self._clauses.earlier(start, start, end)]
        subject = ((left, start), *self._clauses.earlier(left, start, start))
        if self._fronted(left, start, end):
            blocks.append((left, start))
            names.append((left, start))
        if (self._words[start] in ("not", "never") or end - start == 2) and self._predicates(start, end):
            names.extend(subject)
            if not self._has_object(end) and self._words[end] not in g.BENEFIT:
                blocks.append((left, verb))
        return Cue("negator", start, end, tuple(blocks), tuple(names), ((end, far), *names[1:]), subject)

    def _answers(self, start: int, end: int) -> bool:
        """Whether "neither" is an answer by itself, as in "Neither: leave them in the drawer"."""
        first = start == self._clauses.lead and self._words[start] in ("neither", "none", "never")
        return first and end < len(self._gaps) and self._parted(end) and self._clauses.starts(end)

    def _replies(self, start: int, end: int) -> bool:
        """Whether "no" is all that is said of a label or to a question: "Verapamil: no, it would slow the heart"."""
        return self._words[start] == "no" and (end >= len(self._words) or bool(self._gaps[end]))

    def _parted(self, place: int) -> bool:
        return any(mark in self._gaps[place] for mark in ":,\u2014")

    def _fronted(self, left: int, start: int, end: int) -> bool:
        """Whether the object stands before its clause: "verapamil I would not bother with"."""
        first = self._clauses.chain(start)
        if first <= left + 1 or self._words[first - 1] not in ("i", "we") or self._gaps[first - 1]:
            return False
        after = end + 2 if self._words[end + 1 : end + 2] and self._words[end + 1] in g.PREPOSITION else end + 1
        closed = after >= len(self._words) or bool(self._gaps[after])
        return closed and self._clauses.content(left, first - 1)

    def _predicate(self, start: int, stop: int) -> int:
        """The finite verb that a phrase at ``start`` is the subject of, at most ``stop``."""
        return next((place for place in range(start + 1, stop) if self._words[place] in g.AUXILIARY), stop)

    def _predicates(self, start: int, end: int) -> bool:
        """Whether "not" denies something of its subject: "is not indicated", "should not be given"."""
        before, after = self._words[max(0, start - 2) : start], self._words[end : end + 4]
        copula = any(word in g.BE for word in before)
        if after[:2] == ["to", "be"] and start and not self._gaps[start]:
            return True
        if not after or not (copula or any(word in g.MODAL or word in ("does", "do") for word in before)):
            return False
        if "be" in after[:2] or "been" in after[:2]:
            return True
        if not copula:
            if after[0] in _FAILING:
                return True
            return after[0] in ("have", "receive") or any(word in g.BENEFIT for word in after[:2])
        first = next((word for word in after if word not in ("an", "a", "the", "currently", "usually")), "")
        return first in g.NEGATABLE or first.endswith("ly")

    def _has_object(self, end: int) -> bool:
        """Whether an object follows, which leaves the subject alone: "patients should not be given verapamil"."""
        verb, participle, *rest = (*self._words[end : end + 3], "", "")
        if verb in ("have", "receive"):
            return True
        if verb != "be" or participle not in g.DATIVE or not rest[0]:
            return False
        if participle in ("started", "treated", "put", "placed") and rest[0] in ("on", "with"):
            return True
        return not self._gaps[end + 2] and rest[0] not in g.PREPOSITION and rest[0] not in g.FUNCTION

    def _forbid(self, span: Span) -> Cue:
        start, end = span
        strict, clause, far = self._clauses.reach(end, "forbid")
        if self._words[start].endswith("ing"):
            strict = self._predicate(start, strict)
        if self._words[start].startswith("stay"):
            return self._backward("forbid", span, self._clauses.subject(self._clauses.chain(start)), end)
        if self._split(span):
            within = ((start + 1, end - 1),)
            return Cue("forbid", start, end, within, within, ((start + 1, far),))
        if end - start > 2 and self._words[end - 1] in g.PARTICLE:
            names = ((end, clause), *self._clauses.earlier(start, start, start + 1))
            return Cue("forbid", start, end, (), names, ((end, far), *names[1:]))
        if self._purpose(start):
            return Cue("forbid", start, end, (), ((end, clause),), ((end, far),))
        if self._passive(start, end):
            return self._backward("forbid", span, self._clauses.subject(self._clauses.chain(start)), end)
        if not self._clauses.content(end, clause):
            return self._backward("forbid", span, self._clauses.subject(start), strict)
        names = ((end, clause), *self._clauses.earlier(start, start, end))
        return Cue("forbid", start, end, ((end, strict),), names, ((end, far),))

    def _backward(self, kind: str, span: Span, subject: Span, strict: int) -> Cue:
        """A cue that denies its subject, and what follows as far as ``strict``."""
        (start, end), (left, verb) = span, subject
        left = max([left, *(self._told(to) for at, to in self._kind("report") if left <= at and to < start)])
        _, clause, far = self._clauses.reach(end, "forbid")
        names = ((left, start), (end, clause), *self._clauses.earlier(left, start, end))
        return Cue(kind, start, end, ((left, verb), (end, strict)), names, ((left, start), (end, far)))

    def _told(self, end: int) -> int:
        """Where the clause begins that a report opens ("you were told that ..."); "the request to" opens none: 0."""
        if self._words[end] == "that":
            return end + 1
        return end if self._words[end - 1] in g.SAYING else 0

    def _split(self, span: Span) -> bool:
        """Whether the object stands inside the cue, as in "take the verapamil off"."""
        start, end = span
        split = end - start > 2 and self._words[end - 1] in g.PARTICLE
        return split and self._clauses.content(start + 1, end - 1)

    def _purpose(self, start: int) -> bool:
        """Whether an avoiding is only a purpose, as in "reduce the dose to avoid toxicity"; that forbids nothing."""
        if start < 2 or self._words[start - 1] != "to" or not self._words[start].startswith(("avoid", "stop")):
            return False
        return self._words[start - 2] not in g.ADVISED and self._words[start - 2] not in g.BE

    def _passive(self, start: int, end: int) -> bool:
        word, chain = self._words[start], self._words[max(0, start - 4) : start]
        if not word.endswith(_PARTICIPLES) and word != "on":
            return False
        if any(one in g.BE for one in chain[-3:]) or (chain and chain[-1] == "best"):
            return word not in ("hold", "put") or "be" in chain[-2:]
        if not word.endswith("ed") and word not in ("held", "withheld"):
            return False
        return not (chain and chain[-1] in g.PRONOUN) and not self._clauses.content(end, end + 2)

    def _unfit(self, span: Span) -> Cue:
        """A judgement: "X is unsafe" forbids X, "unsafe to give X" what follows; a mild word only a gerund subject."""
        start, end = span
        follower = self._words[end] if end < len(self._words) else ""
        left, verb = self._clauses.subject(self._clauses.chain(start))
        cue = self._backward("unfit", span, (left, verb), end)
        if self._words[start] in ("wrong", "mistaken") and self._clauses.pronoun(left) and self._kind("report"):
            return cue._replace(names=cue.far)
        if follower in ("to", "drug", "drugs") or (follower and ":" in self._gaps[end]):
            return cue._replace(blocks=((end, self._clauses.reach(end, "forbid").clause),))
        if self._words[start] in g.MILD and not self._words[left].endswith("ing"):
            return cue._replace(blocks=())
        return cue

    def _reject(self, span: Span) -> Cue:
        reach = ((span[1], self._clauses.reach(span[1], "reject").strict),)
        return Cue("reject", *span, reach, reach, reach)

    def _limit(self, span: Span) -> Cue:
        reach = ((span[1], self._clauses.reach(span[1], "negator").clause),)
        return Cue("limit", *span, (), reach, reach)

    def _reports(self) -> Iterator[Cue]:
        for start, end in self._kind("report"):
            if not self._own_wish(start):
                reach = ((end, self._clauses.reach(end, "negator").far),)
                yield Cue("report", start, end, reach, reach if self._words[end - 1] in g.FALSEHOOD else ())

    def _own_wish(self, start: int) -> bool:
        """Advice and questions, no wish of somebody else: "you may want to consider", "do you want to"."""
        before = self._words[max(0, start - 2) : start]
        if before[-1:] == ["worth"] or (before and before[-1] in _GRANTING):
            return True
        if self._words[start] == "requests" and not start:
            return True
        return self._words[start] == "want" and any(w in g.MODAL or w in ("do", "i", "we") for w in before)

    def _quotes(self) -> Iterator[Cue]:
        """Quoted speech of somebody else: after a verb of saying, but not after "ask:" or "say:"."""
        places = [i for i, gap in enumerate(self._gaps) if not _QUOTES.isdisjoint(gap)]
        for opened, closed in zip(places[::2], [*places[1::2], len(self._words)], strict=False):
            if any(word in g.SAYING for word in self._words[max(0, opened - 3) : opened]):
                yield Cue("report", opened, opened, ((opened, closed),))

    def _departures(self) -> Iterator[Cue]:
        """What is left behind: A in "switch from A to B", B in "prefer A over B"."""
        for place, word in enumerate(self._words):
            before = self._words[max(0, place - 5) : place] if word in ("from", "over") else ()
            if word == "from" and any(one in g.DEPARTURE for one in before):
                later = range(place, min(place + 8, len(self._words)))
                stop = next((i for i in later if self._words[i] in ("to", "onto")), place + 1)
                yield Cue("reject", place, place + 1, ((place + 1, stop),))
            elif word == "over" and any(one in g.PREFERENCE for one in before):
                yield self._reject((place, place + 1))


def _within(span: Span, phrases: list[Span]) -> bool:
    return any(low <= span[0] and span[1] <= high for low, high in phrases)


def _longest(spans: list[Span]) -> list[Span]:
    """Spans in order, without those that lie inside another one."""
    if len(spans) == 1:
        return spans
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept
