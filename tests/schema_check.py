"""Whether a value is valid against a JSON Schema, for the keywords that the exported schemas use."""

import re
from typing import Any

TYPES: dict[str, Any] = {
    "string": str,
    "array": list,
    "object": dict,
    "number": int | float,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether ``value`` is valid. A keyword that is not known here raises KeyError."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    words = sorted(schema.keys() - REMARKS, key=lambda word: word != "type")  # the others presume the type
    return all(CHECKS[word](value, schema[word], schema, root) for word in words)


def is_a(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("number", "integer"))


def additional_fit(value: Any, arg: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    rest = [key for key in value if key not in schema.get("properties", {})]
    return all(fits(value[key], arg, root) for key in rest) if isinstance(arg, dict) else arg or not rest


REMARKS = {"$schema", "$defs", "title", "description", "default"}
CHECKS: dict[str, Any] = {
    "type": lambda v, arg, s, r: is_a(v, arg),
    "enum": lambda v, arg, s, r: v in arg,
    "const": lambda v, arg, s, r: v == arg,
    "pattern": lambda v, arg, s, r: re.search(arg, v) is not None,
    "minLength": lambda v, arg, s, r: len(v) >= arg,
    "maxLength": lambda v, arg, s, r: len(v) <= arg,
    "minItems": lambda v, arg, s, r: len(v) >= arg,
    "minimum": lambda v, arg, s, r: v >= arg,
    "maximum": lambda v, arg, s, r: v <= arg,
    "items": lambda v, arg, s, r: all(fits(item, arg, r) for item in v),
    "required": lambda v, arg, s, r: set(arg) <= set(v),
    "properties": lambda v, arg, s, r: all(fits(v[key], arg[key], r) for key in arg if key in v),
    "additionalProperties": additional_fit,
    "oneOf": lambda v, arg, s, r: sum(fits(v, option, r) for option in arg) == 1,
    "anyOf": lambda v, arg, s, r: any(fits(v, option, r) for option in arg),
}
