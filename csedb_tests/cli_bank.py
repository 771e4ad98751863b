"""The ``csedb`` commands about cases: explain, lint."""

import sys
from pathlib import Path
from typing import Any

import click

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.command_errors import plain_errors

_PATH = click.Path(path_type=Path)
_CASES = click.option("--cases", type=_PATH, help="Directory of the case bank.")


@click.command()
@click.argument("case_id")
@click.argument("answer", type=click.File(encoding="utf-8"))
@_CASES
@plain_errors
def explain(case_id: str, answer: Any, cases: Path | None) -> None:
    """Show which words of ANSWER (a file, or - for standard input) met or blocked which pattern of CASE_ID."""
    from csedb_tests.patterns.explain import explain as explained

    case = load_bank(cases or default_bank_root()).case(case_id)
    for line in explained(case, answer.read()):
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


BANK_COMMANDS = (explain, lint)
