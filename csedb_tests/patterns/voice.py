"""Which passages of an answer speak for it.

An answer may say a thing without advising it: as what a grader would like to hear, as somebody else's view that it
then rejects, in a question, a role, a list of topics or references, as a promise, or only to take it back. Such
passages count for no rule. They still count for never-events: there the benefit of the doubt goes the other way.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from csedb_tests.patterns import grammar as g
from csedb_tests.patterns import voice_cues as v
from csedb_tests.patterns.document import Document
from csedb_tests.patterns.sentences import Block, blocks

Range = tuple[int, int]

_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]*_]*(?=\s+[^\sa-z])")
_QUOTE = re.compile(r'["\u201c\u201d]')
_HEADING = re.compile(r"\s*(?:#|\*\*[^*\n]{1,88}\*\*:?\s*$|__[^_\n]{1,88}__:?\s*$)")
_WORD = re.compile(r"[^\W\d_][\w'-]*|\d+")
_HASHTAG = re.compile(r"(?<!\S)#[A-Za-z][\w-]*")
_GRAMMAR = frozenset(
    word
    for words in (
        "a an the is are was be been am to of in and or not with for it its she her he his him you your they them i",
        "we if at on by this that these as because do does did should must may can will would has have had when while",
        "from than but so then",
    )
    for word in words.split()
)
_FAR, _MANY = 2_000, 20
"""Characters of a quotation, and sentences after a colon, that are looked at; keeps judging linear."""
_ELIDED = " Elided. "
_LONGEST_BAG = 8
"""Words in a row without a stop or a word of grammar; more are a bag of words."""
_MOST_REPEATS = 5
"""How often the same line may stand in an answer."""
_VARIETY = 0.3
"""Distinct words / words of a long sentence; less is repetition."""
_LONG, _SHORT = 40, 12
_ECHOES = 2
"""How often the same three words may follow each other in a sentence."""

_WHOLE = (v.GRADING, v.MARKED, v.PLAY)
_OPENING = (v.LABEL, v.PASTED)
_REPORTING = frozenset(
    [v.ABOUT_ITSELF, v.NOT_MINE, v.WANTED, v.QUOTED, v.SPOKEN, v.SOMEONE, v.DENIAL, v.DENIED_OUTRIGHT]
)
_WITHIN = frozenset([v.SPOKEN, v.DENIED_OUTRIGHT])
_RETRACTING = frozenset([v.TAKEN_BACK, v.TAKEN_ALL_BACK])
_CUES = (*_WHOLE, *_OPENING, *_REPORTING, *_RETRACTING, v.NOT_WHAT_FOLLOWS)


class _Passage(NamedTuple):
    """A block with its text and the sentences in it."""

    block: Block
    text: str
    sentences: Sequence[Range]


def silenced(text: str, document: Document) -> str:
    """``text`` with blanks in place of what does not speak for it. ``document`` holds its words, or more."""
    vocabulary = frozenset(document.places)
    cues = [cue for cue in _CUES if cue.needed(vocabulary) and cue.expression.search(text)]
    if not cues and not _asks_anything(text) and not _stuffed(document):
        return text
    pieces, last = [], 0
    for start, end in _merged(_silent(text, frozenset(cues))):
        pieces += [text[last:start], _blank(text[start:end])]
        last = end
    return "".join([*pieces, text[last:]])


def _blank(text: str) -> str:
    """As long as ``text``, with its lines, and one word at the start if there is room: no pronoun reaches over it."""
    blank = re.sub(r"[^\n]", " ", text)
    return _ELIDED + blank[len(_ELIDED) :] if blank.startswith(" " * len(_ELIDED)) else blank


def _asks_anything(text: str) -> bool:
    """Whether a question asks what ought to be, or a list of references may be there: signs that are no words."""
    if v.CITATION.search(text):
        return True
    return any(_asks(text[_last_stop(text, match.start()) : match.end()]) for match in re.finditer(r"\?", text))


def _last_stop(text: str, place: int) -> int:
    """Where the sentence that holds a place begins, roughly."""
    first = max(0, place - 400)
    return max(text.rfind(mark, first, place) + 1 for mark in ".!?") or first


def _stuffed(document: Document) -> bool:
    """Whether an answer may be a bag of words: a long stretch without grammar, or the same over and over."""
    words, places = document.words, document.places
    if "#" in document.text and len(_HASHTAG.findall(document.text)) > 2:
        return True
    if len(words) >= _SHORT and (len(places) < _VARIETY * len(words) or _echoing(words)):
        return True
    lines = document.text.splitlines()
    if (
        len(set(lines)) + _MOST_REPEATS < len(lines)
        and max(Counter(filter(str.strip, lines)).values(), default=0) > _MOST_REPEATS
    ):
        return True
    grammar = sorted(place for word in _GRAMMAR & places.keys() for place in places[word])
    return any(
        end - start > _LONGEST_BAG + 1 and _unbroken(document, start + 1, end)
        for start, end in pairwise([-1, *grammar, len(words)])
    )


def _echoing(words: Sequence[str]) -> bool:
    """Whether three words follow each other again and again, perhaps within a sentence."""
    return len(words) - 2 - len(set(zip(words, words[1:], words[2:], strict=False))) > _ECHOES


def _unbroken(document: Document, start: int, end: int) -> bool:
    """Whether more than `_LONGEST_BAG` words of a range stand in a row without a stop."""
    run = 0
    for place in range(start, end):
        run = run + 1 if place > start and not document.breaks(place) else 1
        if run > _LONGEST_BAG:
            return True
    return False


def _silent(text: str, cues: frozenset[v.VoiceCue]) -> list[Range]:
    passages = [_Passage(block, text[block.start : block.end], _sentences(text, block)) for block in blocks(text)]
    if not passages:
        return []
    ranges = [(passages[i].block.start, passages[i].block.end) for i in sorted(_silent_blocks(text, passages, cues))]
    return ranges + _silent_sentences(text, passages, cues) + _retracted(text, passages, cues)


def _merged(ranges: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _sentences(text: str, block: Block) -> list[Range]:
    ends = [match.end() for match in _END.finditer(text, block.start, block.end)]
    if not ends or ends[-1] < block.end:
        ends.append(block.end)
    return list(zip([block.start, *ends], ends, strict=False))


# Whole blocks: those that say so, what these introduce, and under a heading all up to the next one.


def _silent_blocks(text: str, passages: Sequence[_Passage], cues: frozenset[v.VoiceCue]) -> set[int]:
    own = _marked_blocks(text, passages, cues)
    if not own:
        return own
    silent: set[int] = set()
    until_heading = until_next = False
    graded = [match.start() for match in v.GRADING.expression.finditer(text)] if v.GRADING in cues else []
    for index, passage in enumerate(passages):
        heading = _HEADING.match(passage.text) is not None
        until_heading = until_heading and not heading
        addressed = bool(graded) and passage.block.end > graded[0]
        if addressed or index in own or until_heading or until_next or passage.block.lead in silent:
            silent.add(index)
        until_next = index in own and passage.text.rstrip("*_ ").endswith(":")
        until_heading = until_heading or (heading and index in own)
    return silent


def _marked_blocks(text: str, passages: Sequence[_Passage], cues: frozenset[v.VoiceCue]) -> set[int]:
    starts = [passage.block.start for passage in passages]
    marked = {
        max(0, bisect_right(starts, match.end() - 1) - 1)
        for cue in _WHOLE
        if cue in cues
        for match in cue.expression.finditer(text)
    }
    openings = [cue.expression for cue in _OPENING if cue in cues]
    counts = Counter(passage.text for passage in passages)
    return marked | {
        index
        for index, passage in enumerate(passages)
        if any(one.match(passage.text) for one in openings)
        or _reference(passage.text)
        or counts[passage.text] > _MOST_REPEATS
        or _bag(passage)
    }


def _reference(text: str) -> bool:
    """Whether a block is an entry in a list of references, titles included; a source in brackets is none."""
    match = v.CITATION.search(text)
    return match is not None and text.rfind("(", 0, match.start()) <= text.rfind(")", 0, match.start())


def _bag(passage: _Passage) -> bool:
    """Whether words are strung together that are no language."""
    if "#" in passage.text and len(_HASHTAG.findall(passage.text)) > 2:
        return True
    first = passage.block.start
    for start, end in passage.sentences:
        words = _WORD.findall(passage.text[start - first : end - first].lower())
        if len(words) > _LONGEST_BAG and (_repetitive(words) or _GRAMMAR.isdisjoint(words)):
            return _repetitive(words) or any(map(_ungrammatical, re.split(r"[^\w\s'-]+", passage.text)))
    return False


def _repetitive(words: Sequence[str]) -> bool:
    if len(words) >= _LONG and len(set(words)) < _VARIETY * len(words):
        return True
    return len(words) >= _SHORT and max(Counter(zip(words, words[1:], words[2:], strict=False)).values()) > _ECHOES


def _ungrammatical(piece: str) -> bool:
    words = _WORD.findall(piece.lower())
    return len(words) > _LONGEST_BAG and _GRAMMAR.isdisjoint(words) and not any(word.isdigit() for word in words)


# Sentences


def _silent_sentences(text: str, passages: Sequence[_Passage], cues: frozenset[v.VoiceCue]) -> list[Range]:
    ranges: list[Range] = []
    for cue in cues.intersection(_REPORTING):
        seen: set[Range] = set()  # once a sentence, or a long one would be searched again and again
        for match in cue.expression.finditer(text):
            passage, index = _place(passages, match.start())
            if cue in _WITHIN or passage.sentences[index] not in seen:
                seen.add(passage.sentences[index])
                ranges += _extent(cue, match, passage, index)
    if v.PASTED in cues:
        ranges += [at for one in passages for at in one.sentences if v.PASTED.expression.match(text[slice(*at)])]
    if "?" in text:
        ranges += [at for one in passages for at in one.sentences if _asks(text[slice(*at)])]
    return ranges


def _place(passages: Sequence[_Passage], position: int) -> tuple[_Passage, int]:
    """The passage and the sentence of it that hold a position."""
    index = max(0, bisect_right(passages, position, key=lambda passage: passage.block.start) - 1)
    passage = passages[index]
    return passage, max(0, bisect_right(passage.sentences, position, key=lambda at: at[0]) - 1)


def _extent(cue: v.VoiceCue, match: re.Match[str], passage: _Passage, index: int) -> list[Range]:
    """What does not speak for the answer because of a cue."""
    text, (start, end) = match.string, passage.sentences[index]
    if cue in (v.NOT_MINE, v.WANTED, v.QUOTED):
        return [(_quote_start(text, passage.block.start, start, end), _turn(text, passage, index))]
    if cue is v.SOMEONE:
        rejected = v.REJECTED.expression.search(text, match.end(), _following(passage, index))
        return [(start, end)] if rejected else []
    if cue is v.SPOKEN:
        return [match.span("speech")]
    if cue is v.DENIED_OUTRIGHT:
        return [(match.end(), end)]
    if cue is v.DENIAL:
        return [(match.start(), end)] if v.NEGATION.search(text, match.end(), end) else []
    return [(start, end)]


def _following(passage: _Passage, index: int) -> int:
    """The end of the sentence after one, in its block."""
    return passage.sentences[min(index + 1, len(passage.sentences) - 1)][1]


def _quote_start(text: str, first: int, start: int, end: int) -> int:
    """The start of a sentence, or of the quotation that ends in it."""
    marks = [match.start() for match in _QUOTE.finditer(text, max(first, start - _FAR), end)]
    inside = sum(mark >= start for mark in marks)
    return marks[-inside - 1] if inside % 2 and len(marks) > inside else start


def _turn(text: str, passage: _Passage, index: int) -> int:
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
    first = _WORD.search(sentence.lower())
    return first is not None and (first.group() in g.IMPERATIVE or first.group() in g.BARE_NEGATION)


# Retractions


def _retracted(text: str, passages: Sequence[_Passage], cues: frozenset[v.VoiceCue]) -> list[Range]:
    ranges = [(0, match.end()) for cue in cues.intersection(_RETRACTING) for match in cue.expression.finditer(text)]
    if v.NOT_WHAT_FOLLOWS in cues:
        for match in v.NOT_WHAT_FOLLOWS.expression.finditer(text):
            ranges += _what_follows(passages, match)
    return ranges


def _what_follows(passages: Sequence[_Passage], match: re.Match[str]) -> Iterator[Range]:
    index = max(0, bisect_right(passages, match.start(), key=lambda passage: passage.block.start) - 1)
    if not passages[index].text.rstrip("*_ ").endswith(":"):  # what a colon introduces, the judge's own cues deny
        yield match.start(), passages[min(index + 1, len(passages) - 1)].block.end
