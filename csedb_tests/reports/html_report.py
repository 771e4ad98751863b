"""report.html from a run record alone."""

import tempfile
from pathlib import Path

from csedb_tests.record import RunRecord


def html_report(record: RunRecord) -> str:
    """The page of ``record``, as pytest-html writes it; the same record gives the same text."""
    with tempfile.TemporaryDirectory(prefix="csedb-") as directory:
        path = Path(directory) / "report.html"
        write_html_report(record, path)
        return path.read_text(encoding="utf-8")


def write_html_report(record: RunRecord, path: Path) -> None:
    """Have pytest-html write the page of ``record`` to ``path``; the same record gives the same bytes.

    Raises OSError where nothing can be written.
    """
    from pytest_csedb.replay import write_html_report as replayed  # the page is pytest-html's, so pytest is needed

    replayed(record, path)
