"""The files of a run that follow from its record alone: ``run.json``, ``summary.md`` and ``hazards.csv``."""

from pathlib import Path

from csedb_tests.record import RunRecord, write_record
from csedb_tests.reports.hazards import hazards_csv
from csedb_tests.reports.summary import summary_markdown


def write_run_files(record: RunRecord, directory: Path) -> None:
    """Write all three into ``directory``, which is made if need be."""
    directory.mkdir(parents=True, exist_ok=True)
    write_record(record, directory / "run.json")
    (directory / "summary.md").write_text(summary_markdown(record), encoding="utf-8")
    (directory / "hazards.csv").write_text(hazards_csv(record), encoding="utf-8", newline="")
