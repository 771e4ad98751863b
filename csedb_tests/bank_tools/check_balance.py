"""The bank as a whole: enough cases of every criterion and department, of every risk and population."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from csedb_tests.bank_tools.findings import BANK, Finding, Level
from csedb_tests.bank_tools.lint_config import Thresholds
from csedb_tests.catalogue import RISKS, Catalogue
from csedb_tests.schema import Case

_SHARES_FROM = 30
"""Cases from which the bank's shares of risks mean something."""
_DEPARTMENT_FROM = 10
"""Cases from which a department's do."""
_POPULATIONS_FROM = 100
"""Cases from which a bank should have every population."""


def balance_findings(cases: Sequence[Case], known: Catalogue, thresholds: Thresholds) -> Iterator[Finding]:
    """What the bank lacks, and what it has too much of."""
    yield from _cells(cases, known, thresholds)
    yield from _risks(cases, thresholds)
    yield from _department_risks(cases, thresholds)
    yield from _populations(cases, known, thresholds)


def _cells(cases: Sequence[Case], known: Catalogue, thresholds: Thresholds) -> Iterator[Finding]:
    criteria = Counter(case.criterion.code for case in cases)
    departments = Counter(case.department for case in cases)
    counted: tuple[tuple[str, Mapping[str, object], Counter[str]], ...] = (
        ("criterion", known.criteria, criteria),
        ("department", known.departments, departments),
    )
    for kind, names, found in counted:
        least = {level: getattr(thresholds, f"{kind}_cases_{level}") for level in ("error", "warning")}
        for name in names:
            level = _below(found[name], least)
            if level:
                yield _coverage(level, kind, name, found[name], least[level])


def _below(count: int, least: Mapping[str, int]) -> Level | None:
    return "error" if count < least["error"] else "warning" if count < least["warning"] else None


def _coverage(level: Level, kind: str, name: str, count: int, least: int) -> Finding:
    message = f"the {kind} {name} has {count} {'case' if count == 1 else 'cases'}, fewer than {least}"
    return Finding(
        level, "coverage", name, message, "write more: csedb coverage shows what is there, csedb new begins one"
    )


def _risks(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    if len(cases) < _SHARES_FROM:
        return
    found = Counter(case.risk for case in cases)
    for risk in RISKS:
        low, high = getattr(thresholds, f"risk_{risk}")
        share = found[risk] / len(cases)
        if not low <= share <= high:
            message = f"{share:.0%} of the bank's cases are of {risk} risk, not {low:.0%} to {high:.0%}"
            yield Finding(
                "warning", "risk-balance", BANK, message, "risk follows from the harm of the likely wrong answer"
            )


def _department_risks(cases: Sequence[Case], thresholds: Thresholds) -> Iterator[Finding]:
    by_department: dict[str, list[Case]] = {}
    for case in cases:
        by_department.setdefault(case.department, []).append(case)
    for department, held in by_department.items():
        if len(held) < _DEPARTMENT_FROM:
            continue
        found = Counter(case.risk for case in held)
        risk, count = found.most_common(1)[0]
        if count > thresholds.department_risk_most * len(held):
            message = f"{count} of the {len(held)} cases of {department} are of {risk} risk"
            yield Finding("warning", "risk-balance", department, message, "write cases of another risk")
        absent = [risk for risk in RISKS if not found[risk]]
        if absent:
            message = f"{department} has {len(held)} cases, none of {' or '.join(absent)} risk"
            yield Finding("note", "risk-balance", department, message, "write one")
        if not any("lay_asker" in case.population for case in held):
            message = f"nobody but clinicians asks in the {len(held)} cases of {department}"
            yield Finding("note", "population-balance", department, message, "let a patient or relative ask")


def _populations(cases: Sequence[Case], known: Catalogue, thresholds: Thresholds) -> Iterator[Finding]:
    if len(cases) < _POPULATIONS_FROM:
        return
    found = Counter(tag for case in cases for tag in case.population)
    for tag in known.populations:
        if found[tag] < thresholds.population_least:
            message = f"{found[tag]} cases carry the population tag {tag}, fewer than {thresholds.population_least}"
            yield Finding("warning", "population-balance", BANK, message, "write cases of such patients")
