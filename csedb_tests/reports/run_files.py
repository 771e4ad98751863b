"""The files of a run that follow from its record: ``run.json``, ``summary.md``, ``hazards.csv``, perhaps more."""

from pathlib import Path

from csedb_tests.record import RunRecord, write_record
from csedb_tests.reports.hazards import hazards_csv
from csedb_tests.reports.review_csv import review_csv
from csedb_tests.reports.summary import summary_markdown
from csedb_tests.review_items import open_items


def write_run_files(record: RunRecord, directory: Path) -> None:
    """Write them into ``directory``, which is made if need be; ``review.csv`` after a cross-check."""
    directory.mkdir(parents=True, exist_ok=True)
    write_record(record, directory / "run.json")
    (directory / "summary.md").write_text(summary_markdown(record), encoding="utf-8")
    _write_csv(directory / "hazards.csv", hazards_csv(record))
    if record.judging.cross_check is not None:
        _write_csv(directory / "review.csv", review_csv(open_items(record.cases)))


def _write_csv(path: Path, text: str) -> None:
    # Spreadsheets take a file without the mark for one of their country's old encodings.
    path.write_text(text, encoding="utf-8-sig", newline="")
