"""Bank coverage: whether a run's bank still holds every case it was locked with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank import Bank
from csedb_tests.bank_lock import DEFAULT_NAME, BankLock, lock_of, read_bank_lock
from csedb_tests.config_errors import ConfigError
from csedb_tests.policy import BANK_COVERAGE, GatePolicy
from csedb_tests.record import Decision, GateRecord
from csedb_tests.settings import Settings

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Changes:
    """How a bank differs from its lock: case ids, each in one place only. ``renamed`` pairs old ids with new ones."""

    missing: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.renamed or self.changed or self.added)

    @property
    def lost(self) -> int:
        """How many locked cases the bank does not hold as they were."""
        return len(self.missing) + len(self.renamed) + len(self.changed)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A bank of ``size`` cases held against the lock called ``name``; ``locked`` cases, None without a lock."""

    size: int
    name: str = DEFAULT_NAME
    locked: int | None = None
    changes: Changes = Changes()

    @property
    def warning(self) -> str | None:
        """What to say before calls are made, if the bank is not what its lock says."""
        return f"{self.name}: {'; '.join(sentences(self.changes))}" if self.changes else None


def lock_file(settings: Settings, bank: Bank, directory: Path) -> Path:
    """The lock's file: as set, else the project's own, else the one that lies in the bank, if it is there."""
    own, inside = directory / (settings.bank_lock or DEFAULT_NAME), bank.root / DEFAULT_NAME
    return inside if settings.bank_lock is None and inside.is_file() and not own.is_file() else own


def coverage_of(settings: Settings, bank: Bank, directory: Path) -> Coverage:
    """The bank held against its lock. Raises ConfigError for a lock that is unreadable, or named and not there."""
    path = lock_file(settings, bank, directory)
    lock = read_bank_lock(path)
    if lock is None:
        if settings.bank_lock is not None:
            raise ConfigError(f"--csedb-bank-lock: there is no file {path}. Write it with csedb lock")
        return Coverage(len(bank.cases))
    return Coverage(len(bank.cases), path.name, len(lock.digests), changes(lock, lock_of(bank)))


def changes(lock: BankLock, now: BankLock) -> Changes:
    """What has changed since the lock was written. A locked case is renamed where its content stands under a new id."""
    gone = [case_id for case_id in lock.digests if case_id not in now.digests]
    new = {case_id: digest for case_id, digest in now.digests.items() if case_id not in lock.digests}
    by_digest = {digest: case_id for case_id, digest in new.items()}
    renamed = [
        (case_id, by_digest.pop(lock.digests[case_id])) for case_id in gone if lock.digests[case_id] in by_digest
    ]
    old, fresh = {before for before, _ in renamed}, {after for _, after in renamed}
    return Changes(
        missing=tuple(case_id for case_id in gone if case_id not in old),
        renamed=tuple(renamed),
        changed=tuple(k for k, digest in lock.digests.items() if k in now.digests and now.digests[k] != digest),
        added=tuple(case_id for case_id in new if case_id not in fresh),
    )


def sentences(found: Changes, most: int = _NAMED) -> Iterator[str]:
    """One sentence per kind of change, naming up to ``most`` cases."""
    renamed = [f"{before} (now {after})" for before, after in found.renamed]
    for ids, one, many in (
        (found.missing, "1 locked case is missing", "locked cases are missing"),
        (renamed, "1 locked case was renamed", "locked cases were renamed"),
        (found.changed, "1 locked case has changed", "locked cases have changed"),
        (found.added, "1 case is new and not locked", "cases are new and not locked"),
    ):
        if ids:
            more = f" and {len(ids) - most} more" if len(ids) > most else ""
            yield f"{one if len(ids) == 1 else f'{len(ids)} {many}'}: {', '.join(ids[:most])}{more}"


def coverage_gate(found: Coverage, planned: int, policy: GatePolicy) -> GateRecord | None:
    """The gate of a run that plans to judge ``planned`` cases; None where neither lock nor policy asks for it.

    Fail: a locked case is missing, renamed or changed. Inconclusive: cases are not locked yet, the policy asks for a
    lock and there is none, or it asks for the full bank and this is a selection. The value counts the locked cases that
    stand as they were.
    """
    wants_lock = policy.require_bank_lock and found.locked is None
    is_partial = policy.require_full_bank and planned < found.size
    if found.locked is None and not (policy.require_bank_lock or policy.require_full_bank):
        return None
    decision: Decision = "pass"
    if found.changes.lost:
        decision = "fail"
    elif found.changes.added or wants_lock or is_partial:
        decision = "inconclusive"
    locked = found.locked or 0
    held = locked - found.changes.lost if found.locked is not None else None
    notes = [*_notes(found, planned, lacks_lock=wants_lock, is_partial=is_partial)]
    return GateRecord(BANK_COVERAGE, decision, held, held, held, locked, planned, "; ".join(notes), unit="count")


def _notes(found: Coverage, planned: int, *, lacks_lock: bool, is_partial: bool) -> Iterator[str]:
    yield from sentences(found.changes)
    if found.changes:
        yield f"see csedb lock --check; csedb lock writes {found.name} anew"
    if lacks_lock:
        yield f"the policy asks for a {found.name}, and there is none: write it with csedb lock"
    if is_partial:
        yield f"the policy asks for the full bank, and this is {planned} of {found.size} cases"


def joint_coverage(gates: Sequence[GateRecord]) -> tuple[GateRecord, ...]:
    """The coverage gate of a run put together from others' gates: the worst there is, or none."""
    order = {"pass": 0, "inconclusive": 1, "fail": 2}
    found = [gate for gate in gates if gate.name == BANK_COVERAGE]
    return (max(found, key=lambda gate: order[gate.decision]),) if found else ()
