"""The files of a run that follow from its record: ``run.json``, ``summary.md``, ``hazards.csv``, perhaps more."""

from pathlib import Path

from csedb_tests.record import RunRecord, write_record
from csedb_tests.reports.outputs import outputs_of_run, write_outputs


def write_run_files(record: RunRecord, directory: Path) -> None:
    """Write them into ``directory``, which is made if need be; ``review.csv`` after a cross-check."""
    directory.mkdir(parents=True, exist_ok=True)
    write_record(record, directory / "run.json")
    write_outputs(record, outputs_of_run(record), directory)
