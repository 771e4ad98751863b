"""Exemplars that repeat the wording of rules: judges learn nothing from them, and patterns fit them alone."""

from collections import Counter
from collections.abc import Iterator, Sequence

from csedb_tests.bank_tools.case_texts import exemplar_texts
from csedb_tests.bank_tools.findings import Finding, on_case
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.bank_tools.words import content_words, length, words
from csedb_tests.schema import Case

_FEWEST_CONTENT = 8
"""Content words below which a statement can hardly be met in other words."""


def echo_findings(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    """Per exemplar and statement: a long common run of words, or most of its content words in order."""
    for case in cases:
        for path, text in exemplar_texts(case):
            said = _Said(words(text), thresholds.echo_words)
            for statement in case.statements:
                what = _echo(words(statement.text), said, thresholds)
                if what:
                    message = f"the {path[-1]} exemplar repeats {statement.id}: {what}"
                    advice = "say it as a clinician would, in other words"
                    yield on_case("warning", "echo", (case, path), message, advice)


class _Said:
    """The words of an exemplar, and where each run of ``length`` of them begins."""

    def __init__(self, found: Sequence[str], length: int) -> None:
        self.words, self.length = found, length
        self.content = content_words(found)
        self.count = Counter(self.content)
        self.starts: dict[tuple[str, ...], list[int]] = {}
        for at in range(len(found) - length + 1):
            self.starts.setdefault(tuple(found[at : at + length]), []).append(at)


def _echo(asked: Sequence[str], said: _Said, thresholds: Thresholds) -> str:
    run = _common_run(asked, said)
    if length(run) >= said.length:
        return f'{len(run)} words in a row, "{" ".join(run)}"'
    content = content_words(asked)
    if length(content) < _FEWEST_CONTENT:
        return ""
    wanted = thresholds.echo_share * len(content)
    # The words that both hold, in whatever order, are an upper bound that costs little.
    if sum(min(count, said.count[word]) for word, count in Counter(content).items()) < wanted:
        return ""
    common = in_order(content, said.content)
    return f"{common} of its {len(content)} content words in order" if common >= wanted else ""


def _common_run(asked: Sequence[str], said: _Said) -> Sequence[str]:
    """The longest run of words that both hold; empty if it is shorter than those that ``said`` knows."""
    best: Sequence[str] = ()
    for at in range(len(asked) - said.length + 1):
        for other in said.starts.get(tuple(asked[at : at + said.length]), ()):
            shared = _shared(asked[at:], said.words[other:])
            best = asked[at : at + shared] if shared > len(best) else best
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
