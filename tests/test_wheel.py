"""The built wheel in another repository: the suite, the plugin and the bank come with it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", target, ROOT],
        check=True,
        cwd=target,
    )
    return next(target.glob("csedb_tests-*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel; what it depends on is lent by the one that runs the tests."""
    home = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (site / "lent.pth").write_text("\n".join(lent))
    return python


def run(python: Path, directory: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [python, "-m", "pytest", "-p", "no:randomly", *args],
        cwd=directory,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_wheel_holds_the_bank_and_the_plugin(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert sum(name.startswith("csedb_tests/cases/") and name.endswith(".yaml") for name in names) >= 130
    assert {
        "pytest_csedb/plugin.py",
        "csedb_tests/cases/judge.lock",
        "csedb_tests/data/catalogue.toml",
        "csedb_tests/judges/prompts/rubric_user.md",
    } <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "reports/", "docs/"))]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])
def test_the_installed_suite_runs_in_another_repository(python: Path, tmp_path: Path, workers: tuple[str, ...]):
    (tmp_path / "pyproject.toml").write_text("[tool.csedb]\nrun_id = 'here'\n")
    result = run(python, tmp_path, "--pyargs", "csedb_tests", "-m", "high_risk", *workers)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "decision: PASS (a selection," in result.stdout
    assert (tmp_path / "reports" / "here" / "report.html").is_file()


def test_the_installed_plugin_keeps_deepeval_s_plugin_out(python: Path, tmp_path: Path):
    (tmp_path / "test_own.py").write_text(
        "def test_own(pytestconfig):\n    assert not pytestconfig.pluginmanager.has_plugin('deepeval')\n"
    )
    result = run(python, tmp_path, "test_own.py")
    assert result.returncode == 0, result.stdout
