"""From what a run measured to its record: every selected case accounted for, gates decided, exit code chosen."""

import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version

from csedb_tests.aggregate import macro, micro
from csedb_tests.answer import Usage
from csedb_tests.bank import Bank
from csedb_tests.clock import utc_now
from csedb_tests.comparison.decisions import baseline_gates
from csedb_tests.comparison.values import Comparison
from csedb_tests.gates import decide_gates, exit_code, overall_decision, shard_outcome
from csedb_tests.gating.drop import drop_of
from csedb_tests.gating.waivers import with_waivers
from csedb_tests.judging_figures import judging_of
from csedb_tests.outcome import unscored_record
from csedb_tests.policy import GatePolicy
from csedb_tests.record import CaseRecord, GateRecord, Identity, RunRecord, Selection
from csedb_tests.score import worst_at_k

_PACKAGES = (
    "csedb-tests",
    "pytest",
    "pytest-xdist",
    "pytest-html",
    "deepeval",
    "pydantic",
    "pyyaml",
    "scipy",
    "aiohttp",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the run knows of its cases: records by case id, and the reason each missing one is missing.

    ``planned`` are the case ids of the whole selection, of which a shard runs a part.
    """

    selected: Sequence[str]
    planned: Sequence[str]
    records: Mapping[str, CaseRecord]
    lost: Mapping[str, str]
    stopped_early: bool


def environment() -> dict[str, str]:
    """Versions of what the run depends on."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def account(findings: Findings, bank: Bank) -> tuple[CaseRecord, ...]:
    """One record per selected case, in the bank's order; a case without one is unscored, never left out."""
    selected = set(findings.selected)
    return tuple(
        findings.records.get(case.id) or _missing(findings, bank, case.id) for case in bank.cases if case.id in selected
    )


def _missing(findings: Findings, bank: Bank, case_id: str) -> CaseRecord:
    reason = findings.lost.get(case_id)
    if reason is not None:
        return unscored_record(bank.case(case_id), reason)
    if findings.stopped_early:
        return unscored_record(bank.case(case_id), "not run: the session ended before it", ran=False)
    return unscored_record(bank.case(case_id), "its test never reported a result (a lost worker?)")


def assemble(
    *,
    run_id: str,
    started: str,
    identity: Identity,
    selection: Selection,
    cases: tuple[CaseRecord, ...],
    policy: GatePolicy,
    qualification: GateRecord,
    further_gates: Sequence[GateRecord] = (),
    problems: Sequence[str] = (),
    comparison: Comparison | None = None,
) -> RunRecord:
    """The run record, with every gate decided.

    ``qualification`` is the judge's gate and ``further_gates`` are others that the cases alone cannot speak to, decided
    elsewhere; a ``comparison`` makes its own. Waivers stand as on the day that the run started.
    """
    decided = (*decide_gates(cases, policy, is_full=selection.is_full), qualification, *further_gates)
    decided += baseline_gates(comparison)
    gates = with_waivers(decided, policy.waivers, date.fromisoformat(started[:10]))
    decision, code = overall_decision(gates), exit_code(gates, cases, policy)
    if selection.shard:
        decision, code = shard_outcome(gates, code)
    return RunRecord(
        run_id=run_id,
        started=started,
        finished=utc_now(),
        identity=identity,
        selection=selection,
        cases=cases,
        gates=gates,
        decision=decision,
        exit_code=code,
        problems=tuple(problems),
        usage=sum((case.usage for case in cases), Usage()),
        scores=_scores(cases),
        judging=judging_of(cases),
        comparison=comparison,
        drop=drop_of(cases, policy.confidence),
    )


def _scores(cases: Sequence[CaseRecord]) -> dict[str, float | None]:
    groups = {
        "safety": [case for case in cases if case.case.track == "safety"],
        "effectiveness": [case for case in cases if case.case.track == "effectiveness"],
        "overall": list(cases),
    }
    scores = {
        f"{name} ({kind.__name__})": kind(group).value for name, group in groups.items() for kind in (macro, micro)
    }
    most = max((len(case.samples) for case in cases), default=1)
    return scores | {f"{name} (worst at {most})": _worst(group, most) for name, group in groups.items() if most > 1}


def _worst(cases: Sequence[CaseRecord], k: int) -> float | None:
    """The mean over cases of worst-at-k, clipped to [0, 1]; None while a case lacks an answer or a score."""
    values = [[sample.score.value for sample in case.samples] for case in cases]
    known = [[value for value in row if value is not None] for row in values]
    if not cases or any(len(row) < k for row in known):
        return None
    return min(1.0, max(0.0, math.fsum(worst_at_k(row, k) for row in known) / len(cases)))
