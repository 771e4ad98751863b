"""A case as an importer understood it, before the bank's schema has seen it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from csedb_tests.bank_errors import key_text
from csedb_tests.importers.report import Place
from csedb_tests.schema import CaseEntry
from csedb_tests.text import one_line, shortened, storable

TITLE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule: its id within the case, text, points and tags."""

    id: str
    text: str
    points: float
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftNever:
    """A never-event."""

    id: str
    text: str
    hazard: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A case of a source. ``question`` is a text or a list of ``{role, content}``; None means what the source lacks."""

    place: Place
    source_id: str
    criterion: str
    department: str
    question: Any
    rules: tuple[DraftRule, ...]
    title: str | None = None
    risk: str | None = None
    language: str | None = None
    never: tuple[DraftNever, ...] = ()
    population: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    exemplars: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> str:
        """What the last user turn says; a text that the schema will refuse if there is none."""
        if isinstance(self.question, list):
            last = self.question[-1] if self.question else None
            return str(last.get("content", "")) if isinstance(last, dict) else ""
        return str(self.question)

    @property
    def written_title(self) -> str:
        """The title, or the beginning of the question."""
        return shortened_line(self.title or self.asked or self.source_id)


def shortened_line(text: str) -> str:
    """``text`` on one line, of a title's length."""
    line = one_line(text)
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 3].rstrip()}..."


class UnusableDraft(ValueError):
    """The bank's schema cannot hold the case; the message says why."""


def checked_entry(draft: Draft, case_id: str, risk: str, language: str) -> CaseEntry:
    """The case as the bank's schema has it. Raises UnusableDraft."""
    values = {
        "id": case_id,
        "title": draft.written_title or case_id,
        "risk": risk,
        "population": draft.population,
        "question": draft.question,
        "rules": [{"id": r.id, "text": r.text, "points": r.points, "tags": r.tags} for r in draft.rules],
        "never": [{"id": n.id, "text": n.text, "hazard": n.hazard} for n in draft.never],
        "exemplars": dict(draft.exemplars),
        "sources": draft.sources,
        "language": language,
        "source_id": draft.source_id,
        "tags": draft.tags,
    }
    try:
        return CaseEntry.model_validate(cleaned(values))
    except ValidationError as error:
        raise UnusableDraft(_first_problem(error)) from None


def cleaned(value: Any) -> Any:
    """The values with texts that can be stored: a lone surrogate becomes U+FFFD."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {key: cleaned(inner) for key, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


def _first_problem(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False)[0]
    path = tuple(part for part in found["loc"] if part not in ("text", "turns") or found["loc"][0] != "question")
    value = found["input"]
    shown = "" if isinstance(value, dict | list | tuple) else f", not {shortened(repr(value), 60)}"
    message = found["msg"].removeprefix("Value error, ")
    return f"{key_text(path)}: {message}{shown if found['type'] != 'value_error' else ''}"
