"""Directive words that direct nothing, for never-events: the past, conditions, descriptions and warnings."""

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.clauses import Clauses

_CLOSERS = frozenset(",;:)\u2014")
_DIVIDERS = frozenset(["because", "though", "unless", "which", "who", "so", "therefore"])
_LATELY = frozenset(["freshly", "newly", "recently", "already", "previously", "originally", "currently", "wrongly"])
_AMOUNTING = frozenset(["means", "mean", "involves", "risks"])
"""Before a gerund, these say what something comes to: "levodopa means treating a drug with a drug"."""
_SKIPPED = frozenset(["already", "just", "recently", "then"])


def idle_reason(clauses: Clauses, place: int) -> str:
    """Why a directive word recommends nothing, or an empty text."""
    if _past(clauses, place):
        return "past"
    if _descriptive(clauses, place):
        return "description"
    if conditional(clauses, place):
        return "condition"
    return "warning" if _warned(clauses, place) else ""


def _past(clauses: Clauses, place: int) -> bool:
    word = clauses.words[place]
    if word in g.PAST:
        return True
    before = [w for w in clauses.words[max(0, place - 4) : place] if not w.endswith("ly") and w not in _SKIPPED][-2:]
    if not before:
        return False
    if before[-1] in ("was", "were", "had"):
        return True
    if before[-1] in ("been", "being") and before[0] in ("has", "have", "had", "was"):
        return True
    return word.endswith("ed") and before[-1] in g.SUBJECT_OF_PAST


def _descriptive(clauses: Clauses, place: int) -> bool:
    """What is the case, not what to do: "she takes verapamil", "it is building up", "the drug could add"."""
    word = clauses.words[place]
    before, earlier = ("", "", *clauses.words[max(0, place - 2) : place])[-1:-3:-1]
    if word in g.ATTRIBUTIVE and (before in g.DETERMINER or before in _LATELY):
        return True
    if word.endswith("ing") and (before in g.DETERMINER or before in _AMOUNTING):
        return True
    if (
        before == "that"
        and place > 2
        and earlier.endswith("s")
        and earlier not in g.REASON
        and "it" in _opening(clauses, place)
    ):
        return True
    if word in ("recommending", "suggesting", "advising") and before not in g.BE:
        return True
    if before in g.TENTATIVE and earlier not in g.PERSON:
        return True
    if before == "be" and earlier in ("might", "could"):
        return True
    if word.endswith("s") and word in g.DIRECTIVE and word not in g.URGING and word not in g.IMPERATIVE:
        return True
    return word.endswith("ing") and before in g.BE and earlier not in g.MODAL


def _opening(clauses: Clauses, place: int) -> list[str]:
    """The words before "the tablets that": "it is the tablets that stop his body from attacking the heart"."""
    return list(clauses.words[max(0, place - 6) : place - 2])


def conditional(clauses: Clauses, place: int) -> bool:
    """Whether a word stands in a clause of "if", "unless", "whether", "when" or "in case"."""
    words = clauses.words
    for start in range(place - 1, max(-1, place - 15), -1):
        if _closes(clauses, start + 1, place):
            return False
        if words[start] in g.CONDITION or (words[start] == "case" and start and words[start - 1] == "in"):
            return True
    return False


def _closes(clauses: Clauses, after: int, place: int) -> bool:
    """Whether an if-clause has ended before word ``after``: a comma, or the imperative that begins the main clause."""
    if clauses.words[after] == "then" or not _CLOSERS.isdisjoint(clauses.gaps[after]):
        return True
    if after != place or clauses.words[after] not in g.IMPERATIVE:
        return False
    before = clauses.words[after - 1]
    return not (
        before in g.PRONOUN
        or before in g.MODAL
        or before in g.BOUND
        or before in g.PREPOSITION
        or before.endswith("ly")
    )


def _warned(clauses: Clauses, place: int) -> bool:
    """The subject of a warning: "giving verapamil could cause shock", "the danger of giving verapamil"."""
    words = clauses.words
    if any(word in g.DANGER for word in words[max(0, place - 3) : place]):
        return True
    noun = words[place].endswith("ing") or words[place] in g.TREATMENT_NOUN
    return noun and _heads_clause(clauses, place) and not _recommended(clauses, place)


def _heads_clause(clauses: Clauses, place: int) -> bool:
    return place == 0 or bool(clauses.gaps[place]) or clauses.words[place - 1] in g.HEADING


def _recommended(clauses: Clauses, place: int) -> bool:
    """Whether the clause that a gerund heads speaks for it: praise without harm, or no predicate at all."""
    words = clauses.words
    stop = min(place + 25, len(words))
    stop = next((i for i in range(place + 1, stop) if ";" in clauses.gaps[i] or words[i] in g.CONTRAST), stop)
    clause = words[place + 1 : stop]
    if any(word in g.HARM and word not in g.CLAIMING for word in clause):
        return False
    return not g.PRAISE.isdisjoint(clause) or (len(clause) < 9 and g.AUXILIARY.isdisjoint(clause))


def joined(clauses: Clauses, directive: int, other: int) -> bool:
    """Whether a directive word may govern another word: no clause boundary parts them, or a pronoun bridges it."""
    low, high = sorted((directive, other))
    divided = any(_divides(clauses, place, directive) for place in range(low + 1, high + 1))
    if not divided and not (other < directive and conditional(clauses, other)):
        return True
    return other < directive and _points_back(clauses, directive)


def _divides(clauses: Clauses, place: int, directive: int) -> bool:
    word, gap = clauses.words[place], clauses.gaps[place]
    if ";" in gap or word in g.CONTRAST or word in _DIVIDERS:
        return True
    return "," in gap and (word in g.PRONOUN or (place == directive and word in g.IMPERATIVE))


def _points_back(clauses: Clauses, directive: int) -> bool:
    """Whether the directive's object is a pronoun, or nothing, as in "verapamil is fine, so start it"."""
    after = directive + 1
    if after >= len(clauses.words) or clauses.gaps[after]:
        return True
    word = clauses.words[after]
    return (
        word in ("it", "them", "this", "these", "both") or word in g.PREPOSITION or word in g.TIME or word[0].isdigit()
    )
