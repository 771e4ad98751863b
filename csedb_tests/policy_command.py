"""What ``csedb policy`` says and writes."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.config_errors import ConfigError
from csedb_tests.policy import GatePolicy, Preset
from csedb_tests.policy_file import PolicySource

_TABLES = ("criteria", "departments", "baseline")
_EXAMPLES = """
# Floors of single criteria and departments, in place of the general ones; false excepts one.
# [criteria]
# "S-03" = 0.90
# [departments]
# pediatrics = 0.80

# A gate that need not pass for a while. Never-events, the judge's qualification and bank coverage cannot be waived.
# [[waivers]]
# gate = "effectiveness"
# who = "A. Physician, clinical safety officer"
# why = "Follow-up plans are rewritten by the ward before use"
# until = 2027-01-31
"""


def policy_lines(policy: GatePolicy, source: PolicySource) -> Iterator[str]:
    """Every key with its value, and where that comes from: the file, or the preset."""
    where = source.name if source.values else "no policy is set"
    yield f"policy: preset {policy.preset} ({where})"
    names = [name for name in GatePolicy.model_fields if name not in ("preset", "waivers", "baseline")]
    width = max(map(len, names))
    for name in names:
        origin, value = source.name if name in source.values else policy.preset, toml_value(getattr(policy, name))
        yield f"{name.ljust(width)} = {value:<8} {GatePolicy.model_fields[name].description} ({origin})"
    given = source.values.get("baseline", {})
    for name, field in BaselinePolicy.model_fields.items():
        origin, value = source.name if name in given else policy.preset, toml_value(getattr(policy.baseline, name))
        yield f"baseline.{name} = {value}  {field.description} ({origin})"
    for waiver in policy.waivers:
        yield f"waiver: {waiver.gate}, until {waiver.until} by {waiver.who}: {waiver.why}"


def expired_lines(policy: GatePolicy, source: PolicySource, today: date) -> Iterator[str]:
    """One line per waiver that has expired."""
    for place, waiver in enumerate(policy.waivers):
        if today > waiver.until:
            label = source.label(("waivers", place, "until"))
            yield f"{label} = {waiver.until}: the waiver of {waiver.gate!r} has expired, and its gate fails"


def template(preset: Preset) -> str:
    """A policy file that says what ``preset`` says, key by key."""
    policy = GatePolicy.model_validate({"preset": preset})
    return "\n".join(_template_lines(policy)) + "\n" + _EXAMPLES


def _template_lines(policy: GatePolicy) -> Iterator[str]:
    yield "# Gate policy: run with --csedb-policy FILE, check with csedb policy check FILE. false asks for no gate."
    for name, field in GatePolicy.model_fields.items():
        if name not in (*_TABLES, "waivers"):
            yield f"{name} = {toml_value(getattr(policy, name))}  # {field.description}"
    yield "\n# A comparison with a baseline (--csedb-baseline, csedb compare).\n[baseline]"
    for name, field in BaselinePolicy.model_fields.items():
        yield f"{name} = {toml_value(getattr(policy.baseline, name))}  # {field.description}"


def write_template(path: Path, preset: Preset) -> None:
    """Write a new policy file. Raises ConfigError where there is one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template(preset))
    except FileExistsError:
        raise ConfigError(f"{path}: there is a file already; it is left as it is") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot write the policy: {error.strerror}") from None


def toml_value(value: object) -> str:
    """A value of a policy as TOML spells it; ``None`` as the ``false`` that switches a gate off."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    return json.dumps(False if value is None else value, ensure_ascii=False)
