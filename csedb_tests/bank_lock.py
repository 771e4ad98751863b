"""``bank.lock``: the ids and digests of a bank's cases. `csedb lock` writes it, and every run is held against it.

Plain text, one case a line, so that a change of the bank shows as lines changed in a review.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank import Bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.schema import Case
from csedb_tests.whole_file import read_lock_file, write_lock_file

DEFAULT_NAME = "bank.lock"
_HEAD = """\
# The cases of the bank, by digest of what is asked and judged. Written by `csedb lock`; a run whose bank lacks one of
# these cases, or holds another text under its id, cannot pass. Never edit it: see `csedb lock --check`, write it anew.
"""
_LINE = re.compile(r"([0-9a-f]{32})  ([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class BankLock:
    """Case digests by id."""

    digests: Mapping[str, str]


def case_digest(case: Case) -> str:
    """Half a SHA-256 over what is asked, what is judged and what that weighs; id, title, exemplars and sources are not.

    Department and risk are in it as they decide which gates a case speaks to, patterns as the offline judge reads them.
    """
    criterion = case.criterion
    parts = [
        [case.department, criterion.code, criterion.track, criterion.scoring, float(criterion.weight), case.risk],
        [[turn.role, turn.content] for turn in case.turns],
        [[rule.id, rule.text, float(rule.points), *rule.patterns] for rule in case.rules],
        [[never.id, never.text, never.hazard, *never.patterns] for never in case.never],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def lock_of(bank: Bank) -> BankLock:
    """The lock that a bank would have."""
    return BankLock({case.id: case_digest(case) for case in bank.cases})


def lock_text(lock: BankLock) -> str:
    """The file's text; the same bank always gives the same text."""
    lines = [f"{digest}  {case_id}" for case_id, digest in sorted(lock.digests.items())]
    return "\n".join([f"{_HEAD}cases: {len(lines)}", *lines]) + "\n"


def write_bank_lock(lock: BankLock, path: Path) -> None:
    """Write the lock: whole or not at all. Raises ConfigError."""
    write_lock_file(lock_text(lock), path, "the bank's lock")


def read_bank_lock(path: Path) -> BankLock | None:
    """The lock at ``path``, None where there is no file. Raises ConfigError, with the line, for anything else."""
    text = read_lock_file(path, "the bank's lock")
    return None if text is None else _parsed(text, path.name)


def _parsed(text: str, name: str) -> BankLock:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
    if not lines or not re.fullmatch(r"cases: [1-9]\d*", lines[0][1]):
        raise ConfigError(f"{name}: not a bank lock: the line 'cases: N' is missing. Write it with csedb lock")
    digests = dict(_entries(lines[1:], name))
    wanted = int(lines[0][1].partition(" ")[2])
    if len(digests) != wanted:
        raise ConfigError(f"{name}:{lines[0][0]}: says {wanted} cases, but holds {len(digests)}. Was it edited?")
    return BankLock(digests)


def _entries(lines: list[tuple[int, str]], name: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ConfigError(f"{name}:{number}: {line!r:.80} is not a digest, two spaces and a case id")
        if found[2] in seen:
            raise ConfigError(f"{name}:{number}: the case {found[2]!r} stands here twice")
        seen.add(found[2])
        yield found[2], found[1]
