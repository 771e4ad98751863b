"""Near-duplicates: questions that ask the same, and statements that say the same."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.bank_errors import KeyPath
from csedb_tests.bank_tools.case_texts import statement_texts
from csedb_tests.bank_tools.findings import Finding, Level, quoted
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.bank_tools.similar import Pair, nearest_earlier, similar_pairs
from csedb_tests.bank_tools.words import masked, shingles, words
from csedb_tests.schema import Case

_TRIPLE, _DOUBLE = 3, 2
_SHORTEST_RULE = 4
"""Words below which two statements are alike by chance."""


def vignette_findings(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    """Per question, the earlier one that it is most like. Numbers, he and she are the same in both."""
    texts = [" ".join(turn.content for turn in case.turns) for case in cases]
    sets = [shingles(masked(words(text)), _TRIPLE) for text in texts]
    for pair in nearest_earlier(similar_pairs(sets, max(thresholds.vignette_warning, 0.01))):
        level: Level = "error" if pair.index >= thresholds.vignette_error else "warning"
        other = cases[pair.first].id
        message = f"the question is {pair.index:.0%} that of {other} (shared word triples, numbers and sex apart)"
        advice = "ask about another disease, drug, mechanism or setting, or drop one of the two"
        yield Finding(level, "similar-vignette", cases[pair.second].id, message, advice, ("question",), others=(other,))


@dataclass(frozen=True, slots=True)
class _Statement:
    case: int
    path: KeyPath
    text: str


def statement_findings(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    """Statements alike within a case; two cases that share several; one that stands in many cases."""
    statements = [found for number, case in enumerate(cases) for found in _statements(number, case)]
    sets = [shingles(words(found.text), _DOUBLE) for found in statements]
    pairs = list(similar_pairs(sets, max(thresholds.rule, 0.01)))
    yield from _within_cases(pairs, statements, cases)
    yield from _shared_rubrics(pairs, statements, cases)
    yield from _in_many_cases(pairs, statements, cases, thresholds)


def _statements(number: int, case: Case) -> Iterator[_Statement]:
    for path, text in statement_texts(case):
        if len(words(text)) >= _SHORTEST_RULE:
            yield _Statement(number, path, text)


def _within_cases(pairs: Sequence[Pair], found: Sequence[_Statement], cases: Sequence[Case]) -> Iterator[Finding]:
    for pair in pairs:
        one, other = found[pair.first], found[pair.second]
        if one.case == other.case:
            message = f"two statements of the case say nearly the same: {quoted(one.text)} and {quoted(other.text)}"
            advice = "make them one, or say what only one of them asks for"
            yield Finding("warning", "similar-rule", cases[one.case].id, message, advice, other.path)


def _shared_rubrics(pairs: Sequence[Pair], found: Sequence[_Statement], cases: Sequence[Case]) -> Iterator[Finding]:
    shared: dict[tuple[int, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        one, other = found[pair.first].case, found[pair.second].case
        if one != other:
            shared[one, other].append(pair)
    # Of a case's many likenesses the greatest is told: a copied rubric is like all of its copies.
    most: dict[int, tuple[int, set[int]]] = {}
    for (one, other), several in shared.items():
        ours = {pair.second for pair in several}
        if len(ours) > max(1, len(most[other][1]) if other in most else 0):
            most[other] = one, ours
    for other, (one, ours) in most.items():
        message = f"{len(ours)} statements are also those of {cases[one].id}: " + ", ".join(
            quoted(found[number].text, 50) for number in sorted(ours)
        )
        advice = "two cases of a bank test two decisions"
        path = found[min(ours)].path
        yield Finding("warning", "similar-rule", cases[other].id, message, advice, path, others=(cases[one].id,))


def _in_many_cases(
    pairs: Sequence[Pair], found: Sequence[_Statement], cases: Sequence[Case], thresholds: Thresholds
) -> Iterator[Finding]:
    """A statement that stands, nearly, in as many cases as make a template; in fewer it is a note."""
    most = template_cases(len(cases), thresholds)
    for group in _groups(pairs, found):
        ids = list(dict.fromkeys(cases[found[number].case].id for number in group))
        if len(ids) < 2:
            continue
        level: Level = "warning" if len(ids) >= most else "note"
        text, last = found[group[0]].text, found[group[-1]]
        message = f"nearly the same statement stands in {len(ids)} cases: {quoted(text)} ({listed(ids)})"
        advice = "say what this case asks for" if level == "warning" else "is it the same decision?"
        yield Finding(level, "similar-rule", ids[-1], message, advice, last.path, others=tuple(ids[:-1]))


def _groups(pairs: Sequence[Pair], found: Sequence[_Statement]) -> list[list[int]]:
    """Statements joined by pairs across cases, in order."""
    group_of: dict[int, list[int]] = {}
    for pair in pairs:
        if found[pair.first].case == found[pair.second].case:
            continue
        one = group_of.setdefault(pair.first, [pair.first])
        other = group_of.setdefault(pair.second, [pair.second])
        if one is not other:
            one.extend(other)
            group_of.update(dict.fromkeys(other, one))
    unique = {id(group): sorted(group) for group in group_of.values()}
    return sorted(unique.values())


def template_cases(cases: int, thresholds: Thresholds) -> int:
    """How many of so many cases make a shared wording a template."""
    return max(thresholds.template_cases, round(thresholds.template_share * cases))


def listed(ids: Sequence[str], most: int = 5) -> str:
    """The first few ids, and how many more there are."""
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(ids[:most]) + more
