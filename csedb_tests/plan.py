"""What a run is to do, read and checked before anything runs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from csedb_tests.bank import Bank, default_bank_root, load_bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.policy import GatePolicy
from csedb_tests.policy_file import check_names, checked_policy, policy_source
from csedb_tests.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do: settings, gate policy and bank. ``directory`` is what relative paths start from."""

    settings: Settings
    policy: GatePolicy
    bank: Bank
    directory: Path
    run_id: str

    @property
    def reports(self) -> Path:
        """The directory of this run's record and reports."""
        return self.directory / (self.settings.reports or "reports") / self.run_id

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.directory / (self.settings.store or ".csedb/store.db")


def make_plan(options: Mapping[str, Any], directory: Path, run_id: str | None = None) -> Plan:
    """Read settings, policy and bank. Raises ConfigError or BankError, each a complete message; calls no model."""
    settings = load_settings(options, directory)
    source = policy_source(settings, directory)
    policy = checked_policy(source)
    root = directory / settings.cases if settings.cases else default_bank_root()
    if not root.is_dir():
        raise ConfigError(f"--csedb-cases: {root} is not a directory")
    bank = load_bank(root)
    check_names(policy, source, bank.catalogue)
    if settings.reviewed_only and not any(case.is_reviewed for case in bank.cases):
        raise ConfigError(f"--csedb-reviewed-only: no case of {root} is signed as it stands; see csedb sign --check")
    return Plan(settings, policy, bank, directory, run_id or settings.run_id or new_run_id())


def new_run_id() -> str:
    """A name for a run that sorts by time and does not collide."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
