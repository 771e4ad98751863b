"""Which cases of two runs can be compared, and what keeps the runs from being compared at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from csedb_tests.comparison.policy import BaselinePolicy
from csedb_tests.comparison.sides import Baseline, Candidate, PastCase, content_digest
from csedb_tests.comparison.values import Problem, ProblemKind, Unmatched
from csedb_tests.outcome import status_of
from csedb_tests.record import CaseRecord, Status
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class Pair:
    """A case with its two scores. Several answers have been averaged inside the case.

    ``case`` is as this run has it. ``was`` is the baseline's status by this run's threshold, so that a changed
    threshold breaks and fixes no case.
    """

    case: Case
    record: CaseRecord
    past: PastCase
    was: Status

    @property
    def is_scored(self) -> bool:
        """Whether both runs have a score."""
        return self.record.score.value is not None and self.past.score.value is not None

    @property
    def worst(self) -> float:
        """Candidate - baseline with what is unknown at its worst for the candidate."""
        return self.record.score.low - self.past.score.high

    @property
    def best(self) -> float:
        """Candidate - baseline with what is unknown at its best for the candidate."""
        return self.record.score.high - self.past.score.low


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairs, in the candidate's order, and the cases that make none."""

    pairs: tuple[Pair, ...]
    unmatched: Unmatched


def pair_cases(candidate: Candidate, baseline: Baseline, threshold: float) -> Pairing:
    """Pair by case id and content. ``threshold`` is the score from which a graded case passes in this run."""
    pairs, added, changed = [], [], []
    for record in candidate.cases:
        past = baseline.cases.get(record.case.id)
        if past is None:
            added.append(record.case.id)
        elif past.digest != content_digest(record.case):
            changed.append(record.case.id)
        else:
            pairs.append(Pair(record.case, record, past, status_of(record.case, past.score, threshold)))
    here = {record.case.id for record in candidate.cases}
    left = tuple(case_id for case_id in baseline.cases if case_id not in here)
    if _is_choice(candidate, baseline):
        return Pairing(tuple(pairs), Unmatched((), tuple(added), tuple(changed), len(left)))
    return Pairing(tuple(pairs), Unmatched(left, tuple(added), tuple(changed)))


def _is_choice(candidate: Candidate, baseline: Baseline) -> bool:
    """Whether cases are absent because they were not selected: the bank is the same, and it holds them all."""
    return not candidate.selection.is_full and candidate.identity.bank_digest == baseline.identity.bank_digest


def identity_problems(
    judge: Mapping[str, Any], bank_digest: str, baseline: Baseline, policy: BaselinePolicy
) -> Iterator[Problem]:
    """What is known before a model is called: another judge, another bank."""
    before = baseline.identity
    if dict(before.judge) != dict(judge):
        yield _problem(
            "judge",
            f"the judge is another than the baseline's ({_judges(before.judge, judge)}), so a difference could be the "
            "judge's and not the model's",
            policy,
        )
    if before.bank_digest != bank_digest:
        yield _problem(
            "bank",
            f"the case bank is another than the baseline's (digest {before.bank_digest[:12]} before, "
            f"{bank_digest[:12]} now)",
            policy,
        )


def case_problems(pairing: Pairing, baseline: Baseline, policy: BaselinePolicy) -> Iterator[Problem]:
    """What shows in the cases: some without a counterpart, other numbers of answers, nothing to compare."""
    unmatched = pairing.unmatched
    parts = ((unmatched.missing, "missing"), (unmatched.added, "added"), (unmatched.changed, "changed"))
    listed = [f"{len(ids)} {word} ({_first(ids)})" for ids, word in parts if ids]
    if listed:
        yield _problem("unmatched", f"the cases are not the baseline's: {', '.join(listed)}", policy)
    uneven = [pair for pair in pairing.pairs if len(pair.record.samples) != pair.past.samples]
    if uneven:
        first = uneven[0]
        yield _problem(
            "samples",
            f"the number of answers is not the baseline's in {len(uneven)} of {len(pairing.pairs)} cases "
            f"({first.case.id}: {first.past.samples} before, {len(first.record.samples)} now)",
            policy,
        )
    if not pairing.pairs:
        yield Problem("empty", f"no case of this run can be paired with one of the baseline {baseline.run_id}")


def _problem(kind: ProblemKind, text: str, policy: BaselinePolicy) -> Problem:
    if kind in policy.allow:
        return Problem(kind, text, allowed=True)
    return Problem(kind, f'{text}; to compare all the same, allow "{kind}" in [tool.csedb.gates.baseline]')


def _judges(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if before.get("judge") != now.get("judge"):
        return f"{before.get('judge')} before, {now.get('judge')} now"
    keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    return f"{now.get('judge')}, with another {', '.join(keys)}"


def _first(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
