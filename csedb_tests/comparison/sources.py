"""Reading the baseline of a run, before anything is run."""

from pathlib import Path

from csedb_tests.comparison.sides import Baseline, baseline_of
from csedb_tests.config_errors import ConfigError
from csedb_tests.record import RunRecord
from csedb_tests.run_source import find_run, read_run
from csedb_tests.settings import Settings

OPTION = "--csedb-baseline"


def known_baseline(settings: Settings, directory: Path) -> Baseline | None:
    """The baseline that the settings name, or None. Raises ConfigError: a wrong path must not cost a single call."""
    if settings.baseline is None:
        return None
    if settings.shard:
        raise ConfigError(
            f"{OPTION}: a shard is compared with nothing; merge the parts, then: csedb compare "
            f"{settings.baseline} MERGED"
        )
    return baseline_of(whole_run(find_run(settings.baseline, directory, settings.reports, OPTION), OPTION))


def whole_run(path: Path, what: str) -> RunRecord:
    """A run that is no shard. Raises ConfigError, beginning with ``what``."""
    record = read_run(path)
    if record.selection.shard:
        raise ConfigError(
            f"{what}: run {record.run_id} is shard {record.selection.shard} of a run; put its parts together with "
            "csedb merge"
        )
    return record
