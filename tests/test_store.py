"""The store: nothing put is lost, nothing damaged is believed, and trouble is said once and in one line."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.config_errors import ConfigError
from csedb_tests.store import VERSION, Store, key_of
from tests.conftest import Gate
from tests.loopback import BankScript, LoopbackServer, Reply, Seen, completion

NOBODY = 65534
PAYLOADS = st.dictionaries(st.text(), st.text(st.characters()) | st.integers() | st.none() | st.lists(st.booleans()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path)
    yield opened
    opened.close()


def run_python(code: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def text_of_failure(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        Store(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Content


@given(payload=PAYLOADS)
def test_what_is_put_comes_back_equal_and_at_once_for_others(tmp_path_factory: pytest.TempPathFactory, payload):
    path = tmp_path_factory.getbasetemp() / "one-store.db"
    with closing(Store(path)) as writer, closing(Store(path)) as reader:
        key = key_of("answer", payload)
        writer.put(key, "answer", payload)
        assert reader.get(key) == payload


def test_a_later_result_of_the_same_question_replaces_the_earlier(store: Store):
    store.put("k", "answer", {"text": "first"})
    store.put("k", "answer", {"text": "second"})
    assert store.get("k") == {"text": "second"}


@given(st.lists(st.tuples(st.text(max_size=3), st.integers()), max_size=4), st.data())
def test_a_key_depends_on_every_part_and_on_no_order_of_keys(pairs: list[tuple[str, int]], data: st.DataObject):
    shuffled = dict(data.draw(st.permutations(list(dict(pairs).items()))))
    assert key_of("answer", dict(pairs), 0) == key_of("answer", shuffled, 0)
    assert key_of("answer", dict(pairs), 0) != key_of("answer", dict(pairs), 1)
    assert key_of("answer", dict(pairs), 0) != key_of("verdicts", dict(pairs), 0)


def test_parts_cannot_run_into_each_other():
    assert key_of("answer", "a", "bc") != key_of("answer", "ab", "c")


def test_the_file_is_in_wal_mode(store: Store, path: Path):
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# Announcements


def test_announcements_of_a_run_are_read_in_order_and_each_once(store: Store):
    for number in range(3):
        store.announce("run", f"case-{number}", str(number))
    store.announce("another run", "case-9", "9")
    first = store.announced("run", 0)
    assert [(name, payload) for _, name, payload in first] == [("case-0", "0"), ("case-1", "1"), ("case-2", "2")]
    assert store.announced("run", first[-1][0]) == []


def test_a_run_that_is_over_leaves_no_announcements(store: Store):
    store.announce("run", "case", "{}")
    store.announce("another run", "case", "{}")
    store.forget_run("run")
    assert store.announced("run", 0) == []
    assert len(store.announced("another run", 0)) == 1


# Several processes

WRITER = """
import sys
from pathlib import Path
from csedb_tests.store import Store
store = Store(Path(sys.argv[1]))
print("open", flush=True)
for number in range(int(sys.argv[3])):
    store.put(f"{sys.argv[2]}-{number}", "answer", {"by": sys.argv[2], "text": "a" * 500})
    print(number, flush=True)
assert store.problem is None, store.problem
"""


def test_six_processes_open_a_new_file_at_once_and_lose_nothing(path: Path):
    writers = [run_python(WRITER, path, name, 50) for name in "abcdef"]
    for writer in writers:
        assert writer.communicate(timeout=60)[1] == ""
        assert writer.returncode == 0
    with closing(Store(path)) as store:
        for name in "abcdef":
            assert all(store.get(f"{name}-{number}") == {"by": name, "text": "a" * 500} for number in range(50))


def test_a_writer_killed_in_full_flight_loses_nothing_that_was_put(path: Path):
    with run_python(WRITER, path, "a", 1_000_000) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    last = int([line for line in lines if line.endswith("\n")][-1])
    with closing(Store(path)) as store:
        assert last >= 198
        assert all(store.get(f"a-{number}") is not None for number in range(last + 1))


def test_a_file_half_made_by_a_killed_process_is_finished_by_the_next(path: Path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    with closing(Store(path)) as store:
        store.put("k", "answer", {})
        assert store.get("k") == {}


# Files that are no store


def test_another_version_is_named_and_left_untouched(store: Store, path: Path):
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 6}")
    assert text_of_failure(path) == (
        f"{path}: the store has version {VERSION + 6}, this program reads {VERSION}; "
        "name another file with --csedb-store"
    )


def test_a_file_that_is_no_database_is_named(path: Path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 500)
    text = text_of_failure(path)
    assert text.startswith(f"{path}: cannot use this file as the store: file is not a database")
    assert path.read_bytes() == b"not a database at all" * 500


def test_another_program_s_database_is_left_alone(path: Path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE results (name TEXT)")
    assert "this is another program's database" in text_of_failure(path)


def test_a_directory_in_the_file_s_place_is_named(path: Path):
    path.mkdir(parents=True)
    assert text_of_failure(path).startswith(f"{path}: cannot use this file as the store: ")


def test_a_file_in_the_directory_s_place_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert "cannot use this file as the store" in text_of_failure(tmp_path / "file" / "store.db")


def test_a_corrupt_store_stops_the_run_with_one_line(gate: Gate, tmp_path: Path):
    (tmp_path / "bad.db").write_bytes(b"x" * 5000)
    result = gate(f"--csedb-store={tmp_path / 'bad.db'}", "--csedb-model=python:json:dumps")
    assert result.ret == 4
    lines = [*result.outlines, *result.errlines]
    assert [line for line in lines if "not a database" in line] == [
        f"ERROR: {tmp_path / 'bad.db'}: cannot use this file as the store: "
        "file is not a database; name another with --csedb-store"
    ]
    assert not [line for line in lines if "Traceback" in line]


@contextmanager
def powerless() -> Iterator[None]:
    """Root may write anywhere: be somebody else for a while."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_directory_is_named(exists: bool):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if exists:
            Store(folder / "store.db").close()
        folder.chmod(0o555)
        with powerless():
            text = text_of_failure(folder / "store.db")
        folder.chmod(0o755)
    assert text.startswith(f"{folder / 'store.db'}: cannot use this file as the store: ")


