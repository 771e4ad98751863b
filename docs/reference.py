"""The reference of options, from the fields that define them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from csedb_tests.settings import Settings, is_repeatable, is_switch, option_name

_HEAD = """\
# Options of a run

`--csedb-base-url URL` on the command line of `pytest` is `base_url = "URL"` in `[tool.csedb]` of pyproject.toml and
`CSEDB_BASE_URL` in the environment, and so with every option; the command line goes before the file, the file before
the environment. API keys are no options: they come from the environment alone.

| option | default | what it does |
|---|---|---|
"""


def write_options(path: Path) -> None:
    """Write the page, if it is not there with this text already: an unchanged file is not built anew."""
    text = _HEAD + "".join(_rows())
    path.parent.mkdir(exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _rows() -> Iterator[str]:
    for key, field in Settings.model_fields.items():
        value = "" if is_switch(key) else f" {_value(field)}" + (" ..." if is_repeatable(key) else "")
        yield f"| `{option_name(key)}{value}` | {_default(field)} | {_said(field)} |\n"


def _value(field: FieldInfo) -> str:
    names = {int: "N", float: "X"}
    kinds = [names[kind] for kind in names if str(kind.__name__) in str(field.annotation)]
    return kinds[0] if kinds else "TEXT"


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    if default is None or default is PydanticUndefined or default is False:
        return ""
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _said(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|").replace("<", "&lt;")
