"""Finding the record of a finished run, as people name runs: a directory, its run.json, or a run's id."""

from pathlib import Path

from pydantic import ValidationError

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.record import RunRecord, parse_record

FILE = "run.json"


def find_run(run: str | Path, reports: Path) -> Path:
    """The run.json that ``run`` names: that file, the directory that holds it, or a run's id under ``reports``.

    Raises ConfigError.
    """
    for path in (Path(run), reports / run):
        if path.is_file():
            return path
        if (path / FILE).is_file():
            return path / FILE
    ids = [path.parent.name for path in reports.glob(f"*/{FILE}")]
    raise ConfigError(
        f"{run}: no run here: give a run's directory, its {FILE}, or the id of a run under {reports}."
        f"{nearest(str(run), ids)}"
    )


def read_run(file: Path) -> RunRecord:
    """The record in ``file``. Raises ConfigError, one line, for anything else."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot read the run record: {error.strerror}") from None
    return parse_run(data, str(file))


def parse_run(data: bytes, name: str) -> RunRecord:
    """The record that ``data`` holds. Raises ConfigError, one line that begins with ``name``, for anything else."""
    try:
        return parse_record(data)
    except ValidationError as error:
        raise ConfigError(f"{name}: not a run record of this version: {explained(error)}") from None
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None


def explained(error: ValidationError) -> str:
    """The first thing that is wrong, on one line."""
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else problem["msg"]
