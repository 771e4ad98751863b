"""The two runs of a comparison: the candidate as it stands, and of the baseline only what a comparison needs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csedb_tests.record import CaseRecord, Identity, RunRecord, Selection
from csedb_tests.schema import Case
from csedb_tests.score import Score


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case of the baseline. ``digest`` is that of its content, ``answers`` are in the order of the samples."""

    digest: str
    score: Score
    samples: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A finished run to compare with; cases by id."""

    run_id: str
    identity: Identity
    cases: Mapping[str, PastCase]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The run that is compared."""

    identity: Identity
    selection: Selection
    cases: Sequence[CaseRecord]


def baseline_of(record: RunRecord) -> Baseline:
    """What a comparison needs of a run: a small part of its memory."""
    return Baseline(record.run_id, record.identity, {case.case.id: _past(case) for case in record.cases})


def candidate_of(record: RunRecord) -> Candidate:
    """A finished run as the one that is compared."""
    return Candidate(record.identity, record.selection, record.cases)


def _past(record: CaseRecord) -> PastCase:
    return PastCase(content_digest(record.case), record.score, len(record.samples), answers_of(record))


def answers_of(record: CaseRecord) -> tuple[str, ...]:
    """The texts of a case's answers; a sample without one is left out."""
    return tuple(sample.answer.text for sample in record.samples if sample.answer is not None)


def content_digest(case: Case) -> str:
    """A SHA-256 over what is asked and what is judged: question, rules with points, never-events, kind of scoring.

    Patterns are no part of it, as records lack them: the bank's digest tells of those.
    """
    content = [
        [[turn.role, turn.content] for turn in case.turns],
        [[rule.id, rule.text, float(rule.points)] for rule in case.rules],
        [[never.id, never.text] for never in case.never],
        [case.criterion.code, case.criterion.track, case.criterion.scoring],
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
