"""Reading records of other versions: an older one goes through numbered steps, a newer one is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter

from csedb_tests.config_errors import ConfigError

Step = Callable[[dict[str, Any]], dict[str, Any]]
STEPS: Mapping[int, Step] = {}
"""``STEPS[n]`` turns the JSON object of a record of version n into one of version n + 1. There is only version 1."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Head:
    schema_version: Annotated[int, Field(strict=True)]


def read_versioned(adapter: TypeAdapter[T], data: bytes, current: int, steps: Mapping[int, Step] = STEPS) -> T:
    """What ``adapter`` makes of the JSON ``data`` of a record, brought to version ``current`` first.

    Raises ConfigError for a version that is newer than ``current`` or too old for the ``steps``, and pydantic's
    ValidationError for anything that is no record.
    """
    version = _heads().validate_json(data).schema_version
    if version == current:
        return adapter.validate_json(data)
    return adapter.validate_python(_upgraded(data, version, current, steps))


def _upgraded(data: bytes, version: int, current: int, steps: Mapping[int, Step]) -> dict[str, Any]:
    if version > current:
        raise ConfigError(
            f"schema_version = {version}: this record was written by a newer csedb-tests, which this one cannot read "
            f"(it reads up to {current}); update csedb-tests"
        )
    missing = [number for number in range(version, current) if number not in steps]
    if missing:
        raise ConfigError(f"schema_version = {version}: no such version was ever written (1 to {current} were)")
    from pydantic_core import from_json

    record: dict[str, Any] = from_json(data)
    for number in range(version, current):
        record = steps[number](record)
    return {**record, "schema_version": current}


@cache
def _heads() -> TypeAdapter[_Head]:
    return TypeAdapter(_Head)
