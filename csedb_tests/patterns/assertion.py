"""Which hits of a sentence count: asserted, live, in the reach of the cue that the pattern names."""

from collections.abc import Sequence

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.cues import Cue, inside
from csedb_tests.patterns.directives import conditional, joined
from csedb_tests.patterns.document import Span
from csedb_tests.patterns.reading import Hit
from csedb_tests.patterns.scope import View

_LEADING_WORDS = 4
_LEADING_TO = frozenset(
    ["to", "for", "you", "him", "her", "them", "me", "us", "that", "with", "about", "in", "if", "by"]
)
"""Between a permission and what it permits."""

_BESIDE = 2
"""Words between which a comma does not matter."""
_WOULD = frozenset(["would", "could", "may", "might", "can", "will"])
_HARMING = (g.HARM - g.CLAIMING) | {"poison", "overdose", "cost", "blind", "arrest"}


def idle(view: View, hit: Hit) -> bool:
    """Whether a directive word directs nothing: a question, the past, a condition, a warning's subject."""
    if view.question:
        return True
    if hit.dose:
        return view.predicates
    return hit.directive and bool(view.idle(view.local(hit.start)))


def warns(view: View, found: Sequence[list[Hit]]) -> bool:
    """Whether a clause that holds no directive says what harm its words would do: "the full dose would kill him"."""
    if any(hit.directive for hits in found for hit in hits):
        return False
    words = view.words
    first = min(local(view, hit)[0] for hits in found for hit in hits)
    for place in range(first, len(words)):
        if words[place] in g.CONTRAST or ";" in view.clauses.gaps[place]:
            return False
        if words[place] in _WOULD and not _HARMING.isdisjoint(words[place + 1 : place + 4]):
            return g.BARE_NEGATION.isdisjoint(words[place + 1 : place + 4])
    return False


def local(view: View, hit: Hit) -> Span:
    """A hit's place in a view."""
    start = view.local(hit.start)
    return start, start + hit.end - hit.start


def free(view: View, hit: Hit) -> bool:
    """Whether a hit is asserted and is not itself part of a cue."""
    if hit.denies and not hit.inverse:
        return False
    if not view.cues and not view.cancelled:
        return not hit.inverse
    start, end = local(view, hit)
    touched = _cancelled_cues(view, start, end) if view.cancelled else 0
    if hit.inverse:
        return touched == 1 and not any(inside(cue.blocks, start, end) for cue in view.cues)
    if touched == 1:
        return False
    for cue in view.cues:
        if (cue.start < end and start < cue.end and cue.names) or inside(cue.blocks, start, start + 1):
            return False
    return True


def _cancelled_cues(view: View, start: int, end: int) -> int:
    """How many cues of a cancelled pair a hit touches (0, 1 or 2)."""
    return max(
        (_touches(outer, start, end) + _touches(inner, start, end) for outer, inner in view.cancelled), default=0
    )


def _touches(span: Span, start: int, end: int) -> bool:
    return span[0] < end and start < span[1]


def spoils(view: View, hit: Hit, found: Sequence[list[Hit]]) -> bool:
    """Whether a hit of a group that must be absent counts.

    "Stop" is no ``@continue`` unless it is negated. A plain negation must reach a word that the pattern found: "give it
    without food" denies nothing but the food.
    """
    if hit.inverse:
        return free(view, hit)
    span = local(view, hit)
    if not hit.denies or any(_touches(one, *span) for pair in view.cancelled for one in pair):
        return True
    cues = [cue for cue in view.cues if _touches((cue.start, cue.end), *span)]
    return any(_over(view, cue, found) for cue in cues)


def _over(view: View, cue: Cue, found: Sequence[list[Hit]]) -> bool:
    """Whether a cue reaches one of the hits."""
    ranges = (*cue.blocks, *cue.names, *cue.far)
    return any(inside(ranges, *local(view, hit)) for hits in found for hit in hits)


def apart(found: Sequence[Sequence[Hit]], taken: tuple[Span, ...] = ()) -> bool:
    """Whether every group can have words that no other group has: "postpone" alone is no ``@avoid & postpone*``."""
    if not found:
        return True
    spans = [(hit.start, hit.end) for hit in found[0]]
    return any(span not in taken and apart(found[1:], (*taken, span)) for span in spans)


def anchored(view: View, found: Sequence[list[Hit]]) -> list[list[Hit]]:
    """The hits without the light words that stand in another part of the sentence than all other groups.

    "Makes it simple: he enters feet first" is no "make first".
    """
    if len(found) < 2:
        return list(found)
    starts = [[local(view, hit)[0] for hit in hits] for hits in found]
    others = [[place for j, places in enumerate(starts) if j != i for place in places] for i in range(len(found))]
    return [[hit for hit in hits if _anchored(view, hit, near)] for hits, near in zip(found, others, strict=True)]


def _anchored(view: View, hit: Hit, others: list[int]) -> bool:
    start = local(view, hit)[0]
    if hit.end - hit.start > 1 or view.words[start] not in g.LIGHT:
        return True
    return any(abs(place - start) <= _BESIDE or not view.clauses.parted(place, start) for place in others)


