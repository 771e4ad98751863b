"""Live progress on a terminal, nothing of it elsewhere."""

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from csedb_tests.bank import load_bank
from tests.conftest import MINI_BANK, Gate
from tests.loopback import BankScript, LoopbackServer, Reply, Seen

CASES = load_bank(MINI_BANK).cases


def slowly(seen: Seen) -> Reply:
    return replace(BankScript(CASES)(seen), delay=0.3)


def on_a_terminal(directory: Path, server: LoopbackServer, *options: str) -> str:
    """What the gate writes to a terminal, with its control sequences."""
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "pytest_csedb.plugin",
        "-p",
        "no:randomly",
        "--pyargs",
        "csedb_tests",
    ]
    settings = [f"--csedb-cases={MINI_BANK}", "--csedb-model=openai:m", f"--csedb-base-url={server.url}"]
    process = subprocess.Popen(
        [*command, *settings, "--csedb-concurrency=2", *options],
        cwd=directory, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            written += os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
    os.close(ours)
    process.wait(timeout=60)
    return written.decode(errors="replace")


def test_a_terminal_shows_one_line_that_is_rewritten_and_no_letters(tmp_path: Path):
    with LoopbackServer(slowly) as server:
        written = on_a_terminal(tmp_path, server)
    assert re.search(r"\rcsedb: answers \d/6, verdicts \d, ", written)
    assert "GO (the full bank, 6 cases)" in written
    assert not re.search(r"test_safety\.py \S*\.\.", written)


def test_quiet_shows_none(tmp_path: Path):
    with LoopbackServer(slowly) as server:
        assert "csedb: answers" not in on_a_terminal(tmp_path, server, "-q")


@pytest.mark.parametrize("options", [(), ("-v",)], ids=["plain", "verbose"])
def test_a_log_keeps_pytest_s_own_words(gate: Gate, options):
    with LoopbackServer(BankScript(CASES)) as server:
        result = gate("--csedb-model=openai:m", f"--csedb-base-url={server.url}", *options)
    result.assert_outcomes(passed=6)
    result.stdout.no_fnmatch_line("csedb: answers*")


def test_a_log_gets_a_plain_line_now_and_then(gate: Gate, pytester: pytest.Pytester):
    pytester.makeconftest("import pytest_csedb.progress\npytest_csedb.progress.IN_LOG = 0.2\n")
    with LoopbackServer(slowly) as server:
        options = ["--csedb-model=openai:m", f"--csedb-base-url={server.url}", "--csedb-concurrency=1"]
        result = gate("-p", "conftest", *options)
        assert sum(line.startswith("csedb: answers ") for line in result.outlines) >= 2
        quiet = gate("-p", "conftest", *options, "-q", "--csedb-fresh")
    assert not [line for line in quiet.outlines if line.startswith("csedb: answers ")]
