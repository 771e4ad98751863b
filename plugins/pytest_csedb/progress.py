"""Live progress: one line that is rewritten on a terminal, one line every half minute in a log, nothing under -q."""

import time
from contextlib import nullcontext
from typing import Any

import pytest

from csedb_tests.ledger import Ledger
from csedb_tests.reports.progress_line import progress_line

ON_TERMINAL = 0.5
IN_LOG = 30.0


class Progress:
    """Shows the ledger of a run that makes calls. `tick` is cheap and may be called as often as one likes."""

    def __init__(self, config: pytest.Config, ledger: Ledger, total: int) -> None:
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._ledger = ledger
        self._total = total
        self.is_live = self._is_terminal() and config.option.verbose == 0
        self._period = ON_TERMINAL if self.is_live else IN_LOG
        self._due = time.monotonic() + self._period
        self._capture: Any = config.pluginmanager.get_plugin("capturemanager")
        self._silent = self._reporter is None or config.option.verbose < 0

    def _is_terminal(self) -> bool:
        return self._reporter is not None and bool(self._reporter.isatty)

    def tick(self) -> None:
        """Show the line if it is time."""
        now = time.monotonic()
        if self._silent or now < self._due:
            return
        self._due = now + self._period
        line = progress_line(self._ledger, self._total)
        with self._capture.global_and_fixture_disabled() if self._capture else nullcontext():
            self._show(line)

    def _show(self, line: str) -> None:
        if self.is_live:
            self._reporter.rewrite(line, erase=True)
        else:
            self._reporter.ensure_newline()
            self._reporter.write_line(line)

    def finish(self) -> None:
        """Leave the cursor on a fresh line."""
        if self.is_live and not self._silent:
            self._reporter.rewrite("", erase=True)
