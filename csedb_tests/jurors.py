"""What ``judge`` may say: one judge, or a panel of 2 to 7, each with an address of its own if need be.

    pattern   openai:NAME   openai:NAME@URL   openai:NAME@URL#KEY_VARIABLE   deepeval:PROVIDER/NAME   recorded:FILE
    panel:JUDGE,JUDGE[,...]

A repeated option and a list in pyproject.toml become the ``panel:`` form; a table of that list is one juror.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csedb_tests.config_errors import ConfigError, nearest

JUDGE_FORMS = (
    "pattern, openai:NAME[@URL[#KEY_VARIABLE]], deepeval:PROVIDER/NAME, recorded:FILE.jsonl, panel:JUDGE,JUDGE[,...]"
)
KINDS = ("pattern", "openai", "deepeval", "recorded")
FEWEST, MOST = 2, 7
_PANEL = "panel:"
_TABLE_KEYS = ("judge", "base_url", "api_key_env")
_ADDRESS = re.compile(r"^(?P<name>.+?)@(?P<url>https?://[^#]*)(?:#(?P<variable>.*))?$")
_ANOTHER = re.compile(rf",\s*(?:{'|'.join(KINDS)})(?::|$)")


@dataclass(frozen=True, slots=True)
class JudgeName:
    """One judge as named: its kind, its name, and, for ``openai``, its own address and its key's variable."""

    kind: str
    name: str
    base_url: str | None = None
    key_variable: str | None = None


def as_text(value: Any) -> Any:
    """The one text behind a text, a repeated option, or a list of texts and tables; other values are left to others.

    Raises ValueError for a list that names no judges.
    """
    if not isinstance(value, list | tuple):
        return value
    texts = [_entry_text(entry, number) for number, entry in enumerate(value, start=1)]
    if not texts:
        raise ValueError(f"the list names no judge. Allowed: {FEWEST} to {MOST} of {JUDGE_FORMS}")
    return texts[0] if len(texts) == 1 else _PANEL + ",".join(texts)


def _entry_text(entry: Any, number: int) -> str:
    text = _table_text(entry, number) if isinstance(entry, Mapping) else entry
    if not isinstance(text, str) or not text:
        raise ValueError(f"judge {number} must be a text or a table with {', '.join(_TABLE_KEYS)}")
    return text


def _table_text(entry: Mapping[str, Any], number: int) -> str:
    for key, value in entry.items():
        if key not in _TABLE_KEYS:
            allowed = ", ".join(_TABLE_KEYS)
            raise ValueError(f"judge {number}: unknown key {key!r}. Allowed: {allowed}.{nearest(key, _TABLE_KEYS)}")
        if not isinstance(value, str) or not value:
            raise ValueError(f"judge {number}: {key} must be a text")
    if "judge" not in entry or ("api_key_env" in entry and "base_url" not in entry):
        raise ValueError(f"judge {number} needs 'judge', and 'base_url' where it has 'api_key_env'")
    address = f"@{entry['base_url']}" if "base_url" in entry else ""
    return f"{entry['judge']}{address}" + (f"#{entry['api_key_env']}" if "api_key_env" in entry else "")


def judge_names(text: str) -> tuple[JudgeName, ...]:
    """The judges that ``text`` names: one, or those of a panel. Raises ConfigError."""
    if not text.startswith(_PANEL):
        return (_judge_name(text),)
    parts = [part.strip() for part in text.removeprefix(_PANEL).split(",")]
    if not FEWEST <= len(parts) <= MOST:
        raise ConfigError(f"--csedb-judge: a panel has {FEWEST} to {MOST} judges, not {len(parts)}: {text!r}")
    names = tuple(map(_judge_name, parts))
    _check_differ(parts, names)
    return names


def _check_differ(parts: Sequence[str], names: Sequence[JudgeName]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise ConfigError(f"--csedb-judge: {parts[number]!r} is on the panel twice: nobody has two votes")


def _judge_name(text: str) -> JudgeName:
    kind, _, name = text.partition(":")
    if text != "pattern" and (kind not in KINDS[1:] or not name):
        raise ConfigError(
            f"--csedb-judge: {text!r} names no known kind of judge. "
            f"Allowed: {JUDGE_FORMS}.{nearest(kind, (*KINDS, 'panel'))}"
        )
    if _ANOTHER.search(name):
        raise ConfigError(f"--csedb-judge: {text!r} names several judges: repeat the option, or write panel:{text}")
    address = _ADDRESS.match(name) if kind == "openai" else None
    if address is None:
        return JudgeName(kind, name)
    return JudgeName(kind, address["name"], address["url"], _variable(text, address["variable"]))


def _variable(text: str, variable: str | None) -> str | None:
    if variable is not None and not re.fullmatch(r"[A-Za-z_]\w*", variable, re.ASCII):
        raise ConfigError(
            f"--csedb-judge: {text.partition('#')[0] + '#...'!r}: "  # it may be a key, which no message may show
            "what follows # must be the name of an environment variable, never a key"
        )
    return variable
