"""What the tests share: a small bank of their own, and runs of the gate as a user starts them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy  # noqa: F401  # see below
import pytest
import yaml  # noqa: F401  # pytester forgets what a test imported, and these cannot be loaded a second time
from hypothesis import settings

from csedb_tests.bank import Bank, load_bank

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
settings.register_profile("untimed", deadline=None)  # a busy machine is no failure; time is measured in benchmarks/
settings.load_profile("untimed")
MINI_BANK = Path(__file__).parent / "mini_bank"
Gate = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting, key or proxy of whoever runs the tests may change them."""
    for name in list(os.environ):
        if name.startswith(("CSEDB_", "OPENAI_", "DEEPEVAL_", "PYTEST_ADDOPTS", "PYTEST_XDIST")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # many processes would compile the project anew
    monkeypatch.setenv("CSEDB_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))
    paths = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))


@pytest.fixture
def mini_bank() -> Bank:
    """Six cases: binary and graded, every risk, with and without never-events."""
    return load_bank(MINI_BANK)


@pytest.fixture
def gate(pytester: pytest.Pytester) -> Gate:
    """Run the gate on the small bank in a process of its own, as in somebody else's project.

    A judge that a test names is a script without a qualification: it is let through unless ``judge_on_trial``.
    """

    def run(
        *args: str, bank: Path = MINI_BANK, plugins: tuple[str, ...] = (), judge_on_trial: bool = False
    ) -> pytest.RunResult:
        if not judge_on_trial and any(arg.startswith("--csedb-judge") for arg in args):
            args = (*args, "--csedb-unqualified-judge")
        loaded = [part for name in ("pytest_csedb.plugin", "no:randomly", *plugins) for part in ("-p", name)]
        return pytester.runpytest_subprocess(
            *loaded, "--pyargs", "csedb_tests", f"--csedb-cases={bank}", "--csedb-run-id=run", *args, timeout=120
        )

    return run


@pytest.fixture
def run_record(pytester: pytest.Pytester) -> Callable[[], dict[str, Any]]:
    """Read the run.json of the last run of ``gate``."""
    return lambda: json.loads((pytester.path / "reports" / "run" / "run.json").read_text())


@pytest.fixture
def answers(tmp_path: Path) -> Callable[[dict[str, str]], str]:
    """Write an answers file; gives the value of --csedb-model."""

    def write(by_case: dict[str, str]) -> str:
        path = tmp_path / "answers.jsonl"
        lines = (json.dumps({"case": case, "answer": answer}) for case, answer in by_case.items())
        path.write_text("\n".join(lines))
        return f"answers:{path}"

    return write
