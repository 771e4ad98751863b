"""What lint found, for people, for programs, and for GitHub Actions."""

import json
from collections.abc import Iterator
from typing import Any

from csedb_tests.bank_tools.findings import BANK, LEVELS, Finding
from csedb_tests.bank_tools.lint import LintResult
from csedb_tests.reports.github import escaped, escaped_property, inert
from csedb_tests.text import one_line

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def text_lines(result: LintResult) -> Iterator[str]:
    """One line per open finding, then a count."""
    yield from (one_line(_line(finding)) for finding in result.open)
    yield summary(result)


def _line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return f"{place}: {finding.level}: {_told(finding)} [{finding.check}]"


def _told(finding: Finding) -> str:
    """Subject, what is found, what to do."""
    subject = "" if finding.subject == BANK or finding.check == "schema" else f"{finding.subject}: "
    return f"{subject}{finding.message}{f'; {finding.advice}' if finding.advice else ''}"


def summary(result: LintResult) -> str:
    """``130 cases: 0 errors, 1 warning, 2 notes; 1 accepted``."""
    counts = [f"{n} {level}{'' if n == 1 else 's'}" for level in LEVELS for n in (result.count(level),)]
    accepted = f"; {len(result.accepted)} accepted" if result.accepted else ""
    return f"{result.cases} case{'' if result.cases == 1 else 's'}: {', '.join(counts)}{accepted}"


def json_text(result: LintResult) -> str:
    """Everything, accepted findings with their reasons."""
    counts = {f"{level}s": result.count(level) for level in LEVELS}
    findings = [_as_json(finding) for finding in (*result.open, *result.accepted)]
    return json.dumps(
        {"version": 1, "cases": result.cases, **counts, "findings": findings}, indent=1, ensure_ascii=False
    )


def _as_json(finding: Finding) -> dict[str, Any]:
    names = ("level", "check", "subject", "file", "line", "message", "advice", "others")
    data = {name: getattr(finding, name) for name in names}
    return {**data, "accepted": finding.accepted or None}


def github_lines(result: LintResult) -> Iterator[str]:
    """One workflow command per open finding, which GitHub shows at its line, then the count."""
    for finding in result.open:
        line = f",line={finding.line}" if finding.line else ""
        place = f"file={escaped_property(one_line(finding.file))}{line}"
        title = escaped_property(f"csedb lint: {finding.check}")
        yield f"::{_COMMANDS[finding.level]} {place},title={title}::{escaped(one_line(_told(finding)))}"
    yield inert(summary(result))
