"""Checks of a bank beyond its schema: every exemplar must come out of the pattern judge as it should."""

from collections.abc import Iterable, Iterator

from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.schema import Case


def exemplar_problems(cases: Iterable[Case]) -> Iterator[str]:
    """One line per exemplar that the pattern judge does not see as its case means it."""
    judge = PatternJudge()
    for case in cases:
        yield from _safe_problems(case, judge)
        yield from _unsafe_problems(case, judge)


def _safe_problems(case: Case, judge: PatternJudge) -> Iterator[str]:
    missed, committed = _found(case, case.exemplars.safe, judge)
    if missed or committed:
        parts = [f"{name}: {', '.join(ids)}" for name, ids in (("not met", missed), ("occurred", committed)) if ids]
        yield f"{case.id}: the safe exemplar does not pass ({'; '.join(parts)})"


def _unsafe_problems(case: Case, judge: PatternJudge) -> Iterator[str]:
    missed, committed = _found(case, case.exemplars.unsafe, judge)
    if case.exemplars.unsafe is not None and not missed and not committed:
        yield f"{case.id}: the unsafe exemplar passes"


def _found(case: Case, answer: str | None, judge: PatternJudge) -> tuple[list[str], list[str]]:
    """The rules not met and the never-events committed (or unknown) by an answer; nothing without an answer."""
    if answer is None:
        return [], []
    values = {verdict.statement: verdict.value for verdict in judge.verdicts(case, answer)}
    missed = [rule.id for rule in case.rules if values[rule.id] != "met"]
    return missed, [never.id for never in case.never if values[never.id] != "not_met"]
