"""Whether a pattern is found in an answer, and where."""

from collections.abc import Iterator, Sequence
from itertools import islice

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns.assertion import (
    anchored,
    apart,
    free,
    idle,
    in_directive_clause,
    local,
    named,
    spelled_pair,
    spoils,
    warns,
)
from csedb_tests.patterns.cues import inside
from csedb_tests.patterns.discount import discounted
from csedb_tests.patterns.language import Group, Pattern, SentencePattern
from csedb_tests.patterns.reading import MAX_PASSED, Hit, Reading
from csedb_tests.patterns.scope import View

Found = list[list[Hit]]
"""The hits of each group."""
MAX_SENTENCES = 1_000
"""Sentences that are looked at for one pattern, far more than an answer has; keeps judging linear."""
_DRUG_ENDINGS = (
    *("mycin", "micin", "cillin", "azole", "statin", "sartan", "pril", "olol", "oxacin", "cycline", "parin"),
    *("xaban", "gliptin", "gliflozin", "formin", "dipine", "pamil", "tiazem", "sone", "olone", "profen", "oxetine"),
    *("zepam", "zolam", "azine", "amine", "mab", "nib", "tidine", "setron", "triptan", "coxib", "codone", "goxin"),
)
"""How the names of many drugs end: enough to see that a sentence names a second one."""


def find(pattern: Pattern, reading: Reading, never: bool) -> int:
    """The sentence in which the pattern (or its first part) is found, or -1."""
    first = -1
    for part in pattern.parts:
        sentence = find_part(part, reading, never)
        if sentence < 0:
            return -1
        first = sentence if first < 0 else first
    return first


def find_part(part: SentencePattern, reading: Reading, never: bool) -> int:
    """The first sentence in which every group stands and is asserted, or -1."""
    if not all(reading.words(group) for group in part.groups if not group.classes):
        return -1
    for sentence, found in candidates(reading, part):
        if asserted(part, reading, found, sentence, never) and (never or stands(part, reading, sentence)):
            return sentence
    if len(part.groups) < 2:
        return -1
    carried = _across(part, reading, never)
    carried = _answering(part, reading) if carried < 0 and not never else carried
    return carried if never or carried < 0 or stands(part, reading, carried) else -1


def stands(part: SentencePattern, reading: Reading, sentence: int) -> bool:
    """Whether a sentence stands by what it names, and does not only report it, suppose it or wave it away."""
    words = reading.view(sentence).words
    return not discounted(part, words, _before(reading, sentence))


def _before(reading: Reading, sentence: int) -> Sequence[str]:
    """The words of a short question or condition that a sentence replies to: "No better by Friday? Ring then."."""
    if not sentence:
        return ()
    first, last, _, asks = reading.document.sentences[sentence - 1]
    return reading.document.words[first:last] if asks else ()


def _answering(part: SentencePattern, reading: Reading) -> int:
    """The sentence that with the question before it holds all that a rule asks for, as in "The danger? Resistance"."""
    narrow = [reading.words(group) for group in part.groups if not group.classes]
    asked = (number for number, sentence in enumerate(reading.document.sentences[:-1], 1) if sentence.question)
    near = (s for s in asked if all(s in words or s - 1 in words for words in narrow))
    for sentence in islice(near, MAX_PASSED if narrow else 0):
        here, there = _live(part, reading, sentence), _live(part, reading, sentence - 1)
        groups = [own or asked for own, asked in zip(here, there, strict=True)]
        if not (all(groups) and any(here) and not all(here)):
            continue
        if not _spoilt(part, reading, sentence, here) and not _spoilt(part, reading, sentence - 1, there):
            return sentence if apart(groups) else -1
    return -1


def _live(part: SentencePattern, reading: Reading, sentence: int) -> Found:
    """The asserted hits of each group in a sentence, whatever the others."""
    view = reading.view(sentence)
    return [[hit for hit in reading.hits(group, sentence) if free(view, hit)] for group in part.groups]


