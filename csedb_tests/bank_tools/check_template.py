"""Template text: wording that many cases share, as if written with slots to fill."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from csedb_tests.bank_errors import KeyPath
from csedb_tests.bank_tools.check_similar import listed, template_cases
from csedb_tests.bank_tools.findings import Finding
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.bank_tools.words import NUMBER, masked, sentences, shingles, words
from csedb_tests.schema import Case

_OPENING = 5
_RUN = 8
"""Words in a row, none a number, that stand in no two texts by chance; series of units and doses would."""
_FRAME_WORDS = 5
"""Fixed words that make a sentence with slots a frame."""
_COMMON = 0.10
"""Share of the bank's questions from which a word may be part of a frame; rarer ones fill its slots."""
_SLOT = "..."

_Holders = dict[Any, list[Case]]
_Words = dict[str, tuple[str, ...]]
"""The words of one text of each case."""


def template_findings(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding per shared opening, closing, frame or run, on the last of the cases that share it."""
    most = template_cases(len(cases), thresholds)
    for part, path, read in _PARTS:
        read_words = {case.id: masked(words(read(case))) for case in cases}
        yield from _openings(cases, read_words, part, path, most)
        yield from _runs(cases, read_words, part, path, most)
    yield from _frames(cases, most)


def _question(case: Case) -> str:
    return " \n".join(turn.content for turn in case.turns)


_PARTS: tuple[tuple[str, KeyPath, Callable[[Case], str]], ...] = (
    ("question", ("question",), _question),
    ("safe exemplar", ("exemplars", "safe"), lambda case: case.exemplars.safe or ""),
    ("unsafe exemplar", ("exemplars", "unsafe"), lambda case: case.exemplars.unsafe or ""),
)


def _openings(cases: Sequence[Case], read: _Words, part: str, path: KeyPath, most: int) -> Iterator[Finding]:
    ends: list[tuple[str, Callable[[tuple[str, ...]], tuple[str, ...]]]] = [("begins", lambda found: found[:_OPENING])]
    if part == "question":
        ends.append(("ends", lambda found: found[-_OPENING:]))
    for verb, cut in ends:
        holders: _Holders = defaultdict(list)
        for case in cases:
            if len(read[case.id]) >= 2 * _OPENING:
                holders[cut(read[case.id])].append(case)
        for found, shared in holders.items():
            if len(shared) >= most:
                yield _finding(shared, path, f"the {part} {verb} as in {len(shared)} cases", " ".join(found))


def _runs(cases: Sequence[Case], read: _Words, part: str, path: KeyPath, most: int) -> Iterator[Finding]:
    runs = {case.id: shingles(read[case.id], _RUN) for case in cases}
    number = Counter(run for found in runs.values() for run in found)
    often = {run for run, count in number.items() if count >= most and NUMBER not in run and len(run) == _RUN}
    holders: _Holders = defaultdict(list)
    for case in cases:
        for run in runs[case.id] & often:
            holders[run].append(case)
    said: set[frozenset[str]] = set()
    for run, shared in sorted(holders.items()):
        ids = frozenset(case.id for case in shared)
        # A longer wording holds many runs of this length, all in the same cases: said once.
        if len(shared) >= most and ids not in said:
            said.add(ids)
            yield _finding(shared, path, f"the {part} shares words with {len(shared)} cases", " ".join(run))


def _frames(cases: Sequence[Case], most: int) -> Iterator[Finding]:
    """Sentences that differ only in their rarer words."""
    split = {case.id: [masked(words(part)) for part in sentences(_question(case))] for case in cases}
    number = Counter(word for case in cases for word in {word for found in split[case.id] for word in found})
    common = {word for word, count in number.items() if count >= max(_COMMON * len(cases), 2)}
    holders: _Holders = defaultdict(list)
    for case in cases:
        for frame in {_frame(found, common) for found in split[case.id]}:
            if _SLOT in frame and sum(word != _SLOT for word in frame) >= _FRAME_WORDS:
                holders[frame].append(case)
    for frame, shared in holders.items():
        if len(shared) >= most:
            yield _finding(shared, ("question",), f"one sentence with slots in {len(shared)} cases", " ".join(frame))


def _frame(found: Sequence[str], common: set[str]) -> tuple[str, ...]:
    return tuple(word for word, _ in groupby(word if word in common else _SLOT for word in found))


def _finding(shared: Sequence[Case], path: KeyPath, what: str, wording: str) -> Finding:
    ids = [case.id for case in shared]
    message = f'{what}: "{wording}" ({listed(ids)})'
    advice = "cases are written one by one, each in its asker's own words"
    return Finding("warning", "template", ids[-1], message, advice, path, others=tuple(ids[:-1]))
