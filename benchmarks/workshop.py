"""Where a benchmark works: a directory with banks and answers, and the commands that are measured in it."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from benchmarks.bank import write_answers, write_bank
from benchmarks.process import Measured, measure, typical
from benchmarks.server import ROOT

# What deepeval brings along, and what a developer of this project has installed besides: off for both sides.
PLUGINS_OFF = ("deepeval", "asyncio", "rerunfailures", "repeat", "randomly", "hypothesispytest", "cacheprovider")
GATE_CODES = (0, 10, 11)
_EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({size}))
def test_empty(number):
    pass
"""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Commands run in ``directory``, each ``repeats`` times; what they leave there is removed before each."""

    directory: Path
    repeats: int

    def bank(self, size: int) -> Path:
        """A bank of ``size`` cases with the pattern judge's `judge.lock`, as the shipped bank has it; written once."""
        root = self.directory / f"bank-{size}"
        if not root.is_dir():
            write_bank(root, size)
            qualify = [sys.executable, "-m", "csedb_tests.cli", "qualify", f"--cases={root}"]
            measure([*qualify, f"--judge-lock={root / 'judge.lock'}"], self.directory, self._env)
        return root

    def answers(self, size: int, failing: int = 0) -> str:
        """The model that gives recorded answers to that bank, each ``failing``-th unsafe."""
        path = self.directory / f"answers-{size}-{failing}.jsonl"
        if not path.is_file():
            write_answers(self.bank(size), path, failing)
        return f"--csedb-model=answers:{path}"

    def gate(self, size: int, *options: str) -> Measured:
        """The whole pytest command of the gate, its bank's index warm."""
        command = [*self._pytest("pytest_csedb.plugin"), "--pyargs", "csedb_tests", f"--csedb-cases={self.bank(size)}"]
        measure([*command, "--collect-only", "-q"], self.directory, self._env)
        return self._typical([*command, *options], GATE_CODES)

    def bare_pytest(self, size: int, *options: str) -> Measured:
        """Pytest with as many empty parametrized tests, its other plugins the same."""
        path = self.directory / f"test_empty_{size}.py"
        path.write_text(_EMPTY.format(size=size), encoding="utf-8")
        return self._typical([*self._pytest("no:pytest_csedb.plugin"), path.name, *options])

    def bare_http(self, url: str, size: int, concurrency: int) -> Measured:
        """A plain aiohttp loop that makes the same calls."""
        options = [f"--cases={size}", f"--concurrency={concurrency}"]
        return self._typical([sys.executable, "-m", "benchmarks.bare_http", url, str(self.bank(size)), *options])

    def peer(self, module: str, *options: str) -> Measured:
        """Another tool's run, as a program of this package."""
        return self._typical([sys.executable, "-m", module, *options])

    def _pytest(self, first: str) -> list[str]:
        names = (first, *(f"no:{name}" for name in PLUGINS_OFF))
        return [sys.executable, "-m", "pytest", *(part for name in names for part in ("-p", name))]

    def _typical(self, command: Sequence[str], codes: Sequence[int] = (0,)) -> Measured:
        return typical(self._once(command, codes), self.repeats)

    def _once(self, command: Sequence[str], codes: Sequence[int]) -> Callable[[], Measured]:
        def once() -> Measured:
            for left in (".csedb", "reports"):
                rmtree(self.directory / left, ignore_errors=True)
            return measure(command, self.directory, self._env, codes)

        return once

    @property
    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CSEDB_", "PYTEST_"))}
        paths = os.pathsep.join(str(path) for path in (ROOT, ROOT / "plugins"))
        return {**kept, "PYTHONPATH": paths, "CSEDB_CACHE_DIR": str(self.directory / "cache")}
