"""Packing a run: its record read, its locks found, one zip written."""

from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank import default_bank_root
from csedb_tests.evidence.archive import sha256, with_manifests, write_zip
from csedb_tests.evidence.contents import evidence
from csedb_tests.evidence.locks import BANK_LOCK, JUDGE_LOCK, bank_lock, judge_lock
from csedb_tests.record import RunRecord
from csedb_tests.run_lookup import read_run
from csedb_tests.settings import Settings


@dataclass(frozen=True, slots=True)
class Locks:
    """Lock files as the user named them; None has them looked for."""

    judge: Path | None = None
    bank: Path | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack as written: where, what is in it, and the SHA-256 of the zip."""

    path: Path
    files: tuple[str, ...]
    sha256: str


def pack_run(file: Path, out: Path | None, locks: Locks, settings: Settings) -> Packed:
    """Pack the run whose record is ``file`` into ``out``. Raises ConfigError."""
    record = read_run(file)
    found = evidence(record, file, _locks(record, file, locks, settings))
    files = with_manifests(found.files, found.about)
    path = out or file.with_name(f"{record.run_id}-evidence.zip")
    write_zip(files, path)
    return Packed(path, tuple(sorted(files)), sha256(path.read_bytes()))


def _locks(record: RunRecord, file: Path, locks: Locks, settings: Settings) -> dict[str, bytes]:
    bank = Path(settings.cases) if settings.cases else default_bank_root()
    judge_places = [file.with_name(JUDGE_LOCK), Path(settings.judge_lock or JUDGE_LOCK), bank / JUDGE_LOCK]
    bank_places = [file.with_name(BANK_LOCK), Path(settings.bank_lock or BANK_LOCK), bank / BANK_LOCK]
    found = {
        JUDGE_LOCK: judge_lock(record, locks.judge, judge_places),
        BANK_LOCK: bank_lock(locks.bank, bank_places),
    }
    return {name: data for name, data in found.items() if data is not None}
