"""What GitHub Actions shows of a run: annotations, and the step's summary.

A runner takes a line for a command that begins, after white space, with ``::``, and one that holds ``##[`` anywhere
(actions/runner, ActionCommand.cs). Model text must never be such a line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from csedb_tests.record import GateRecord, RunRecord
from csedb_tests.reports.gate_table import decision_line, gate_text, occurrences
from csedb_tests.reports.summary import LINKS, summary_markdown
from csedb_tests.text import one_line, shortened

Level = Literal["error", "warning", "notice"]

MOST_ANNOTATIONS = 10
"""GitHub shows this many of each level from one step, the first ones."""
LARGEST_SUMMARY = 1024 * 1024
"""Bytes that GitHub takes from one step; of a longer summary it shows nothing."""
_LONGEST = 500
_CUT = "\n\n**Cut here:** GitHub shows no more than 1 MiB of a step; the run's own summary.md holds the rest.\n"
_BLANK = r"(?:[^\S\r\n]|\x1b\[[0-9;]*[A-Za-z])*"
_COMMAND = re.compile(rf"((?:\A|[\r\n]){_BLANK}):(?=:)|##(?=\[)")
_ENDS_BLANK = re.compile(rf"(?:\A|[\r\n]){_BLANK}\Z")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message on the workflow run's page."""

    level: Level
    title: str
    message: str

    @property
    def command(self) -> str:
        """The line that makes a runner show it."""
        message = escaped(shortened(one_line(self.message), _LONGEST))
        return f"::{self.level} title={escaped_property(one_line(self.title))}::{message}"


def annotations(record: RunRecord) -> list[Annotation]:
    """The decision, then what led to it: never-events and failed gates, then what is undecided or waived."""
    failed = [gate for gate in record.gates if gate.effect == "fail"]
    doubtful = [gate for gate in record.gates if gate.effect == "inconclusive" or gate.is_waived]
    errors = [*_decision(record), *_never_events(record), *_gates(failed, "error")]
    warnings = [*_gates(doubtful, "warning"), *_unscored(record)]
    return [*_first("error", errors), *_first("warning", warnings)]


def _decision(record: RunRecord) -> Iterator[Annotation]:
    """The decision, with the failed gates by name: never-events may leave no annotation for these."""
    level: Level = "notice" if record.exit_code == 0 else "error"
    failed = ", ".join(gate.name for gate in record.gates if gate.effect == "fail")
    parts = (decision_line(record), f"failed: {failed}" if failed else "", *record.problems)
    yield Annotation(level, "Clinical safety gate", "; ".join(filter(None, parts)))


def _never_events(record: RunRecord) -> Iterator[Annotation]:
    for occurrence in occurrences(record.cases):
        quote = f' "{occurrence.quote}"' if occurrence.quote else ""
        yield Annotation("error", "Never-event", occurrence.text + quote)


def _gates(gates: Sequence[GateRecord], level: Level) -> Iterator[Annotation]:
    return (Annotation(level, f"Gate {gate.name}", gate_text(gate)) for gate in gates)


def _unscored(record: RunRecord) -> Iterator[Annotation]:
    unscored = [case.case.id for case in record.cases if case.status == "error"]
    if unscored:
        yield Annotation("warning", "Unscored cases", f"{len(unscored)}: {', '.join(unscored)}")


def _first(level: Level, found: list[Annotation]) -> list[Annotation]:
    """As many as GitHub shows, the last one saying how many there are beside these."""
    if len(found) <= MOST_ANNOTATIONS:
        return found
    kept = found[: MOST_ANNOTATIONS - 1]
    return [
        *kept,
        Annotation(level, "And more", f"{len(found) - len(kept)} more in the run's summary.md and hazards.csv"),
    ]


def escaped(text: str) -> str:
    """``text`` as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """``text`` as the value of a workflow command's property."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def inert(text: str, *, at_line_start: bool = True) -> str:
    """``text`` with a backslash in everything that a runner would take for a command.

    ``at_line_start`` says whether nothing but white space stands before it on its line.
    """
    return _COMMAND.sub(_blunted, text) if at_line_start else _COMMAND.sub(_blunted, f".{text}")[1:]


def _blunted(found: re.Match[str]) -> str:
    return "#\\#" if found[1] is None else f"{found[1]}\\:"


def ends_blank(text: str, *, at_line_start: bool) -> bool:
    """Whether after ``text`` nothing but white space stands on the line, given whether that was so before it."""
    return _ENDS_BLANK.search(text if at_line_start else f".{text}") is not None


def step_summary(record: RunRecord, env: Mapping[str, str], room: int) -> str:
    """summary.md for a step's page, in at most ``room`` bytes; its links lead to the workflow run and its artifacts."""
    text = summary_markdown(record, _links(env))
    data = text.encode()
    if len(data) <= room:
        return text
    kept = data[: max(0, room - len(_CUT.encode()))].decode(errors="ignore")
    return kept.rpartition("\n")[0] + _CUT if kept else ""


def _links(env: Mapping[str, str]) -> str:
    parts = [env.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if not all(parts):
        return re.sub(r"\[(.*?)\]\(.*?\)", r"`\1`", LINKS)
    server, repository, run = parts
    return f"Files of this run: [artifacts]({server}/{repository}/actions/runs/{run}#artifacts)"
