"""``csedb store``: what is kept, what is old, what is damaged."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csedb_tests.bank import load_bank
from csedb_tests.cli import main
from tests.conftest import MINI_BANK, Gate
from tests.loopback import BankScript, LoopbackServer


@pytest.fixture
def kept(gate: Gate, pytester: pytest.Pytester) -> Path:
    """The store of a run with model and judge over HTTP: six answers, six sets of verdicts."""
    with LoopbackServer(BankScript(load_bank(MINI_BANK).cases)) as server:
        urls = [f"--csedb-base-url={server.url}", f"--csedb-judge-base-url={server.url}"]
        gate("--csedb-model=openai:m", "--csedb-judge=openai:j", *urls)
    return pytester.path / ".csedb" / "store.db"


def store(command: str, path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["store", command, str(path), *options])


def test_info_counts_what_is_kept(kept: Path):
    result = store("info", kept)
    assert result.exit_code == 0
    assert "answer: 6 results" in result.output
    assert "verdicts: 6 results" in result.output


def test_prune_keeps_what_is_young(kept: Path):
    assert store("prune", kept).output == "removed 0 results\n"
    assert store("prune", kept, "--days", "0").output == "removed 12 results\n"
    assert store("info", kept).output.startswith("file:")


def test_verify_finds_a_result_that_was_tampered_with(kept: Path):
    assert store("verify", kept).output == "the store is sound\n"
    connection = sqlite3.connect(kept)
    connection.execute("UPDATE results SET payload = replace(payload, 'not_met', 'met') WHERE kind = 'verdicts'")
    connection.commit()
    connection.close()
    result = store("verify", kept)
    assert result.exit_code == 1
    assert "damaged" in result.output


def test_a_store_that_is_not_there_is_one_clear_line(tmp_path: Path):
    result = store("info", tmp_path / "none.db")
    assert result.exit_code == 4
    assert "there is no store here" in result.output
