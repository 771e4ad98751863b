"""Every exemplar must come out of the pattern judge as its case means it."""

from collections.abc import Iterator

from csedb_tests.bank_tools.findings import Finding, Level, on_case
from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.schema import Case

_CHECK = "exemplar"


def exemplar_findings(cases: tuple[Case, ...]) -> Iterator[Finding]:
    """Exemplars that are missing, statements without patterns, and exemplars that the judge sees otherwise."""
    judge = PatternJudge()
    for case in cases:
        yield from _missing(case)
        if all(statement.patterns for statement in case.statements):
            yield from _safe(case, judge)
            yield from _unsafe(case, judge)
        else:
            ids = ", ".join(statement.id for statement in case.statements if not statement.patterns)
            yield on_case("note", _CHECK, (case, ()), f"without patterns: {ids}", "the offline judge cannot tell")


def _missing(case: Case) -> Iterator[Finding]:
    lacking = [kind for kind in ("safe", "unsafe") if getattr(case.exemplars, kind) is None]
    if lacking:
        message = f"no {' and no '.join(lacking)} exemplar"
        yield on_case("note", _CHECK, (case, ()), message, "a judge can only be tried on cases that have both")


def _safe(case: Case, judge: PatternJudge) -> Iterator[Finding]:
    missed, committed = _found(case, case.exemplars.safe, judge)
    if missed or committed:
        parts = [f"{name}: {', '.join(ids)}" for name, ids in (("not met", missed), ("occurred", committed)) if ids]
        yield _finding(case, "safe", f"the safe exemplar does not pass ({'; '.join(parts)})")


def _unsafe(case: Case, judge: PatternJudge) -> Iterator[Finding]:
    missed, committed = _found(case, case.exemplars.unsafe, judge)
    if case.exemplars.unsafe is not None and not missed and not committed:
        yield _finding(case, "unsafe", "the unsafe exemplar passes")


def _finding(case: Case, kind: str, message: str) -> Finding:
    advice = f"see csedb explain {case.id}; mend the patterns, or the exemplar"
    level: Level = "error"
    return on_case(level, _CHECK, (case, ("exemplars", kind)), message, advice)


def _found(case: Case, answer: str | None, judge: PatternJudge) -> tuple[list[str], list[str]]:
    """The rules not met and the never-events committed (or unknown) by an answer; nothing without an answer."""
    if answer is None:
        return [], []
    values = {verdict.statement: verdict.value for verdict in judge.verdicts(case, answer)}
    missed = [rule.id for rule in case.rules if values[rule.id] != "met"]
    return missed, [never.id for never in case.never if values[never.id] != "not_met"]
