"""Where the gate policy comes from: ``[tool.csedb.gates]`` of pyproject.toml, or a TOML file of its own."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from csedb_tests.catalogue import Catalogue
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.config_errors import ConfigError, KeyPath, explain_nested, nearest, unknown_key
from csedb_tests.policy import GatePolicy, Waiver
from csedb_tests.settings import Settings, pyproject, tool_section
from csedb_tests.toml_lines import toml_line

SECTION = ("tool", "csedb", "gates")
_FAMILIES = ("criteria", "departments")


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy as written: the table's values, its place in a file, and that file's text (empty without a file)."""

    name: str
    section: tuple[str, ...]
    values: Mapping[str, Any]
    text: str

    def label(self, path: KeyPath) -> str:
        """``pyproject.toml:12: [tool.csedb.gates] safety`` for the value at ``path`` inside the table."""
        line = toml_line(self.text, (*self.section, *path))
        place = self.name if line is None else f"{self.name}:{line}"
        names = [*self.section, *(part for part in path if isinstance(part, str))]
        is_key = bool(path) and isinstance(path[-1], str)
        table = ".".join(names[:-1] if is_key else names)
        return " ".join(part for part in (f"{place}:", f"[{table}]" if table else "", *names[-1:] * is_key) if part)


def policy_source(settings: Settings, directory: Path) -> PolicySource:
    """The file that ``--csedb-policy`` names, else the project's own table. Raises ConfigError."""
    if settings.policy is not None:
        return file_source(directory / settings.policy)
    path = pyproject(directory)
    values = tool_section(path).get("gates", {})
    source = PolicySource(path.name, SECTION, values, path.read_text(encoding="utf-8") if path.is_file() else "")
    if not isinstance(values, dict):
        raise ConfigError(f"{source.label(())} must be a table of thresholds")
    return source


def file_source(path: Path) -> PolicySource:
    """The policy that a file holds, with the keys of ``[tool.csedb.gates]`` at its top. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        return PolicySource(path.name, (), tomllib.loads(text), text)
    except OSError as error:
        raise ConfigError(f"--csedb-policy: cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: not valid TOML: {error}") from None


def checked_policy(source: PolicySource) -> GatePolicy:
    """The policy that a source describes. Raises ConfigError with file, line, key, value and what is allowed."""
    for key in source.values:
        if key not in GatePolicy.model_fields:
            raise unknown_key(source.label((key,)), key, GatePolicy.model_fields)
    try:
        return GatePolicy.model_validate(dict(source.values), strict=True)
    except ValidationError as error:
        raise explain_nested(error, source.label, _names) from None


def _names(table: KeyPath) -> Iterable[str]:
    inner = {"waivers": Waiver.model_fields, "baseline": BaselinePolicy.model_fields}
    return inner.get(str(table[0]), GatePolicy.model_fields) if table else GatePolicy.model_fields


def check_names(policy: GatePolicy, source: PolicySource, catalogue: Catalogue) -> None:
    """Raise ConfigError for a floor, or a waiver of one, of a criterion or department that the bank does not know."""
    known = {"criteria": tuple(catalogue.criteria), "departments": tuple(catalogue.departments)}
    for table in _FAMILIES:
        for name in getattr(policy, table):
            _check_known(name, known[table], source.label((table, name)), table)
    for place, waiver in enumerate(policy.waivers):
        for family, table in (("criterion ", "criteria"), ("department ", "departments")):
            name = waiver.gate.removeprefix(family)
            if name not in (waiver.gate, "floor"):
                _check_known(name, known[table], source.label(("waivers", place, "gate")), table)


def _check_known(name: str, known: tuple[str, ...], label: str, table: str) -> None:
    if name not in known:
        shown = ", ".join(known) if len(known) < 40 else f"the {len(known)} {table} of the bank"
        raise ConfigError(f"{label}: the bank has no such name {name!r}. Allowed: {shown}.{nearest(name, known)}")
