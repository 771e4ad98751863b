"""Which passages of an answer speak for it.

An answer may say a thing without advising it: as what a grader would like to hear, as somebody else's view that it
then rejects, in a question, a role, a list of topics or references, as a promise, or only to take it back. Such
passages count for no rule. They still count for never-events: there the benefit of the doubt goes the other way.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns import voice_cues as v
from csedb_tests.patterns.discount import unsettled
from csedb_tests.patterns.document import Document
from csedb_tests.patterns.passages import Passage, Range, passage_at, passages_of
from csedb_tests.patterns.stuffing import WORD, bag_of_words, repeated, stuffed

Found = Mapping[v.VoiceCue, Sequence[re.Match[str]]]
"""The cues of an answer, and where they stand."""

_QUOTE = re.compile(r'["\u201c\u201d]')
_QUESTION = re.compile(r"\?")
_HEADING_MARKS = frozenset("#*_")
_HEADING = re.compile(r"(?:#|\*\*[^*\n]{1,88}\*\*:?\s*$|__[^_\n]{1,88}__:?\s*$)")
_FAR, _MANY = 2_000, 20
"""Characters of a quotation, and sentences after a colon, that are looked at; keeps judging linear."""
_ELIDED = " Elided. "
_YEARS = frozenset(map(str, range(1900, 2100)))

_WHOLE = (v.GRADING, v.MARKED, v.PLAY)
_OPENING = (v.LABEL, v.PASTED)
_INTRODUCING = frozenset([v.NOT_MINE, v.NOT_HERE, v.NOT_NOW, v.WANTED, v.QUOTED])
_REPORTING = _INTRODUCING | {v.ABOUT_ITSELF, v.PROMISE, v.SPOKEN, v.SOMEONE, v.OTHERS, v.DENIAL, v.DENIED_OUTRIGHT}
_DISPUTABLE = frozenset([v.SOMEONE, v.OTHERS])
_WITHIN = frozenset([v.SPOKEN, v.DENIED_OUTRIGHT])
_RETRACTING = frozenset([v.TAKEN_BACK, v.TAKEN_ALL_BACK])
_CUES: tuple[v.VoiceCue, ...] = (*_WHOLE, *_OPENING, *_REPORTING, *_RETRACTING, v.NOT_WHAT_FOLLOWS)
_BY_TRIGGER: dict[str, list[v.VoiceCue]] = {}
for _cue in _CUES:
    for _word in _cue.triggers:
        _BY_TRIGGER.setdefault(_word, []).append(_cue)


def silenced(text: str, document: Document) -> str:
    """``text`` with blanks in place of what does not speak for it. ``document`` holds its words, or more."""
    pieces, last = [], 0
    for start, end in silent(text, document):
        pieces += [text[last:start], _blank(text[start:end])]
        last = end
    return "".join([*pieces, text[last:]]) if pieces else text


def silent(text: str, document: Document) -> list[Range]:
    """What does not speak for an answer, in order."""
    lower = _lower(text)
    found = _found(lower, document)
    if not found and not _asks_anything(lower) and not _cites(lower, document) and not stuffed(document):
        return []
    passages = passages_of(text, lower)
    if not passages:
        return []
    blocks = [passages[index].block for index in _silent_blocks(passages, found)]
    ranges = [(block.start, block.end) for block in blocks]
    return _merged(ranges + _silent_sentences(lower, passages, found) + _retracted(passages, found))


def _found(lower: str, document: Document) -> Found:
    vocabulary = frozenset(document.places)
    cues = {cue for word in vocabulary & _BY_TRIGGER.keys() for cue in _BY_TRIGGER[word]}
    found = {cue: matches for cue in cues if (matches := cue.found(lower, vocabulary))}
    if not _DISPUTABLE.isdisjoint(found) and not v.REJECTED.found(lower, vocabulary):
        return {cue: matches for cue, matches in found.items() if cue not in _DISPUTABLE}
    return found


def _lower(text: str) -> str:
    """``text`` in lower case, every character in its place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


def _blank(text: str) -> str:
    """As long as ``text``, with its lines, and one word at the start if there is room: no pronoun reaches over it."""
    blank = "\n".join([" " * len(line) for line in text.split("\n")])
    return _ELIDED + blank[len(_ELIDED) :] if blank.startswith(" " * len(_ELIDED)) else blank


def _asks_anything(text: str) -> bool:
    """Whether a question asks what ought to be."""
    return any(_asks(text[_last_stop(text, mark.start()) : mark.end()]) for mark in _QUESTION.finditer(text))


def _last_stop(text: str, place: int) -> int:
    """Where the sentence that holds a place begins, roughly."""
    first = max(0, place - 400)
    return max(text.rfind(mark, first, place) + 1 for mark in ".!?") or first


def _cites(lower: str, document: Document) -> bool:
    return not _YEARS.isdisjoint(document.places) and v.CITATION.search(lower) is not None


