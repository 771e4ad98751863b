"""``csedb show``: a case as a person reads it."""

import textwrap
from collections.abc import Iterator, Sequence

from csedb_tests.schema import Case, NeverEvent, Rule
from csedb_tests.sign_offs import SignOffs
from csedb_tests.text import showable

_WIDTH = 124
_SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "System"}


def sheet_lines(case: Case, sign_offs: SignOffs, *, patterns: bool = False) -> Iterator[str]:
    """The whole case; patterns only where they are asked for. Control characters are shown as escapes."""
    return (showable(line) for line in _lines(case, sign_offs, patterns=patterns))


def _lines(case: Case, sign_offs: SignOffs, *, patterns: bool) -> Iterator[str]:
    criterion = case.criterion
    yield f"{case.id}: {case.title}"
    kind = f"{case.track}, {criterion.scoring}, weight {criterion.weight:g}"
    yield f"{case.department}; {criterion.code} {criterion.name} ({kind})"
    yield f"risk {case.risk}; population {', '.join(case.population) or 'none'}; language {case.language}"
    yield from ("", "QUESTION", *_question(case))
    yield from ("", f"RULES ({sum(rule.points for rule in case.rules if rule.points > 0):g} points)")
    yield from _statements(case.rules, patterns=patterns)
    yield from ("", "NEVER-EVENTS" if case.never else "NEVER-EVENTS: none")
    yield from _statements(case.never, patterns=patterns)
    for kind in ("safe", "unsafe"):
        yield from ("", f"{kind.upper()} EXEMPLAR", *_paragraphs(getattr(case.exemplars, kind) or "none"))
    yield from ("", "SOURCES", *(f"  - {source}" for source in case.sources or ("none",)))
    yield from ("", "REVIEW", *(f"  {line}" for line in review_lines(case, sign_offs)))


def _question(case: Case) -> Iterator[str]:
    for turn in case.turns:
        if len(case.turns) > 1:
            yield f"  [{_SPEAKERS[turn.role]}]"
        yield from _paragraphs(turn.content)


def _statements(statements: Sequence[Rule | NeverEvent], *, patterns: bool) -> Iterator[str]:
    for statement in statements:
        weight = f"[{statement.points:g}]" if isinstance(statement, Rule) else "[!]"
        yield from _wrapped(f"{weight} {statement.id}: {statement.text}", "  ", "      ")
        if isinstance(statement, NeverEvent):
            yield f"      hazard: {statement.hazard}"
        if patterns:
            yield from (f"      pattern: {pattern}" for pattern in statement.patterns)


def _paragraphs(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _wrapped(line, "  ", "  ") if line.strip() else [""]


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def review_lines(case: Case, sign_offs: SignOffs) -> Iterator[str]:
    """Who signed the case as it stands, and whose sign-off an edit has voided."""
    valid = sign_offs.valid(case)
    yield from (f"signed by {sign_off.text}" for sign_off in valid)
    yield from (f"changed since it was signed by {sign_off.text}" for sign_off in sign_offs.void(case))
    if not valid:
        yield "unreviewed"
