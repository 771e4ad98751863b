"""The files of a run that follow from its record alone: ``run.json``, ``summary.md`` and perhaps ``review.csv``."""

from pathlib import Path

from csedb_tests.record import RunRecord, write_record
from csedb_tests.reports.review_csv import review_csv
from csedb_tests.reports.summary import summary_markdown
from csedb_tests.review_items import open_items


def write_run_files(record: RunRecord, directory: Path) -> None:
    """Write them into ``directory``, which is made if need be; ``review.csv`` after a cross-check."""
    directory.mkdir(parents=True, exist_ok=True)
    write_record(record, directory / "run.json")
    (directory / "summary.md").write_text(summary_markdown(record), encoding="utf-8")
    if record.judging.cross_check is not None:
        text = review_csv(open_items(record.cases))
        # Spreadsheets take a file without the mark for one of their country's old encodings.
        (directory / "review.csv").write_text(text, encoding="utf-8-sig", newline="")
