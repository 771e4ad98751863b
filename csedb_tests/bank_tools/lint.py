"""Lint: every check over a bank, each finding with its place, and what lint.toml accepts set apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from csedb_tests.bank_errors import BankError, Problem
from csedb_tests.bank_index import Contents
from csedb_tests.bank_reader import read_contents
from csedb_tests.bank_tools.check_balance import balance_findings
from csedb_tests.bank_tools.check_echo import echo_findings
from csedb_tests.bank_tools.check_exemplars import exemplar_findings
from csedb_tests.bank_tools.check_form import form_findings, is_unfilled
from csedb_tests.bank_tools.check_similar import statement_findings, vignette_findings
from csedb_tests.bank_tools.check_template import template_findings
from csedb_tests.bank_tools.check_units import unit_findings
from csedb_tests.bank_tools.findings import BANK, LEVELS, Finding, Level
from csedb_tests.bank_tools.lint_config import Acceptance, LintConfig, read_lint_config
from csedb_tests.bank_tools.places import Places
from csedb_tests.bank_tools.targets import Target
from csedb_tests.bank_tree import BankTree, read_tree, shown_path
from csedb_tests.sign_offs import read_sign_offs


@dataclass(frozen=True, slots=True)
class LintResult:
    """What lint found in ``cases`` cases: open findings, and accepted ones."""

    cases: int
    open: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()

    def count(self, level: Level) -> int:
        """How many open findings are of a level."""
        return sum(finding.level == level for finding in self.open)

    def exit_code(self, *, strict: bool) -> int:
        """1 if there is an error, or under ``strict`` a warning; else 0."""
        return int(bool(self.count("error") or (strict and self.count("warning"))))


def lint(target: Target) -> LintResult:
    """Every finding about what ``target`` names. Raises ConfigError for a faulty lint.toml, BankError for no bank."""
    tree, config = read_tree(target.root), read_lint_config(target.root)
    try:
        contents = read_contents(tree)
        read_sign_offs(target.root)
    except BankError as error:
        found = [_of_problem(problem) for problem in error.problems]
        return LintResult(0, tuple(finding for finding in found if target.holds_file(finding.file)))
    placed = _placed(_findings(contents, config), Places(tree), contents, tree)
    open_, accepted = _split([finding for finding in placed if _concerns(finding, target, contents)], config, target)
    cases = sum(target.holds_case(case) for case in contents.cases)
    return LintResult(cases, tuple(sorted(open_, key=_order)), tuple(sorted(accepted, key=_order)))


def _findings(contents: Contents, config: LintConfig) -> Iterator[Finding]:
    thresholds, everything = config.thresholds, contents.cases
    yield from form_findings(everything, thresholds)
    yield from balance_findings(everything, contents.catalogue, thresholds)
    # A skeleton is like every other skeleton, and fails for what is not written yet.
    cases = tuple(case for case in everything if not is_unfilled(case))
    yield from exemplar_findings(cases)
    yield from vignette_findings(cases, thresholds)
    yield from statement_findings(cases, thresholds)
    yield from template_findings(cases, thresholds)
    yield from echo_findings(cases, thresholds)
    yield from unit_findings(cases)


def _of_problem(problem: Problem) -> Finding:
    rest = str(replace(problem, file="", line=None, column=None))
    return Finding("error", "schema", problem.key or problem.file, rest, file=problem.file, line=problem.line)


def _placed(found: Iterable[Finding], places: Places, contents: Contents, tree: BankTree) -> Iterator[Finding]:
    by_id = {case.id: case for case in contents.cases}
    root = shown_path(tree.root)
    for finding in found:
        case = by_id.get(finding.subject)
        if case is not None:
            file, line = places.of(case, finding.path, finding.offset)
            yield replace(finding, file=file, line=line)
        else:
            in_bank = finding.subject in contents.catalogue.departments and (tree.root / finding.subject).is_dir()
            yield replace(finding, file=f"{root}/{finding.subject}" if in_bank else root)


def _concerns(finding: Finding, target: Target, contents: Contents) -> bool:
    """Whether the finding, or the other case of a pair, lies in what counts; of the bank itself only where all does."""
    if target.is_whole:
        return True
    by_id = {case.id: case for case in contents.cases if case.id in finding.subjects}
    return any(target.holds_case(case) for case in by_id.values())


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.line or 0, LEVELS.index(finding.level), finding.check


def _split(found: Sequence[Finding], config: LintConfig, target: Target) -> tuple[list[Finding], list[Finding]]:
    """The open findings and the accepted ones. An acceptance that meets not exactly one finding is a finding itself."""
    accepted: dict[int, str] = {}
    faults = []
    for acceptance, line in zip(config.accept, config.lines, strict=True):
        met = [number for number, finding in enumerate(found) if _meets(acceptance, finding)]
        if len(met) == 1:
            accepted[met[0]] = acceptance.why
        elif met or target.is_whole:
            faults.append(_fault(acceptance, len(met), config.file, line))
    open_ = [finding for number, finding in enumerate(found) if number not in accepted]
    kept = [finding.accepted_as(accepted[number]) for number, finding in enumerate(found) if number in accepted]
    return [*open_, *faults], kept


def _meets(acceptance: Acceptance, finding: Finding) -> bool:
    is_asked = finding.check == acceptance.check and finding.subject == acceptance.subject
    return is_asked and (acceptance.contains is None or acceptance.contains in finding.message)


def _fault(acceptance: Acceptance, met: int, file: str, line: int | None) -> Finding:
    what = f"accepts {acceptance.check} of {acceptance.subject}"
    if met:
        message, advice = f"{what}, and there are {met} such findings", "name words of the one with contains"
    else:
        message, advice = f"{what}, and there is no such finding", "take it out"
    return Finding("warning", "acceptance", BANK, message, advice, file=file, line=line)
