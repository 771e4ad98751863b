"""The store: every answer and verdict that cost a call, kept the moment it arrives, in one SQLite file (WAL).

A key is the digest of everything that could change the result, so a hit is always the result of the same question to
the same model. A second table carries finished cases from the controlling process to pytest-xdist workers.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError

VERSION = 1
BUSY_SECONDS = 30.0
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, stored REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS finished (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS finished_run ON finished (run, number);
PRAGMA user_version = {VERSION};
"""


def key_of(kind: str, *parts: Any) -> str:
    """The content address of a result: a digest over canonical JSON."""
    text = json.dumps([VERSION, kind, *parts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """One connection to the store's file. Raises ConfigError when the file cannot be used at all.

    A write that fails (a full disk) never loses the result for this run: `problem` says what happened, once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._prepare()

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise ConfigError(
                f"{self.path}: the store has version {version}, this program reads {VERSION}; "
                "name another file with --csedb-store"
            )
        if version == 0:
            self._connection.executescript(_SCHEMA)

    def get(self, key: str) -> Any | None:
        """The stored result, or None. A payload that cannot be read counts as absent."""
        row = self._connection.execute("SELECT payload FROM results WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else json.loads(row[0])
        except ValueError:
            return None

    def put(self, key: str, kind: str, payload: Any) -> None:
        """Keep a result: one transaction of its own."""
        row = (key, kind, json.dumps(payload), time.time())
        self._write("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row)

    def announce(self, run: str, name: str, payload: str) -> None:
        """Hand ``payload`` to the other processes of ``run`` under ``name``."""
        self._write("INSERT INTO finished (run, name, payload) VALUES (?, ?, ?)", (run, name, payload))

    def announced(self, run: str, after: int) -> Sequence[tuple[int, str, str]]:
        """What was announced in ``run`` since number ``after``: (number, name, payload)."""
        query = "SELECT number, name, payload FROM finished WHERE run = ? AND number > ? ORDER BY number"
        return self._connection.execute(query, (run, after)).fetchall()

    def forget_run(self, run: str) -> None:
        """Drop what was announced in ``run``: it is over."""
        self._write("DELETE FROM finished WHERE run = ?", (run,))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            self.problem = self.problem or f"{self.path}: cannot keep results: {error}"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ConfigError(
            f"{path}: cannot use this file as the store: {error}; name another with --csedb-store"
        ) from None
