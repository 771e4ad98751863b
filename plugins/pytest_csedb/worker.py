"""A pytest-xdist worker: it calls no model, it reads what the controlling process announces."""

import json
import os
import time
from pathlib import Path

from csedb_tests.check import CaseUnscored
from csedb_tests.outcome import unscored_record
from csedb_tests.record import CaseRecord, load_case
from csedb_tests.schema import Case
from csedb_tests.store import Store

PAUSE = 0.01
SELECTED = "!selected"


class Mailbox:
    """The announcements of one run, as a worker reads them."""

    def __init__(self, store: Path, run_id: str, patience: float) -> None:
        self._store = Store(store)
        self._patience = patience
        self._run_id = run_id
        self._last = 0
        self._payloads: dict[str, str] = {}
        self._parent = os.getppid()

    def announce_selected(self, selected: list[str], planned: list[str]) -> None:
        """Tell the controlling process which cases were collected here, and of which whole they are."""
        self._store.announce(self._run_id, SELECTED, json.dumps([selected, planned]))
        if self._store.problem is not None:  # nobody would evaluate the cases, and every worker would wait for them
            raise RuntimeError(self._store.problem)

    def result(self, case: Case) -> CaseRecord:
        """The record of a case; waits for it while the controlling process lives and goes on announcing."""
        heard = time.monotonic()
        while case.id not in self._payloads:
            if self._read():
                heard = time.monotonic()
                continue
            if os.getppid() != self._parent:
                raise CaseUnscored(unscored_record(case, "the controlling process is gone"))
            if time.monotonic() - heard > self._patience:
                raise CaseUnscored(unscored_record(case, f"no result was announced for {self._patience:g} s"))
            time.sleep(PAUSE)
        return load_case(self._payloads[case.id])

    def _read(self) -> bool:
        """Take in what is new; whether anything was."""
        news = self._store.announced(self._run_id, self._last)
        for number, name, payload in news:
            self._last = number
            self._payloads[name] = payload
        return bool(news)


def selected_cases(store: Store, run_id: str) -> tuple[list[str], list[str]]:
    """The selected and the planned case ids that the first worker to finish collecting announced."""
    for _, name, payload in store.announced(run_id, 0):
        if name == SELECTED:
            selected, planned = json.loads(payload)
            return selected, planned
    return [], []
