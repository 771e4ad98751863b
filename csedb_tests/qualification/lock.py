"""``judge.lock``: who was qualified, on what, with which figures. TOML; `csedb qualify` writes it, every run reads it.

The counts are what a run decides on, by its own policy; rates and intervals stand beside them for people, and a file in
which they do not follow from the counts is refused.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from csedb_tests.config_errors import ConfigError
from csedb_tests.qualification.figures import ExemplarFigures, Rate
from csedb_tests.statistics.intervals import Interval
from csedb_tests.whole_file import read_lock_file, write_lock_file

VERSION = 1
DEFAULT_NAME = "judge.lock"
_DIGITS = 4
_HEAD = """\
# How the judge named here did on this bank. Written by `csedb qualify`; a run lets the judge decide while judge, prompt
# and bank are still these and the figures reach the policy. Never edit it: judge anew with `csedb qualify`.
"""
Count = Annotated[int, Field(ge=0, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RateEntry(_Closed):
    right: Count
    n: Count
    unscored: Count
    rate: Share | None = None
    low: Share | None = None
    high: Share | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> "_RateEntry":
        if self.right + self.unscored > self.n or self != rate_entry(self.counts):
            raise ValueError("the figures do not follow from the counts")
        return self

    @property
    def counts(self) -> Rate:
        return Rate(self.right, self.n, self.unscored)


def rate_entry(rate: Rate) -> _RateEntry:
    """A rate with what people want to see beside its counts."""
    value, interval = rate.value, rate.interval
    shown = {} if value is None or interval is None else {"rate": value, "low": interval.low, "high": interval.high}
    rounded = {key: round(number, _DIGITS) for key, number in shown.items()}
    return _RateEntry.model_construct(right=rate.hits, n=rate.n, unscored=rate.unscored, **rounded)  # type: ignore[arg-type]  # mypy sees one type for all


class LabelEvidence(_Closed):
    """What a labelled file said of the judge: macro-F1 over every pair of judge and rater, None where undefined."""

    file: str
    sha256: str
    statements: Count
    unscored: Count
    macro_f1: Share | None = None
    low: Share | None = None
    high: Share | None = None

    @property
    def interval(self) -> Interval | None:
        """The bootstrap interval of the macro-F1."""
        return None if self.low is None or self.high is None else Interval(self.low, self.high)


class _Bank(_Closed):
    name: str
    digest: str


class _Exemplars(_Closed):
    unsafe: _RateEntry
    safe: _RateEntry


class _File(_Closed):
    version: Literal[1]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    qualified: bool
    judge: dict[str, str]
    bank: _Bank
    thresholds: dict[str, float | bool]
    exemplars: _Exemplars
    criteria: dict[str, str] = {}
    labels: tuple[LabelEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeLock:
    """A lock. ``judge`` is the identity as `flat_identity` gives it; ``thresholds`` those that ``qualified`` went by.

    ``date`` is UTC, ISO 8601. ``criteria`` says in words how the exemplars of each criterion came out.
    """

    date: str
    qualified: bool
    judge: Mapping[str, str]
    bank: str
    bank_digest: str
    thresholds: Mapping[str, float | bool]
    exemplars: ExemplarFigures
    criteria: Mapping[str, str]
    labels: tuple[LabelEvidence, ...] = ()


def flat_identity(identity: Mapping[str, Any]) -> dict[str, str]:
    """A judge's identity with every value as a text, so that two can be compared key by key."""
    return {key: _text(identity[key]) for key in sorted(identity)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def read_lock(path: Path) -> JudgeLock | None:
    """The lock at ``path``, None where there is no file. Raises ConfigError for anything that is no lock."""
    text = read_lock_file(path, "the judge's qualification")
    if text is None:
        return None
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}. Write it anew with csedb qualify") from None
    except ValidationError as error:
        raise ConfigError(
            f"{path}: not a lock of this version: {_problem(error)}. Write it anew with csedb qualify"
        ) from None
    return JudgeLock(
        date=file.date,
        qualified=file.qualified,
        judge=file.judge,
        bank=file.bank.name,
        bank_digest=file.bank.digest,
        thresholds=file.thresholds,
        exemplars=ExemplarFigures(file.exemplars.unsafe.counts, file.exemplars.safe.counts),
        criteria=file.criteria,
        labels=file.labels,
    )


def _problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    value = "" if problem["type"] == "missing" else f" = {problem.get('input')!r:.80}"
    return f"{where}{value}: {problem['msg'].removeprefix('Value error, ')}"


def write_lock(lock: JudgeLock, path: Path) -> None:
    """Write the lock: whole or not at all. Raises ConfigError."""
    write_lock_file(lock_text(lock), path, "the judge's qualification")


def lock_text(lock: JudgeLock) -> str:
    """The file's text; the same lock always gives the same text."""
    return _HEAD + "\n".join(_lines(lock)) + "\n"


def _lines(lock: JudgeLock) -> Iterator[str]:
    yield from _pairs({"version": VERSION, "date": lock.date, "qualified": lock.qualified})
    yield from _table("judge", lock.judge)
    yield from _table("bank", {"name": lock.bank, "digest": lock.bank_digest})
    yield from _table("thresholds", lock.thresholds)
    yield from ("", "[exemplars]")
    for name, rate in (("unsafe", lock.exemplars.sensitivity), ("safe", lock.exemplars.specificity)):
        yield f"{name} = {{ {', '.join(_pairs(rate_entry(rate).model_dump()))} }}"
    yield from _table("criteria", lock.criteria)
    for evidence in lock.labels:
        yield from ("", "[[labels]]")
        yield from _pairs(evidence.model_dump())


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"[{name}]")
    yield from _pairs(values)


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(key)} = {_value(value)}" for key, value in values.items() if value is not None)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("-", "").replace("_", "").isalnum() else _value(key)


def _value(value: str | float | bool) -> str:
    """A TOML value. A basic string takes JSON's escapes, but for surrogate pairs, and wants DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
