"""What ``csedb compare`` does: two finished runs, one decision."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from csedb_tests.comparison.compare import compare
from csedb_tests.comparison.decisions import baseline_gates
from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.comparison.sides import baseline_of, candidate_of
from csedb_tests.comparison.sources import whole_run
from csedb_tests.comparison.values import Comparison
from csedb_tests.config_errors import ConfigError
from csedb_tests.gates import EXIT_FAIL, EXIT_INCONCLUSIVE, EXIT_PASS, overall_decision
from csedb_tests.policy_file import checked_policy, policy_source
from csedb_tests.record import Decision, GateRecord, RunRecord
from csedb_tests.reports.comparison_answers import changed_cases, side_by_side
from csedb_tests.reports.comparison_markdown import comparison_markdown
from csedb_tests.reports.comparison_text import comparison_lines
from csedb_tests.reports.gate_table import text_table
from csedb_tests.settings import load_settings

EXIT_CODES: Mapping[Decision, int] = {"pass": EXIT_PASS, "fail": EXIT_FAIL, "inconclusive": EXIT_INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare, what to change of the policy, where to write, and how many broken cases to show in full."""

    baseline: str
    candidate: str
    changes: Mapping[str, Any]
    json_file: Path | None = None
    markdown_file: Path | None = None
    most: int = 10


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is written as JSON."""

    candidate_run: str
    decision: Decision
    exit_code: int
    policy: dict[str, Any]
    gates: tuple[GateRecord, ...]
    comparison: Comparison


def run_compare(asked: Asked, directory: Path, echo: Callable[[str], None]) -> int:
    """Compare, tell, write; gives the exit code 0, 10 or 11. Raises ConfigError."""
    settings = load_settings({}, directory)
    policy = checked_policy(policy_source(settings, directory))
    held_to = _changed(policy.baseline, asked.changes)
    before = baseline_of(whole_run(asked.baseline, settings, directory))
    record = whole_run(asked.candidate, settings, directory)
    found = compare(candidate_of(record), before, held_to, policy.case_threshold)
    gates = baseline_gates(found)
    decision = overall_decision(gates)
    outcome = _Outcome(record.run_id, decision, EXIT_CODES[decision], held_to.model_dump(), gates, found)
    compared = replace(record, comparison=found)
    _write(asked, outcome, compared)
    for line in _lines(asked, outcome, compared):
        echo(line)
    return outcome.exit_code


def _changed(policy: BaselinePolicy, changes: Mapping[str, Any]) -> BaselinePolicy:
    given = {key: value for key, value in changes.items() if value not in (None, ())}
    try:
        return BaselinePolicy.model_validate(policy.model_dump() | given)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"--{problem['loc'][0]}: {problem.get('input')!r}: {problem['msg']}") from None


def _lines(asked: Asked, outcome: _Outcome, compared: RunRecord) -> Sequence[str]:
    lines = [f"{outcome.comparison.baseline_run} -> {outcome.candidate_run}", ""]
    lines += comparison_lines(outcome.comparison)
    broken = [found for found in changed_cases(compared) if found.change.kind != "fixed"]
    for found in broken[: asked.most]:
        lines += ["", *side_by_side(found)]
    if len(broken) > asked.most:
        lines += ["", f"and {len(broken) - asked.most} more broken cases: --most shows more, --json FILE holds all"]
    return [*lines, "", *text_table(outcome.gates), "", _decision(outcome), f"exit code {outcome.exit_code}"]


def _decision(outcome: _Outcome) -> str:
    words = {"pass": "not worse than the baseline", "fail": "worse than the baseline", "inconclusive": "undecided"}
    return f"decision: {outcome.decision.upper()} ({words[outcome.decision]})"


def _write(asked: Asked, outcome: _Outcome, compared: RunRecord) -> None:
    if asked.json_file is not None:
        data = TypeAdapter(_Outcome).dump_python(outcome, mode="json")
        _write_text(asked.json_file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    if asked.markdown_file is not None:
        title = f"{_decision(outcome)}: {outcome.comparison.baseline_run} and {outcome.candidate_run}"
        _write_text(asked.markdown_file, comparison_markdown(compared, title))


def _write_text(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
