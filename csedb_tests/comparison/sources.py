"""Reading the runs that are compared: a run's baseline before anything is run, others by name."""

from pathlib import Path

from csedb_tests.comparison.sides import Baseline, baseline_of
from csedb_tests.config_errors import ConfigError
from csedb_tests.record import RunRecord
from csedb_tests.run_lookup import find_run, read_run
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
    try:
        return baseline_of(whole_run(settings.baseline, settings, directory))
    except ConfigError as error:
        raise ConfigError(f"{OPTION}: {error}") from None


def whole_run(run: str, settings: Settings, directory: Path) -> RunRecord:
    """The run that ``run`` names: a report directory, a run.json, or a run's id among the reports.

    Relative paths start from ``directory``. Raises ConfigError, for a shard too: a part of a run is no baseline.
    """
    here = directory / run
    record = read_run(find_run(here if here.exists() else run, directory / (settings.reports or "reports")))
    if record.selection.shard:
        raise ConfigError(
            f"run {record.run_id} is shard {record.selection.shard} of a run; put its parts together with csedb merge"
        )
    return record