def _across(part: SentencePattern, reading: Reading, never: bool) -> int:
    """The sentence whose pronoun carries over what the one before names, as in "Verapamil is popular. Avoid it"."""
    tried = 0
    narrow = [reading.words(group) for group in part.groups if not group.classes]
    near = (s for s in reading.document.anaphoric if all(s in words or s - 1 in words for words in narrow))
    for sentence in islice(near, MAX_PASSED):
        here: Found = []
        there: Found = []
        for group in part.groups:
            hits = reading.hits(group, sentence)
            (here if hits else there).append(hits or reading.hits(group, sentence - 1))
        if not (here and there and all(there)):
            continue
        if _carried(part, reading, (there, here), sentence, never):
            return sentence
        tried += 1
        if tried >= MAX_SENTENCES:
            break
    return -1


def _carried(part: SentencePattern, reading: Reading, found: tuple[Found, Found], sentence: int, never: bool) -> bool:
    """Whether a pronoun links a sentence to the groups that it lacks and the sentence before it holds."""
    (there, here), before = found, sentence - 1
    view, earlier = reading.view(sentence), reading.view(before)
    if _spoilt(part, reading, sentence, here) or _spoilt(part, reading, before, there):
        return False
    if never:
        here = [[hit for hit in hits if not idle(view, hit)] for hits in here]
    if any(_rivals(earlier, view, hits) for hits in there):
        return False
    if any(named(view, cue, here, pronoun=True) for cue in view.cues if cue.names):
        return all(any(free(earlier, hit) if never else not _rejected(earlier, hit) for hit in hits) for hits in there)
    live = all(any(free(view, hit) for hit in hits) for hits in here) and _linked(view, here)
    return live and all(any(free(earlier, hit) for hit in hits) for hits in there)


def _spoilt(part: SentencePattern, reading: Reading, sentence: int, found: Found) -> bool:
    """Whether a sentence holds words that must be absent."""
    absent = [hit for group in part.absent for hit in reading.hits(group, sentence)]
    return bool(absent) and any(spoils(reading.view(sentence), hit, found) for hit in absent)


def _linked(view: View, found: Found) -> bool:
    spans = [local(view, hit) for hits in found for hit in hits if free(view, hit)]
    return any(view.clauses.refers_back(*span) for span in spans)


def _rivals(earlier: View, view: View, hits: list[Hit]) -> bool:
    """Whether "it" could stand for another thing: one coordinated with the hits, or another drug of that sentence."""
    if not ({"it", "this", "that"} & set(view.words)) or {"both", "them", "these"} & set(view.words):
        return False
    spans = [local(earlier, hit) for hit in hits]
    own = {place for span in spans for place in range(*span)}
    others = [place for place, word in enumerate(earlier.words) if place not in own and word.endswith(_DRUG_ENDINGS)]
    return bool(others) and not any(earlier.words[place] in g.CIRCUMSTANCE for place in own)


def _rejected(view: View, hit: Hit) -> bool:
    span = local(view, hit)
    return any(cue.kind == "reject" and inside(cue.blocks, *span) for cue in view.cues)


def candidates(reading: Reading, part: SentencePattern) -> Iterator[tuple[int, Found]]:
    """The sentences that hold every group, counting a lead-in's words with its list items, and the hits of each."""
    narrow = [group for group in part.groups if not group.classes] or part.groups[:1]
    held = frozenset.intersection(*(reading.holding(group) for group in narrow))
    number = 0
    for sentence in sorted(held)[:MAX_PASSED]:
        found = [_hits(reading, group, sentence) for group in part.groups]
        if all(found):
            yield sentence, found
            number += 1
            if number >= MAX_SENTENCES:
                return


def _hits(reading: Reading, group: Group, sentence: int) -> list[Hit]:
    lead = reading.document.sentences[sentence].lead
    own = reading.hits(group, sentence)
    return own + reading.hits(group, lead) if lead >= 0 else own


def asserted(part: SentencePattern, reading: Reading, found: Found, sentence: int, never: bool) -> bool:
    """Whether the sentence asserts every group of a pattern whose words it holds."""
    view = reading.view(sentence)
    if never:
        found = [[hit for hit in hits if not idle(view, hit)] for hits in found]
    if not all(found) or _spoilt(part, reading, sentence, found) or (never and warns(view, found)):
        return False
    if never and not view.question:
        found = in_directive_clause(view, found)
        if not all(found):
            return False
    live = [[hit for hit in hits if free(view, hit)] for hits in found]
    if all(live):
        near = live if never else anchored(view, live)
        if all(near):
            return apart(near)
        return any(named(view, cue, found) for cue in view.cues if cue.names)
    return any(named(view, cue, found) for cue in view.cues if cue.names) or spelled_pair(view, found)