# Damage


def damage(path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"UPDATE results SET payload = {change}")
        other.commit()


@pytest.mark.parametrize(
    "change",
    [
        "replace(payload, 'not_met', 'met')",
        "substr(payload, 1, 30)",
        "''",
        "'{}'",
        "zeroblob(20)",
        "CAST(x'ff61' AS TEXT)",
        "17",
    ],
)
def test_a_damaged_row_counts_as_absent_and_is_mended_by_the_next_put(store: Store, path: Path, change: str):
    store.put("k", "verdicts", {"value": "not_met"})
    damage(path, change)
    assert store.get("k") is None
    store.put("k", "verdicts", {"value": "not_met"})
    assert store.get("k") == {"value": "not_met"}


def test_a_row_moved_under_another_key_counts_as_absent(store: Store, path: Path):
    store.put("k", "verdicts", {"value": "met"})
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE results SET key = 'other'")
        other.commit()
    assert store.get("other") is None


def test_damaged_pages_cost_their_results_and_not_the_run(path: Path):
    with closing(Store(path)) as store:
        for number in range(500):
            store.put(f"k{number}", "answer", {"text": "a" * 400})
    content = bytearray(path.read_bytes())
    content[8192:-4096] = os.urandom(len(content) - 12288)
    path.write_bytes(content)
    with closing(Store(path)) as store:
        found = [store.get(f"k{number}") for number in range(500)]
        assert found.count(None) > 0
        assert all(result in (None, {"text": "a" * 400}) for result in found)
        assert store.problem is not None
        assert store.problem.startswith(f"{path}: cannot read earlier results: ")


# A full disk


def test_a_full_disk_is_said_once_and_loses_no_earlier_result(store: Store, path: Path):
    store.put("early", "answer", {"text": "kept"})
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(20):
        store.put(f"late-{number}", "answer", {"text": os.urandom(4000).hex()})
    assert store.problem == (
        f"{path}: cannot keep results: database or disk is full; this run goes on, the next one will ask for them again"
    )
    assert store.get("early") == {"text": "kept"}
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.put("after", "answer", {"text": "room again"})
    assert store.get("after") == {"text": "room again"}


FULL_DISK = """
import sqlite3
from csedb_tests import store
class SmallDisk(sqlite3.Connection):
    def execute(self, statement, *values):
        if statement.startswith("INSERT"):
            super().execute("PRAGMA max_page_count = 8")
        return super().execute(statement, *values)
store.sqlite3.connect = lambda *args, _connect=sqlite3.connect, **options: _connect(*args, factory=SmallDisk, **options)
"""


def test_a_run_on_a_full_disk_has_all_its_results_and_says_so_once(gate: Gate, run_record, mini_bank, pytester):
    def verbose(seen: Seen) -> Reply:
        return completion(bank(seen).body["choices"][0]["message"]["content"], reasoning_content="hm " * 5000)

    bank = BankScript(mini_bank.cases)
    pytester.makepyfile(small_disk=FULL_DISK)
    with LoopbackServer(verbose) as server:
        result = gate("--csedb-model=openai:m", f"--csedb-base-url={server.url}", plugins=("small_disk",))
    result.assert_outcomes(passed=6)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["problem: *store.db: cannot keep results: database or disk is full; *"])
    assert len(run_record()["problems"]) == 1


def test_a_closed_store_loses_its_writes_with_a_reason_and_no_exception(path: Path):
    store = Store(path)
    store.close()
    store.put("k", "answer", {})
    assert store.get("k") is None
    assert store.problem is not None
