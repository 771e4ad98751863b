"""The files that follow from a record alone, by name: the same record gives the same bytes, whenever it is asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.record import RunRecord
from csedb_tests.reports.hazards import hazards_csv
from csedb_tests.reports.junit import junit_xml
from csedb_tests.reports.model_card import model_card
from csedb_tests.reports.review_csv import review_csv
from csedb_tests.reports.summary import summary_markdown
from csedb_tests.review_items import open_items

# Spreadsheets take a file without the mark for one of their country's old encodings.
_CSV = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Output:
    """A file's name, and what writes its text."""

    file: str
    text: Callable[[RunRecord], str]
    encoding: str = "utf-8"

    def data(self, record: RunRecord) -> bytes:
        """The file's bytes."""
        return self.text(record).encode(self.encoding)


OUTPUTS: Mapping[str, Output] = {
    "summary": Output("summary.md", summary_markdown),
    "hazards": Output("hazards.csv", hazards_csv, _CSV),
    "review": Output("review.csv", lambda record: review_csv(open_items(record.cases)), _CSV),
    "junit": Output("junit.xml", junit_xml),
    "model-card": Output("model-card.md", model_card),
}


def outputs_of_run(record: RunRecord) -> tuple[str, ...]:
    """What every run writes of itself; ``review.csv`` after a cross-check only."""
    return ("summary", "hazards") if record.judging.cross_check is None else ("summary", "hazards", "review")


def all_outputs(record: RunRecord) -> tuple[str, ...]:
    """Every output that has something to say of the run."""
    return (*outputs_of_run(record), "junit", "model-card")


def write_outputs(record: RunRecord, names: Iterable[str], directory: Path) -> list[Path]:
    """Write the named `OUTPUTS` into ``directory``, which is made if need be; gives their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for output in (OUTPUTS[name] for name in names):
        path = directory / output.file
        path.write_bytes(output.data(record))
        written.append(path)
    return written
