"""The README's commands, run as they stand, print what it shows."""

import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from csedb_tests.settings import Settings, option_name
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ ([^\n]+)\n(.*?)```", TEXT, re.DOTALL)


def shown(command: str) -> str:
    return next(output for found, output in BLOCKS if found == command)


def the_pytest_part(command: str) -> list[str]:
    """The arguments of the pytest call at the end of a command line."""
    return command.rpartition("pytest ")[2].split()


@pytest.mark.parametrize(
    ("command", "code"),
    [(BLOCKS[0][0], 0), ("pytest --csedb-model exemplar:unsafe", 10)],
    ids=["high-risk", "unsafe"],
)
def test_a_command_prints_what_the_readme_shows(command: str, code: int, tmp_path: Path):
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *the_pytest_part(command), f"--csedb-reports={tmp_path}"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == code, result.stdout
    printed = iter(result.stdout.splitlines())
    for line in shown(command).splitlines():
        if line != "...":
            wanted = line.replace("[", "[[]").replace("...", "*")
            assert any(fnmatchcase(found.rstrip(), wanted) for found in printed), f"not printed: {line}"


def test_the_two_commands_set_up_everything_themselves():
    first, second = BLOCKS[0][0], BLOCKS[1][0]
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert second.endswith(".venv/bin/pytest tests -n 2")


def test_every_option_in_the_readme_exists():
    known = {option_name(key) for key in Settings.model_fields}
    assert set(re.findall(r"--csedb-[a-z-]+", TEXT)) <= known


def test_the_thresholds_shown_are_the_project_s_own():
    shown_gates = tomllib.loads(next(re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL).__iter__()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["csedb"]["gates"].items() <= shown_gates["tool"]["csedb"]["gates"].items()


def test_every_file_the_readme_links_to_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
    assert [link for link in links if not (ROOT / link).exists()] == []
