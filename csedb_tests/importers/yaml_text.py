"""Plain values as YAML that reads back as the same values: block style, long texts as blocks, the rest in quotes."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

# Characters that may not stand in a YAML file, or that YAML takes for a line break, in any place of a text.
_ODD = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ODD_IN_JSON = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_STEP = 2


def yaml_text(value: dict[str, Any] | list[Any]) -> str:
    """The text of a mapping or a list, which ends with a line break. Empty lists and mappings are left out."""
    return "".join(f"{line}\n" for line in _block(value, 0))


def _block(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{' ' * indent}{key}:", inner, indent)
        return
    for item in value:
        if isinstance(item, dict | list):
            first, *rest = _block(item, indent + _STEP)
            yield f"{' ' * indent}- {first[indent + _STEP :]}"
            yield from rest
        else:
            yield from _entry(f"{' ' * indent}-", item, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict | list):
        if value:
            yield head
            yield from _block(value, indent + _STEP)
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from (f"{' ' * (indent + _STEP)}{line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text can stand as a block: several lines, none of which a block would read back differently."""
    return "\n" in text and text.strip() == text and not _ODD.search(text)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _ODD_IN_JSON.sub(_escaped, json.dumps(value, ensure_ascii=False))
    if isinstance(value, float):
        # Not in the form 1e-05, which YAML takes for a text.
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return json.dumps(value)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
