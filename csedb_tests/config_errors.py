"""Errors of configuration, each one clear line: where, which key, which value, what is allowed."""

import difflib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

KeyPath = tuple[int | str, ...]


class ConfigError(ValueError):
    """The configuration cannot be used; the message is complete and meant for a person."""


def nearest(word: str, allowed: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the allowed word nearest to ``word``, or nothing."""
    found = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else ""


def unknown_key(where: str, key: str, allowed: Iterable[str]) -> ConfigError:
    """A key that the closed schema does not have."""
    names = sorted(allowed)
    return ConfigError(f"{where}: unknown key {key!r}. Allowed: {', '.join(names)}.{nearest(key, names)}")


def explain_validation(error: ValidationError, label: Callable[[str], str]) -> ConfigError:
    """The first problem of a pydantic error as one line; ``label`` names a key the way its source spells it."""
    problem = error.errors()[0]
    key = str(problem["loc"][0]) if problem["loc"] else ""
    message = problem["msg"].removeprefix("Value error, ")
    return ConfigError(f"{label(key)} = {_shown(problem.get('input'))}: {message}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def explain_nested(
    error: ValidationError, label: Callable[[KeyPath], str], names: Callable[[KeyPath], Iterable[str]]
) -> ConfigError:
    """As `explain_validation`, for values inside values: ``label`` gets the path, ``names`` what a table may hold."""
    problem = error.errors()[0]
    path = problem["loc"]
    if problem["type"] == "extra_forbidden":
        return unknown_key(label(path), str(path[-1]), names(path[:-1]))
    if problem["type"] == "missing":
        return ConfigError(f"{label(path[:-1])}: the key {path[-1]!r} is missing")
    message = problem["msg"].removeprefix("Value error, ")
    return ConfigError(f"{label(path)} = {_shown(problem.get('input'))}: {message}")


def toml_place(path: Path, key: str) -> str:
    """``pyproject.toml:12`` for the first line that sets ``key`` or opens its table, else the file's name."""
    pattern = re.compile(rf"^\s*(\[.*\b)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if pattern.match(line):
            return f"{path.name}:{number}"
    return path.name
