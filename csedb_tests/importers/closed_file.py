"""A YAML or TOML file with a closed schema: what does not fit is one line with place, key and what is allowed."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from csedb_tests.config_errors import ConfigError, KeyPath, explain_nested
from csedb_tests.toml_lines import toml_line

# What pydantic puts in a path for the alternatives of a value that may be a number or a text.
_UNION_PARTS = ("constrained-float", "constrained-str")
Model = TypeVar("Model", bound=BaseModel)
Line = Callable[[KeyPath], int | None]


def read_closed(path: Path, model: type[Model]) -> Model:
    """The file's content as ``model``. Raises ConfigError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the mapping: {error.strerror}") from None
    values, line = _toml(path, content) if path.suffix.lower() == ".toml" else _yaml(path, content)

    def label(key_path: KeyPath) -> str:
        keys = tuple(part for part in key_path if part not in _UNION_PARTS)
        number = line(keys)
        place = path.name if number is None else f"{path.name}:{number}"
        return f"{place}: {'.'.join(map(str, keys))}" if keys else place

    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise explain_nested(error, label, lambda table: _names(model, table)) from None


def _toml(path: Path, content: bytes) -> tuple[Any, Line]:
    try:
        text = content.decode("utf-8-sig")
        return tomllib.loads(text), lambda key_path: toml_line(text, key_path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: not valid TOML: {error}") from None


def _yaml(path: Path, content: bytes) -> tuple[Any, Line]:
    from csedb_tests.bank_file import read_document  # here, so that no other command pays for PyYAML

    document = read_document(path.name, content)
    if document.problems:
        raise ConfigError("\n".join(map(str, document.problems)))
    if not isinstance(document.value, dict):
        raise ConfigError(f"{path.name}: a mapping of keys to values is wanted here")
    return document.value, document.line


def _names(model: type[BaseModel], table: KeyPath) -> Iterable[str]:
    """What the table at ``table`` may hold."""
    found: type[BaseModel] | None = model
    for part in table:
        if isinstance(part, str) and found is not None and part in found.model_fields:
            found = _model_in(found.model_fields[part].annotation)
    return found.model_fields if found is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
