"""Exemplars that repeat the wording of rules: judges learn nothing from them, and patterns fit them alone."""

from collections import Counter
from collections.abc import Iterator, Sequence

from csedb_tests.bank_tools.case_texts import exemplar_texts
from csedb_tests.bank_tools.findings import Finding, on_case
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.bank_tools.words import content_words, words
from csedb_tests.schema import Case

_FEWEST_CONTENT = 8
"""Content words below which a statement can hardly be met in other words."""


def echo_findings(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    """Per exemplar and statement: a long common run of words, or most of its content words in order."""
    for case in cases:
        for path, text in exemplar_texts(case):
            said = words(text)
            for statement in case.statements:
                what = _echo(words(statement.text), said, thresholds)
                if what:
                    message = f"the {path[-1]} exemplar repeats {statement.id}: {what}"
                    yield on_case(
                        "warning", "echo", (case, path), message, "say it as a clinician would, in other words"
                    )


def _echo(asked: Sequence[str], said: Sequence[str], thresholds: Thresholds) -> str:
    run = common_run(asked, said, thresholds.echo_words)
    if run:
        return f'{len(run)} words in a row, "{" ".join(run)}"'
    content, answer = content_words(asked), content_words(said)
    if len(content) < _FEWEST_CONTENT:
        return ""
    wanted = thresholds.echo_share * len(content)
    # The words that both hold, in whatever order, are an upper bound that costs little.
    if (Counter(content) & Counter(answer)).total() < wanted:
        return ""
    common = in_order(content, answer)
    return f"{common} of its {len(content)} content words in order" if common >= wanted else ""


def common_run(asked: Sequence[str], said: Sequence[str], least: int) -> Sequence[str]:
    """The longest run of words that both hold; empty if it is shorter than ``least``."""
    starts: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(said) - least + 1):
        starts.setdefault(tuple(said[at : at + least]), []).append(at)
    best: Sequence[str] = ()
    for at in range(len(asked) - least + 1):
        for other in starts.get(tuple(asked[at : at + least]), ()):
            length = _shared(asked[at:], said[other:])
            best = asked[at : at + length] if length > len(best) else best
    return best


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def in_order(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    before = [0] * (len(other) + 1)
    for word in one:
        now = [0]
        for at, found in enumerate(other):
            now.append(before[at] + 1 if found == word else max(before[at + 1], now[-1]))
        before = now
    return before[-1]
