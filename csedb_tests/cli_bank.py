"""The ``csedb`` commands about cases: coverage, explain, lint, new, show, sign."""

import sys
from pathlib import Path
from typing import Any

import click

from csedb_tests.bank import Bank, default_bank_root, load_bank
from csedb_tests.command_errors import plain_errors
from csedb_tests.config_errors import ConfigError

_PATH = click.Path(path_type=Path)
_CASES = click.option("--cases", type=_PATH, help="Directory of the case bank.")


def _bank(cases: Path | None) -> Bank:
    return load_bank(cases or default_bank_root())


@click.command()
@click.argument("case_id")
@click.argument("answer", type=click.File(encoding="utf-8"))
@_CASES
@plain_errors
def explain(case_id: str, answer: Any, cases: Path | None) -> None:
    """Show which words of ANSWER (a file, or - for standard input) met or blocked which pattern of CASE_ID."""
    from csedb_tests.patterns.explain import explain as explained

    for line in explained(_bank(cases).case(case_id), answer.read()):
        click.echo(line)


@click.command()
@click.argument("paths", nargs=-1, type=_PATH)
@_CASES
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@plain_errors
def lint(paths: tuple[Path, ...], cases: Path | None, *, strict: bool, form: str) -> None:
    """Look for faults in the bank, or only in the case files and departments at PATHS. Exits with 1 for an error."""
    from csedb_tests.bank_tools.lint import lint as linted
    from csedb_tests.bank_tools.lint_text import github_lines, json_text, text_lines
    from csedb_tests.bank_tools.targets import target_of

    result = linted(target_of(paths, cases or default_bank_root()))
    lines = [json_text(result)] if form == "json" else github_lines(result) if form == "github" else text_lines(result)
    for line in lines:
        click.echo(line)
    sys.exit(result.exit_code(strict=strict))


@click.command()
@_CASES
@click.option("--html", type=_PATH, help="Write a page to this file, too.")
@plain_errors
def coverage(cases: Path | None, html: Path | None) -> None:
    """Show how many cases the bank has of each department, criterion, risk and population, and how many are signed."""
    from csedb_tests.bank_tools.coverage_counts import coverage_counts
    from csedb_tests.bank_tools.coverage_html import coverage_html
    from csedb_tests.bank_tools.coverage_text import coverage_lines
    from csedb_tests.whole_file import replacing

    counts = coverage_counts(_bank(cases))
    for line in coverage_lines(counts):
        click.echo(line)
    if html is not None:
        with replacing(html) as file:
            file.write(coverage_html(counts).encode())
        click.echo(f"\nwrote {html}")


@click.command()
@click.argument("case_id")
@_CASES
@plain_errors
def new(case_id: str, cases: Path | None) -> None:
    """Begin a case: append a skeleton to its file. CASE_ID names the file, as in cardiology-S03; the number follows."""
    from csedb_tests.bank_tools.skeleton import add_skeleton

    found = add_skeleton(_bank(cases), case_id, Path.cwd())
    click.echo(f"{found.file}:{found.line}: {found.case_id}; csedb lint {found.file} says what to fill in")


@click.command()
@click.argument("case_id")
@_CASES
@click.option("--patterns", is_flag=True, help="Show the offline judge's patterns, too.")
@plain_errors
def show(case_id: str, cases: Path | None, *, patterns: bool) -> None:
    """Show a case as a person reads it: question, rules, never-events, exemplars, sources, who signed it."""
    from csedb_tests.bank_tools.case_sheet import sheet_lines
    from csedb_tests.sign_offs import read_sign_offs

    bank = _bank(cases)
    for line in sheet_lines(bank.case(case_id), read_sign_offs(bank.root), patterns=patterns):
        click.echo(line)


@click.command()
@click.argument("case_ids", metavar="[CASE_ID]...", nargs=-1)
@_CASES
@click.option("--reviewer", help="Your name, as it is to stand in the record.")
@click.option("--role", default="", help="What qualifies you, e.g. 'consultant cardiologist'.")
@click.option("--check", is_flag=True, help="Write nothing: list valid, void and missing sign-offs; 1 if any is void.")
@plain_errors
def sign(case_ids: tuple[str, ...], cases: Path | None, *, reviewer: str | None, role: str, check: bool) -> None:
    """Sign cases that you have read and found right. Any later edit of such a case voids its sign-off."""
    bank = _bank(cases)
    if check:
        _check_sign_offs(bank, case_ids)
    elif not case_ids or not reviewer:
        raise ConfigError("csedb sign: name the cases and --reviewer, or ask for --check")
    else:
        _sign(bank, case_ids, reviewer, role)


def _check_sign_offs(bank: Bank, case_ids: tuple[str, ...]) -> None:
    from csedb_tests.bank_tools.signing import standing, standing_lines
    from csedb_tests.sign_offs import read_sign_offs

    found = standing(bank, read_sign_offs(bank.root), case_ids)
    for line in standing_lines(found):
        click.echo(line)
    sys.exit(1 if found.void or found.orphans else 0)


def _sign(bank: Bank, case_ids: tuple[str, ...], reviewer: str, role: str) -> None:
    from datetime import UTC, datetime

    from csedb_tests.bank_tools.signing import sign as signed
    from csedb_tests.bank_tools.signing import signable, signer

    who, several = signer(reviewer, role, datetime.now(UTC).date()), signable(bank, case_ids)
    for case in several:
        click.echo(f"{case.id}: {case.title}")
    question = f"Have you, {who.name}, read all of the above (csedb show) and found it right?"
    if not click.confirm(question):
        raise ConfigError("csedb sign: nothing was signed")
    for line in signed(bank, several, who):
        click.echo(line)


BANK_COMMANDS = (coverage, explain, lint, new, show, sign)
