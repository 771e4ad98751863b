"""The lock files that a decision rested on, found where a project keeps them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from csedb_tests.config_errors import ConfigError
from csedb_tests.qualification.lock import read_lock
from csedb_tests.qualification.standing import Now, changes
from csedb_tests.record import RunRecord

JUDGE_LOCK = "judge.lock"
BANK_LOCK = "bank.lock"


def judge_lock(record: RunRecord, named: Path | None, places: Sequence[Path]) -> bytes | None:
    """The lock that fits the run's judge, bank and policy: the one ``named``, else the first of ``places``.

    Raises ConfigError when the one named does not fit.
    """
    if named is not None:
        misfits = list(_misfits(record, named))
        if misfits:
            raise ConfigError(f"--judge-lock: {named} does not fit run {record.run_id}: {misfits[0]}")
        return named.read_bytes()
    return next((path.read_bytes() for path in places if _fits(record, path)), None)


def _fits(record: RunRecord, path: Path) -> bool:
    try:
        return not list(_misfits(record, path))
    except ConfigError:
        return False


def _misfits(record: RunRecord, path: Path) -> Iterator[str]:
    lock = read_lock(path)
    if lock is None:
        yield "there is no such file"
        return
    threshold = record.identity.policy.get("case_threshold", -1.0)
    yield from changes(lock, path.name, Now(record.identity.judge, record.identity.bank_digest, threshold, ""))


def bank_lock(named: Path | None, places: Sequence[Path]) -> bytes | None:
    """The file ``named``, else the first of ``places`` that is there. Raises ConfigError if the one named is not."""
    if named is not None and not named.is_file():
        raise ConfigError(f"--bank-lock: there is no file {named}")
    return next((path.read_bytes() for path in ([named] if named is not None else places) if path.is_file()), None)
