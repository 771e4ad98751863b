"""What pydantic says about a bank's values, as problems with a line, what is allowed and the nearest spelling."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from csedb_tests.bank_errors import KeyPath, Problem, did_you_mean, key_text, shown
from csedb_tests.bank_file import Document
from csedb_tests.schema import CriterionEntry, Exemplars, NeverEvent, Rule, Turn

MAX_PER_VALUE = 100
_WRONG_KEY = "[key]"

_PARTS: Mapping[str, type[BaseModel]] = {
    "rules": Rule,
    "never": NeverEvent,
    "exemplars": Exemplars,
    "question": Turn,
    "criteria": CriterionEntry,
}
_FORMS: Mapping[str, str] = {
    "id": "may hold lower-case letters and digits, in words joined by single hyphens",
    "case id": "may hold letters, digits, '.', '_' and '-', and begins with a letter or digit",
    "language": "must be a language tag such as 'en' or 'pt-BR'",
    _WRONG_KEY: "a key may hold letters, digits, '_' and '-', and begins with a letter",
}
_LIMITS: Mapping[str, str] = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def schema_problems(
    error: ValidationError, model: type[BaseModel], document: Document, at: KeyPath = ()
) -> Iterator[Problem]:
    """The problems of the value that stands at ``at`` in ``document`` and does not fit ``model``."""
    for detail in error.errors(include_url=False)[:MAX_PER_VALUE]:
        # pydantic calls a list too short, too, when all that it held was wrong.
        if not (detail["type"] == "too_short" and detail["input"]):
            yield _problem(detail, model, document, at)


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error of pydantic: ``name`` is the last key of its path, ``owner`` the model that has or lacks that key."""

    detail: Any
    owner: type[BaseModel]
    name: str

    @property
    def value(self) -> Any:
        return self.detail["input"]

    @property
    def context(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.detail.get("ctx", {})
        return found


_Parts = dict[str, Any]
"""What an explanation gives to a Problem: its message and, where they help, value, allowed and hint."""


def _problem(detail: Any, model: type[BaseModel], document: Document, at: KeyPath) -> Problem:
    path = _bare(detail["loc"])
    wrong_key = detail["loc"][-1:] == (_WRONG_KEY,)
    name = _WRONG_KEY if wrong_key else str(path[-1]) if path else ""
    owner = _PARTS.get(str(path[0]), model) if len(path) > 1 else model
    parts = _trap(document, at + path, detail) or _explained(_Fault(detail, owner, name))
    place = path[:-1] if detail["type"] == "missing" else path
    return Problem(document.file, line=document.line(at + place), key=key_text(place), **parts)


def _bare(loc: tuple[str | int, ...]) -> KeyPath:
    """The path without what pydantic adds: the name of a question's form, and a mark that the key itself is wrong."""
    path = loc[:-1] if loc[-1:] == (_WRONG_KEY,) else loc
    return (path[0], *path[2:]) if len(path) > 1 and path[0] == "question" else path


def _trap(document: Document, place: KeyPath, detail: Any) -> _Parts | None:
    """A text was wanted, but the scalar is one that YAML takes for something else unless it stands in quotes."""
    if detail["type"] != "string_type" or place not in document.plain:
        return None
    written, kind = document.plain[place]
    if not written:
        return {"message": "needs a text, but nothing stands here"}
    return {"message": f"needs a text, but YAML reads {shown(written)} as {kind}", "hint": "write it in quotes"}


def _explained(fault: _Fault) -> _Parts:
    explain = _EXPLAINED.get(fault.detail["type"], _otherwise)
    return explain(fault)


def _otherwise(fault: _Fault) -> _Parts:
    return {"message": str(fault.detail["msg"]), "value": shown(fault.value)}


def _missing(fault: _Fault) -> _Parts:
    return {"message": f"missing key {shown(fault.name)}"}


def _unknown(fault: _Fault) -> _Parts:
    allowed = tuple(fault.owner.model_fields)
    return {
        "message": f"unknown key {shown(fault.name)}",
        "allowed": allowed,
        "hint": did_you_mean(fault.name, allowed),
    }


def _choice(fault: _Fault) -> _Parts:
    allowed = get_args(fault.owner.model_fields[fault.name].annotation)
    hint = did_you_mean(fault.value, allowed) if isinstance(fault.value, str) else ""
    return {"message": "is none of the allowed values", "value": shown(fault.value), "allowed": allowed, "hint": hint}


def _no_text(fault: _Fault) -> _Parts:
    wanted = "a text, or a list of {role, content} turns" if fault.name == "question" else "a text"
    return {"message": f"needs {wanted}", "value": shown(fault.value)}


def _form(fault: _Fault) -> _Parts:
    is_case = fault.name == "id" and "risk" in fault.owner.model_fields
    return {"message": _FORMS["case id" if is_case else fault.name], "value": shown(fault.value)}


def _too_long(fault: _Fault) -> _Parts:
    return {"message": f"is longer than {fault.context['max_length']} characters", "value": shown(fault.value)}


def _no_list(fault: _Fault) -> _Parts:
    hint = "put it in [ ]" if isinstance(fault.value, str) else ""
    return {"message": "needs a list", "value": shown(fault.value), "hint": hint}


def _no_mapping(fault: _Fault) -> _Parts:
    return {"message": "needs a mapping of keys to values", "value": shown(fault.value)}


def _no_entry(fault: _Fault) -> _Parts:
    rubric = "the rubric is empty; a case needs at least one rule"
    return {"message": rubric if fault.name == "rules" else "needs at least one entry"}


def _no_number(fault: _Fault) -> _Parts:
    hint = "write it without quotes" if _is_number(fault.value) else ""
    return {"message": "needs a number", "value": shown(fault.value), "hint": hint}


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdecimal()


def _not_finite(fault: _Fault) -> _Parts:
    return {"message": "needs a finite number", "value": shown(fault.value)}


def _beyond(fault: _Fault) -> _Parts:
    limit = ", ".join(f"{_LIMITS[key]} {bound:g}" for key, bound in fault.context.items())
    return {"message": f"must be {limit}", "value": shown(fault.value)}


def _empty(_: _Fault) -> _Parts:
    return {"message": "is empty"}


def _own_words(fault: _Fault) -> _Parts:
    return {"message": str(fault.context["error"])}


_EXPLAINED: Mapping[str, Callable[[_Fault], _Parts]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _choice,
    "string_type": _no_text,
    "string_unicode": _no_text,
    "string_pattern_mismatch": _form,
    "string_too_short": _empty,
    "string_too_long": _too_long,
    "tuple_type": _no_list,
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
    "too_short": _no_entry,
    "float_type": _no_number,
    "finite_number": _not_finite,
    "greater_than": _beyond,
    "greater_than_equal": _beyond,
    "less_than": _beyond,
    "less_than_equal": _beyond,
    "value_error": _own_words,
}