def _merged(ranges: list[Range]) -> list[Range]:
    """The ranges in order, those that only a list's mark parts as one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + len("\n- "):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


# Whole blocks: those that say so, what these introduce, and under a heading all up to the next one.


def _silent_blocks(passages: Sequence[Passage], found: Found) -> set[int]:
    own = _marked_blocks(passages, found)
    if not own:
        return own
    silent: set[int] = set()
    until_heading = until_next = False
    graded = [match.start() for match in found.get(v.GRADING, ())]
    for index, passage in enumerate(passages):
        heading = passage.text[:1] in _HEADING_MARKS and _HEADING.match(passage.text) is not None
        until_heading = until_heading and not heading
        addressed = bool(graded) and passage.block.end > graded[0]
        if addressed or index in own or until_heading or until_next or passage.block.lead in silent:
            silent.add(index)
        until_next = index in own and passage.text.rstrip("*_ ").endswith(":")
        until_heading = until_heading or (heading and index in own)
    return silent


def _marked_blocks(passages: Sequence[Passage], found: Found) -> set[int]:
    marked = {passage_at(passages, match.end() - 1) for cue in _WHOLE for match in found.get(cue, ())}
    openings = [cue.expression for cue in _OPENING if cue in found]
    again = repeated([passage.text for passage in passages])
    return marked | {
        index
        for index, passage in enumerate(passages)
        if passage.text in again
        or any(one.match(passage.text) for one in openings)
        or _reference(passage.text)
        or bag_of_words(passage)
    }


def _reference(text: str) -> bool:
    """Whether a block is an entry in a list of references, titles included; a source in brackets is none."""
    match = v.CITATION.search(text)
    return match is not None and text.rfind("(", 0, match.start()) <= text.rfind(")", 0, match.start())


# Sentences


def _silent_sentences(lower: str, passages: Sequence[Passage], found: Found) -> list[Range]:
    ranges: list[Range] = []
    for cue in found.keys() & _REPORTING:
        seen: set[Range] = set()  # once a sentence, or a long one would be searched again and again
        for match in found[cue]:
            passage = passages[passage_at(passages, match.start())]
            index = passage.sentence(match.start())
            if cue in _WITHIN or passage.sentences[index] not in seen:
                seen.add(passage.sentences[index])
                ranges += _extent(cue, match, passage, index)
    if v.PASTED in found:
        ranges += [at for one in passages for at in one.sentences if v.PASTED.expression.match(lower[slice(*at)])]
    if "?" in lower:
        ranges += [at for one in passages for at in one.sentences if _asks(lower[slice(*at)])]
    return ranges


def _extent(cue: v.VoiceCue, match: re.Match[str], passage: Passage, index: int) -> list[Range]:
    """What does not speak for the answer because of a cue."""
    text, (start, end) = match.string, passage.sentences[index]
    if cue in _INTRODUCING:
        return [(_quote_start(text, passage.block.start, start, end), _turn(text, passage, index))]
    if cue in _DISPUTABLE:
        rejected = v.REJECTED.expression.search(text, match.end(), _following(passage, index))
        return [(start, end)] if rejected else []
    if cue is v.SPOKEN:
        return [match.span("speech")]
    if cue is v.DENIED_OUTRIGHT:
        return [(match.end(), end)]
    if cue is v.DENIAL:
        return [(match.start(), end)] if v.NEGATION.search(text, match.end(), end) else []
    return [(start, end)]


def _following(passage: Passage, index: int) -> int:
    """The end of the sentence after one, in its block."""
    return passage.sentences[min(index + 1, len(passage.sentences) - 1)][1]


def _quote_start(text: str, first: int, start: int, end: int) -> int:
    """The start of a sentence, or of the quotation that ends in it."""
    marks = [match.start() for match in _QUOTE.finditer(text, max(first, start - _FAR), end)]
    inside = sum(mark >= start for mark in marks)
    return marks[-inside - 1] if inside % 2 and len(marks) > inside else start


def _turn(text: str, passage: Passage, index: int) -> int:
    """Where what a sentence introduces with a colon ends: before a contrast, or with the block."""
    start, end = passage.sentences[index]
    if ":" not in text[start:end]:
        return end
    for later, stop in passage.sentences[index + 1 : index + 1 + _MANY]:
        if v.TURN.match(text, later, stop):
            break
        end = stop
    return end


def _asks(sentence: str) -> bool:
    """Whether a sentence asks whether something ought to be, and so does not say that it ought."""
    if not sentence.rstrip("\"'\u201d\u2019)*_ \n").endswith("?"):
        return False
    if not v.DUTY.search(sentence) and not _orders(sentence):
        return False
    return not v.OPEN_QUESTION.match(sentence) and not v.TO_THE_READER.search(sentence)


def _orders(sentence: str) -> bool:
    """Whether a sentence begins as an instruction."""
    first = WORD.search(sentence.lower())
    if first is None or unsettled(" ".join(WORD.findall(sentence.lower()))):
        return False
    return first.group() in g.IMPERATIVE or first.group() in g.BARE_NEGATION


# Retractions


def _retracted(passages: Sequence[Passage], found: Found) -> list[Range]:
    ranges = [(0, match.end()) for cue in _RETRACTING for match in found.get(cue, ())]
    for match in found.get(v.NOT_WHAT_FOLLOWS, ()):
        ranges += _what_follows(passages, match)
    return ranges


def _what_follows(passages: Sequence[Passage], match: re.Match[str]) -> Iterator[Range]:
    index = passage_at(passages, match.start())
    if not passages[index].text.rstrip("*_ ").endswith(":"):  # what a colon introduces, the judge's own cues deny
        yield match.start(), passages[min(index + 1, len(passages) - 1)].block.end