def spelled_pair(view: View, found: Sequence[list[Hit]]) -> bool:
    """Whether the groups spell out a negation and the cue it turns round, as in ``@unneeded & cancel``."""
    if not view.cancelled:
        return False
    spans = [[local(view, hit) for hit in hits if not hit.inverse] for hits in found]
    for outer, inner in view.cancelled:
        first = [any(_touches(outer, *span) for span in some) for some in spans]
        second = [any(_touches(inner, *span) and not _touches(outer, *span) for span in some) for some in spans]
        if not _two(first, second):
            continue
        rest = [any(free(view, hit) for hit in hits) for hits in found]
        if all(map(any, zip(first, second, rest, strict=True))):
            return True
    return False


def _two(first: list[bool], second: list[bool]) -> bool:
    return any(one and any(second[:i] + second[i + 1 :]) for i, one in enumerate(first))


def named(view: View, cue: Cue, found: Sequence[list[Hit]], pronoun: bool = False) -> bool:
    """Whether some group names the cue and the others (and, if asked for, a pronoun) stand in its reach."""
    spans = [[local(view, hit) for hit in hits if not hit.inverse] for hits in found]
    naming = [any(_names(view, cue, span) for span in some) for some in spans]
    if (
        not any(naming)
        or (view.question and cue.kind == "unfit")
        or _denied(view, cue)
        or _supposed(view, cue, found)
        or (pronoun and not _pronoun_at(view, cue))
    ):
        return False
    subject = cue.subject if _spelled_out(view, cue, found) else ()
    others = [some for some, names in zip(spans, naming, strict=True) if not names]
    near = [_reached(view, cue, (*cue.names, *subject), some) or _leads(view, cue, some) for some in others]
    if not others:
        return apart(found)
    if all(near):
        return apart(found)
    return any(near) and all(_reached(view, cue, (*cue.far, *subject), some) for some in others)


def _names(view: View, cue: Cue, span: Span) -> bool:
    """Whether words name a cue: of "no place" it takes the "no"."""
    if not _touches((cue.start, cue.end), *span):
        return False
    return span[0] <= cue.start or view.words[cue.start] not in g.BARE_NEGATION


def _denied(view: View, cue: Cue) -> bool:
    """Whether another cue takes this one out of the assertion."""
    return any(
        inside(other.blocks, cue.start, cue.end)
        for other in view.cues
        if not _touches((other.start, other.end), cue.start, cue.end) and not _subordinate(cue, other)
    )


def _leads(view: View, cue: Cue, spans: list[Span]) -> bool:
    """Whether one of the spans leads up to the cue and is asserted: "fine to stop", "happy for her to leave off"."""
    return any(
        0 < cue.start - end <= _LEADING_WORDS
        and all(word in _LEADING_TO for word in view.words[end : cue.start])
        and not any(inside(other.blocks, start, end) for other in view.cues)
        for start, end in spans
    )


def _reached(view: View, cue: Cue, ranges: tuple[Span, ...], spans: list[Span]) -> bool:
    """Whether one of the spans lies in the ranges and is no rejected alternative or report of its own."""
    apart = [o for o in view.cues if o is not cue and o.kind in ("reject", "report") and not _subordinate(cue, o)]
    return any(inside(ranges, *span) and not any(inside(other.blocks, *span) for other in apart) for span in spans)


def _supposed(view: View, cue: Cue, found: Sequence[list[Hit]]) -> bool:
    """Whether ``@avoid`` is met by a plain negation of an if-clause only: "if there is no relief"."""
    hits = [hit for some in found for hit in some if _touches((cue.start, cue.end), *local(view, hit))]
    return all(hit.bare for hit in hits) and conditional(view.clauses, cue.start)


def _subordinate(cue: Cue, other: Cue) -> bool:
    """Whether a report lies within the reach of a cue: "the request to give verapamil should be declined"."""
    return other.kind == "report" and inside(cue.names, other.start, max(other.end, other.start + 1))


def _pronoun_at(view: View, cue: Cue) -> bool:
    """Whether a pronoun is the cue's object or subject, or stands near it in its reach."""
    clauses = view.clauses
    near = range(max(0, cue.start - 5), min(cue.end + 3, len(clauses.words)))
    places = [place for place in near if clauses.pronoun(place) and clauses.unbound(place)]
    return any(inside(cue.names, place, place + 1) or clauses.governs(place, cue.start, cue.end) for place in places)


def _spelled_out(view: View, cue: Cue, found: Sequence[list[Hit]]) -> bool:
    """Whether the cue is named by more than the plain negation of ``@avoid``."""
    spelled = [hit for hits in found for hit in hits if not hit.bare]
    return any(_touches((cue.start, cue.end), *local(view, hit)) for hit in spelled)


def in_directive_clause(view: View, found: list[list[Hit]]) -> list[list[Hit]]:
    """For a never-event: the hits that stand in the clause of a directive, if the pattern has one."""
    directives = [view.local(hit.start) for hits in found for hit in hits if hit.directive]
    if not directives:
        return found
    return [[hit for hit in hits if hit.directive or _governed(view, directives, hit)] for hits in found]


def _governed(view: View, directives: list[int], hit: Hit) -> bool:
    return any(joined(view.clauses, place, view.local(hit.start)) for place in directives)
