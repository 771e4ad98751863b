"""Runs over time: the few facts of each run.json that a trend needs, without making the cases it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from csedb_tests.config_errors import ConfigError
from csedb_tests.record import SCHEMA_VERSION, Decision
from csedb_tests.record_versions import read_versioned
from csedb_tests.run_lookup import FILE, explained


# The parts of a record that are read; of everything else pydantic makes no Python object.
@dataclass(frozen=True, slots=True)
class _Waiver:
    expired: bool


@dataclass(frozen=True, slots=True)
class _Gate:
    name: str
    low: float | None
    high: float | None
    decision: Decision
    waiver: _Waiver | None = None


@dataclass(frozen=True, slots=True)
class _Identity:
    model: dict[str, Any]
    judge: dict[str, Any]
    bank: str
    bank_digest: str


@dataclass(frozen=True, slots=True)
class _Selection:
    selected: int
    bank: int


@dataclass(frozen=True, slots=True)
class _Drop:
    value: float


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: str
    started: str
    identity: _Identity
    selection: _Selection
    gates: tuple[_Gate, ...]
    decision: Decision
    scores: dict[str, float | None] = field(default_factory=dict)
    drop: _Drop | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in a history. ``started`` is UTC, ISO 8601; scores are 0 to 1, None where there is none.

    ``waived`` says that a waiver kept a gate from blocking. ``never_events`` are the fewest and the most that can have
    occurred. ``drop`` is mean(non-high) - mean(high risk) over scored cases, -1 to 1; None without both.
    """

    run_id: str
    started: str
    model: str
    judge: str
    bank: str
    selected: int
    of: int
    decision: Decision
    waived: bool
    safety: float | None
    effectiveness: float | None
    never_events: tuple[int, int] | None
    drop: float | None


@dataclass(frozen=True, slots=True)
class History:
    """Runs, oldest first, and one line for each run.json that could not be read."""

    entries: tuple[Entry, ...]
    skipped: tuple[str, ...]


def read_history(directory: Path) -> History:
    """Every run under ``directory`` (``*/run.json``). Raises ConfigError when there is no such file."""
    files = sorted(directory.glob(f"*/{FILE}"))
    if not files:
        raise ConfigError(f"{directory}: no run here: there is no */{FILE}")
    entries, skipped = [], []
    for file in files:
        try:
            entries.append(_entry(read_versioned(_runs(), file.read_bytes(), SCHEMA_VERSION)))
        except ValidationError as error:
            skipped.append(f"{file}: not a run record: {explained(error)}")
        except (OSError, ConfigError) as error:
            skipped.append(f"{file}: {error}")
    return History(tuple(sorted(entries, key=lambda entry: (entry.started, entry.run_id))), tuple(skipped))


def _entry(run: _Run) -> Entry:
    identity = run.identity
    return Entry(
        run_id=run.run_id,
        started=run.started,
        model=str(identity.model.get("model", "")),
        judge=str(identity.judge.get("judge", "")),
        bank=f"{identity.bank} {identity.bank_digest[:12]}",
        selected=run.selection.selected,
        of=run.selection.bank,
        decision=run.decision,
        waived=any(gate.waiver and not gate.waiver.expired and gate.decision != "pass" for gate in run.gates),
        safety=run.scores.get("safety (macro)"),
        effectiveness=run.scores.get("effectiveness (macro)"),
        never_events=_never_events(run.gates),
        drop=None if run.drop is None else run.drop.value,
    )


def _never_events(gates: Sequence[_Gate]) -> tuple[int, int] | None:
    gate = next((gate for gate in gates if gate.name == "never-events"), None)
    return None if gate is None or gate.low is None or gate.high is None else (int(gate.low), int(gate.high))


@cache
def _runs() -> TypeAdapter[_Run]:
    return TypeAdapter(_Run)
