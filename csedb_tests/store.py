"""The store: every answer and verdict that cost a call, kept the moment it arrives, in one SQLite file (WAL).

A key is the digest of everything that could change the result, so a hit is always the result of the same question to
the same model. A second table carries finished cases from the controlling process to pytest-xdist workers.
"""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError

VERSION = 1
BUSY_SECONDS = 30.0
_TABLES = (
    "CREATE TABLE results (key TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, stored REAL NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE finished (number INTEGER PRIMARY KEY, run TEXT NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL)",
    "CREATE INDEX finished_run ON finished (run, number)",
    f"PRAGMA user_version = {VERSION}",
)


def key_of(kind: str, *parts: Any) -> str:
    """The content address of a result: a digest over canonical JSON."""
    text = json.dumps([VERSION, kind, *parts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """One connection to the store's file. Raises ConfigError when the file cannot be used at all.

    What fails later (a full disk, a damaged page) never loses a result of this run: `problem` says what happened, once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None
        # sqlite3 serialises statements, but not what Python keeps beside them: threads need a lock of their own.
        self._lock = threading.Lock()
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._open()
            except BaseException:
                self._connection.close()
                raise

    def _open(self) -> None:
        """Switch to WAL and make the tables, once among all processes that open a new file in the same moment."""
        self._use_wal()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self._version() != VERSION:
            with self._transaction():
                if self._version() == 0:
                    self._create()
        if self._version() != VERSION:
            raise ConfigError(
                f"{self.path}: the store has version {self._version()}, this program reads {VERSION}; "
                "name another file with --csedb-store"
            )

    def _use_wal(self) -> None:
        """SQLite does not wait its busy timeout for this switch when another process is making it: try again."""
        give_up_at = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.01)

    def _version(self) -> int:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def _create(self) -> None:
        if self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ConfigError(f"{self.path}: this is another program's database; name another file with --csedb-store")
        for statement in _TABLES:
            self._connection.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def get(self, key: str) -> Any | None:
        """The stored result, or None. One that cannot be read, or is not what was put, counts as absent."""
        try:
            with self._lock:
                row = self._connection.execute("SELECT payload FROM results WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            self._note(f"cannot read earlier results: {error}; they are asked for again")
            return None
        return None if row is None else _opened(key, row[0])

    def put(self, key: str, kind: str, payload: Any) -> None:
        """Keep a result: one transaction of its own."""
        row = (key, kind, _sealed(key, json.dumps(payload)), time.time())
        self._write("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row)

    def announce(self, run: str, name: str, payload: str) -> None:
        """Hand ``payload`` to the other processes of ``run`` under ``name``."""
        self._write("INSERT INTO finished (run, name, payload) VALUES (?, ?, ?)", (run, name, payload))

    def announced(self, run: str, after: int) -> Sequence[tuple[int, str, str]]:
        """What was announced in ``run`` since number ``after``: (number, name, payload)."""
        query = "SELECT number, name, payload FROM finished WHERE run = ? AND number > ? ORDER BY number"
        with self._lock:
            return self._connection.execute(query, (run, after)).fetchall()

    def forget_run(self, run: str) -> None:
        """Drop what was announced in ``run``: it is over."""
        self._write("DELETE FROM finished WHERE run = ?", (run,))

    def summary(self) -> Sequence[tuple[str, int, int]]:
        """What is kept: (kind, number of results, characters)."""
        query = "SELECT kind, count(*), sum(length(payload)) FROM results GROUP BY kind ORDER BY kind"
        return self._connection.execute(query).fetchall()

    def prune(self, days: float) -> int:
        """Remove results older than ``days`` and what runs left behind; gives the number of results removed."""
        cursor = self._connection.execute("DELETE FROM results WHERE stored < ?", (time.time() - days * 86_400,))
        self._connection.execute("DELETE FROM finished")
        self._connection.execute("VACUUM")
        return cursor.rowcount

    def verify(self) -> Sequence[str]:
        """What is wrong with the file and its results, one line each."""
        problems = [row[0] for row in self._connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        for key, payload in self._connection.execute("SELECT key, payload FROM results"):
            if _opened(key, payload) is None:
                problems.append(f"{key}: damaged; it counts as absent and will be asked for again")
        return problems

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        try:
            with self._lock:
                self._connection.execute(statement, values)
        except sqlite3.Error as error:
            self._note(f"cannot keep results: {error}; this run goes on, the next one will ask for them again")

    def _note(self, problem: str) -> None:
        self.problem = self.problem or f"{self.path}: {problem}"


def _sealed(key: str, text: str) -> str:
    """A payload with a check over it: a damaged page must not turn one verdict into another."""
    return f"{hashlib.sha256(f'{key}{text}'.encode()).hexdigest()[:16]} {text}"


def _opened(key: str, payload: Any) -> Any | None:
    text = payload.partition(" ")[2] if isinstance(payload, str) else ""
    return json.loads(text) if text and _sealed(key, text) == payload else None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ConfigError(
            f"{path}: cannot use this file as the store: {error}; name another with --csedb-store"
        ) from None
