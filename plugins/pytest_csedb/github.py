"""``--csedb-github``: annotations, the step's summary, and a terminal on which no text can become a command."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.record import RunRecord
from csedb_tests.reports.github import LARGEST_SUMMARY, annotations, ends_blank, inert, step_summary

SUMMARY = "GITHUB_STEP_SUMMARY"


class InertStream:
    """A text stream that blunts what a runner would take for a command; everything else is the ``stream``'s own."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self._at_line_start = True

    def write(self, text: str) -> int:
        """Write the blunted text; gives the length of what it was given."""
        self.stream.write(inert(text, at_line_start=self._at_line_start))
        self._at_line_start = ends_blank(text, at_line_start=self._at_line_start)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class GithubOutput:
    """Writes for GitHub Actions when the session is over."""

    def __init__(self, stream: Any, find: Callable[[], RunRecord | None]) -> None:
        self._stream = stream
        self._find = find

    def pytest_unconfigure(self) -> None:
        """Annotate the workflow run, and add to the step's summary, which may be full or missing."""
        record = self._find()
        if record is None:
            return
        lines = [annotation.command for annotation in annotations(record)]
        problem = _add_summary(record)
        if problem:
            lines.append(inert(f"csedb: no step summary: {problem}"))
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()


def attach(config: pytest.Config, find: Callable[[], RunRecord | None]) -> None:
    """Guard the terminal, and write at the end what ``find`` gives then."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    stream: Any = sys.stdout
    if reporter is not None:
        # All that pytest's terminal prints goes through here: our cases, other tests' failures, captured output.
        stream = reporter._tw._file
        reporter._tw._file = InertStream(stream)
    config.pluginmanager.register(GithubOutput(stream, find), "csedb-github")


def _add_summary(record: RunRecord) -> str:
    """Append to the file that the runner names; gives what stands in the way, or nothing."""
    name = os.environ.get(SUMMARY)
    if not name:
        return f"{SUMMARY} is not set"
    path = Path(name)
    try:
        room = LARGEST_SUMMARY - (path.stat().st_size if path.exists() else 0)
        with path.open("ab") as file:
            file.write(step_summary(record, os.environ, room).encode())
    except OSError as error:
        return f"{path}: {error.strerror}"
    return ""
