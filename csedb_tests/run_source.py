"""Finding and reading the record of a finished run."""

from pathlib import Path

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.record import SCHEMA_VERSION, RunRecord, read_record


def find_run(run: str | Path, directory: Path, reports: str | None, what: str) -> Path:
    """The run.json of ``run``: a report directory, a run.json, or a run's id among the reports.

    Relative paths start from ``directory``; ``reports`` is the setting. Raises ConfigError, beginning with ``what``.
    """
    home = directory / (reports or "reports")
    for path in (directory / run, home / run):
        if path.is_dir() and (path / "run.json").is_file():
            return path / "run.json"
        if path.is_file():
            return path
    known = sorted(path.parent.name for path in home.glob("*/run.json"))
    if (directory / run).is_dir():
        raise ConfigError(f"{what}: {run} holds no run.json")
    raise ConfigError(
        f"{what}: there is no run {str(run)!r}: give a report directory, a run.json or the id of a run in {home} "
        f"({_listed(known)}).{nearest(str(run), known)}"
    )


def _listed(known: list[str]) -> str:
    if not known:
        return "it holds no run"
    return f"it holds {', '.join(known[-5:])}" + (f" and {len(known) - 5} older" if len(known) > 5 else "")


def read_run(path: Path) -> RunRecord:
    """The record in the file ``path``, or in the report directory. Raises ConfigError for anything else."""
    from pydantic import ValidationError

    file = path / "run.json" if path.is_dir() else path
    try:
        record = read_record(file)
    except OSError as error:
        raise ConfigError(f"{file}: cannot read the run record: {error.strerror}") from None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise ConfigError(f"{file}: not a run record of this version: {where}: {problem['msg']}") from None
    if record.schema_version != SCHEMA_VERSION:
        raise ConfigError(
            f"{file}: a run record of version {record.schema_version}; this csedb-tests reads version {SCHEMA_VERSION}"
        )
    return record
