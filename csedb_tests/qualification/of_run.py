"""The judge's standing as a run asks for it: which locks it reads, and the trial of a judge that costs nothing."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from csedb_tests.bank import Bank
from csedb_tests.caller import Caller, CallLimits
from csedb_tests.judges.base import Judge
from csedb_tests.limiter import AdaptiveLimiter
from csedb_tests.policy import GatePolicy
from csedb_tests.qualification.figures import ExemplarFigures, exemplar_figures, outcomes
from csedb_tests.qualification.judging import Means, exemplar_tasks, judge_tasks
from csedb_tests.qualification.lock import DEFAULT_NAME, JudgeLock, read_lock
from csedb_tests.qualification.standing import (
    NOT_QUALIFIED,
    Now,
    Standing,
    qualification_gate,
    settle,
    shortfalls,
    standing,
)
from csedb_tests.record import GateRecord
from csedb_tests.schema import Case
from csedb_tests.settings import Settings

_JUDGE_SETTINGS = ("judge", "judge_base_url", "judge_api_key_env", "judge_lock", "cases")


def lock_path(settings: Settings, directory: Path) -> Path:
    """Where the project keeps its lock, and `csedb qualify` writes it."""
    return directory / (settings.judge_lock or DEFAULT_NAME)


def known_standing(judge: Judge, settings: Settings, policy: GatePolicy, bank: Bank, directory: Path) -> Standing:
    """What locks say of the judge: the project's own, else the one that lies in the bank. Raises ConfigError."""
    now = Now(dict(judge.identity), bank.digest, policy.case_threshold, remedy(settings))
    return standing(_locks(settings, bank, directory), now)


def _locks(settings: Settings, bank: Bank, directory: Path) -> dict[str, JudgeLock]:
    paths = {settings.judge_lock or DEFAULT_NAME: lock_path(settings, directory)}
    if settings.judge_lock is None:
        paths[f"{bank.root.name}/{DEFAULT_NAME}"] = bank.root / DEFAULT_NAME
    found = {name: read_lock(path) for name, path in paths.items()}
    return {name: lock for name, lock in found.items() if lock is not None}


def remedy(settings: Settings) -> str:
    """The command that qualifies this judge on this bank."""
    words = ["csedb", "qualify"]
    for key in _JUDGE_SETTINGS:
        value = getattr(settings, key)
        if value != Settings.model_fields[key].default:
            words += [f"--{key.replace('_', '-')}", str(value)]
    return shlex.join(words)


def warning(known: Standing, judge: Judge, settings: Settings, policy: GatePolicy) -> str | None:
    """What to say before a call is made: that this judge will not be allowed to decide, or decides by decree."""
    if known.evidence is None and not judge.paid:
        return None
    reasons = known.reasons if known.evidence is None else tuple(shortfalls(known.evidence, policy))
    if not reasons:
        return None
    outcome = NOT_QUALIFIED if settings.unqualified_judge else "JUDGE NOT QUALIFIED, no run with it can pass"
    return f"{outcome}: {'; '.join(reasons)}"


def run_gate(
    known: Standing, judge: Judge, cases: Sequence[Case], settings: Settings, policy: GatePolicy
) -> GateRecord:
    """The judge qualification gate of a run over ``cases``."""

    def on_the_spot() -> ExemplarFigures:
        return free_figures(judge, cases, policy)

    found = settle(known, None if judge.paid else on_the_spot)
    return qualification_gate(found, policy, accepted=settings.unqualified_judge)


def free_figures(judge: Judge, cases: Sequence[Case], policy: GatePolicy) -> ExemplarFigures:
    """The figures of a judge that makes no call."""
    means = Means(_no_caller, policy.case_threshold)
    return exemplar_figures(outcomes(cases, judge_tasks(exemplar_tasks(cases), judge, means)))


def _no_caller() -> Caller:
    """The engine wants one; nobody calls it."""
    return Caller(CallLimits(1, 1, 0), AdaptiveLimiter(1))
