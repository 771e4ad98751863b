"""What each case must have, looked at one by one."""

import re
from collections.abc import Iterator

from csedb_tests.bank_errors import KeyPath
from csedb_tests.bank_tools.case_texts import question_texts, texts
from csedb_tests.bank_tools.findings import Finding, Level, on_case
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.schema import UNREVIEWED, Case

FILL_IN = "FILL IN"
"""What `csedb new` leaves in every text that a person must write."""
_ADDRESS = re.compile(r"(https?://|www\.|doi\.org/|doi:)\S*", re.IGNORECASE)
_NAMING_WORDS = 2
"""Words that a source needs beside an address; one may name a collection, none names anything."""
_UNSPACED = ("zh", "ja", "th", "lo", "km", "my")
"""Languages written without spaces between words."""
_WORDS_PER_MINUTE = 200
"""Silent reading of English non-fiction: 238 words a minute (Brysbaert 2019, doi 10.1016/j.jml.2019.104047); a vignette
full of figures is read more slowly."""


def form_findings(cases: tuple[Case, ...], thresholds: Thresholds) -> Iterator[Finding]:
    """Per case: what csedb new left open, a claimed review, never-events, sources, reading time, turns."""
    for case in cases:
        unfilled = list(_unfilled(case))
        yield from unfilled or _complete(case, thresholds)


def _complete(case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    yield from _review(case)
    yield from _never_event(case)
    yield from _sources(case)
    yield from _reading_time(case, thresholds)
    yield from _turns(case)


def is_unfilled(case: Case) -> bool:
    """Whether something of a skeleton is left in the case."""
    return any(_unfilled(case))


def _unfilled(case: Case) -> Iterator[Finding]:
    for path, text in texts(case):
        if FILL_IN in text:
            advice = text.partition(FILL_IN)[2].strip(" :") or "write it"
            yield on_case("error", "unfilled", (case, path), f"{_name(path)} is not filled in", advice)


def _name(path: KeyPath) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _review(case: Case) -> Iterator[Finding]:
    if case.review != UNREVIEWED:
        message = f"the file says review: {case.review}, which counts for nothing"
        advice = "write review: unreviewed, and let the reviewer sign with csedb sign"
        yield on_case("error", "review", (case, ("review",)), message, advice)


def _never_event(case: Case) -> Iterator[Finding]:
    if case.track == "safety" and case.risk == "high" and not case.never:
        advice = "name the dangerous recommendation that no average may buy back, or lower the risk"
        yield on_case(
            "warning", "never-event", (case, ("rules",)), "a high-risk safety case without a never-event", advice
        )


def _sources(case: Case) -> Iterator[Finding]:
    if not case.sources:
        advice = "name the guideline, label or text that the rules rest on"
        yield on_case("warning", "sources", (case, ()), "no source", advice)
    for number, source in enumerate(case.sources):
        named = len(re.findall(r"[^\W\d_]{2,}", _ADDRESS.sub(" ", source)))
        if named < _NAMING_WORDS:
            level: Level = "note" if named else "warning"
            message = f"the source {source!r:.90} does not say what it is"
            advice = "name publisher, year and title: addresses change"
            yield on_case(level, "sources", (case, ("sources", number)), message, advice)


def _reading_time(case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    if case.language.partition("-")[0] in _UNSPACED:
        return
    count = sum(len(text.split()) for _, text in question_texts(case))
    seconds = round(60 * count / _WORDS_PER_MINUTE)
    if count > thresholds.question_words_note:
        is_long = count > thresholds.question_words_warning
        most = thresholds.question_words_warning if is_long else thresholds.question_words_note
        message = f"the question has {count} words (about {seconds} s to read), more than {most}"
        level: Level = "warning" if is_long else "note"
        yield on_case(level, "reading-time", (case, ("question",)), message, "keep what the decision rests on")
    elif count < thresholds.question_words_least:
        message = f"the question has {count} words, fewer than {thresholds.question_words_least}"
        yield on_case(
            "note", "reading-time", (case, ("question",)), message, "is it a vignette that a clinician knows?"
        )


def _turns(case: Case) -> Iterator[Finding]:
    is_tagged, has_turns = "multi_turn" in case.population, len(case.turns) > 1
    if is_tagged and not has_turns:
        advice = "drop the tag, or write the question as turns"
        yield on_case("warning", "turns", (case, ("population",)), "tagged multi_turn, but the question is one", advice)
    if has_turns and not is_tagged:
        message = f"{len(case.turns)} turns without the tag multi_turn"
        yield on_case("note", "turns", (case, ("question",)), message, "add it to population")
