"""action.yml: its steps run here as GitHub would run them, with the inputs in the environment."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import MINI_BANK, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GATE = next(step for step in ACTION["runs"]["steps"] if step.get("id") == "gate")


def run_step(step: dict[str, Any], directory: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and text of a step; an input that is not given has the action's default."""
    values = {f"inputs.{name}": inputs.get(name, entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
    env = dict(os.environ, GITHUB_OUTPUT=str(directory / "outputs"), GITHUB_ACTIONS="true")
    env["GITHUB_STEP_SUMMARY"] = str(directory / "summary")
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    env |= {
        name: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: values[found[1]], text) for name, text in step["env"].items()
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    written = directory / "outputs"
    lines = written.read_text(encoding="utf-8").splitlines() if written.exists() else []
    return done.returncode, dict(line.split("=", 1) for line in lines), done.stdout + done.stderr


@pytest.mark.parametrize(("model", "code", "decision"), [("exemplar:safe", 0, "pass"), ("exemplar:unsafe", 10, "fail")])
def test_the_gate_step_says_what_was_decided(tmp_path: Path, model: str, code: int, decision: str):
    found, outputs, said = run_step(GATE, tmp_path, model=model, arguments=f"--csedb-cases={MINI_BANK} -q")
    assert (found, outputs) == (code, {"exit-code": str(code), "decision": decision}), said
    assert (tmp_path / "reports" / "clinical-safety" / "report.html").is_file()
    assert "decision" in (tmp_path / "summary").read_text(encoding="utf-8").casefold()


def test_a_run_that_cannot_begin_has_no_decision(tmp_path: Path):
    code, outputs, _ = run_step(GATE, tmp_path, model="nonsense")
    assert code == 4
    assert outputs == {"exit-code": "4", "decision": ""}


def test_an_input_never_becomes_a_command(tmp_path: Path):
    code, _, _ = run_step(GATE, tmp_path, model='x"; touch harmed; "', arguments="$(touch harmed) ; touch harmed")
    assert code == 4
    assert not (tmp_path / "harmed").exists()


def test_no_script_holds_an_expression():
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(scripts) == 3
    assert not [script for script in scripts if "${{" in script]
