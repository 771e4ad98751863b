"""From a judgement to the record of an answer: second opinion added, settled verdicts put in place, score taken."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from csedb_tests.answer import Answer
from csedb_tests.judges.base import Judgement
from csedb_tests.outcome import case_record, undecided
from csedb_tests.record import CaseRecord, SampleRecord
from csedb_tests.reviews import Reviews, Settled, subject_of
from csedb_tests.schema import Case
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict

if TYPE_CHECKING:
    from csedb_tests.judges.pattern import PatternJudge


def assess(
    case: Case,
    answer: Answer,
    judgement: Judgement,
    *,
    reviews: Reviews = Reviews(),
    second: "PatternJudge | None" = None,
) -> SampleRecord:
    """The record of ``answer``. The second opinion is noted beside the judge's verdicts and changes nothing."""
    opinion = second.verdicts(case, answer.text) if second is not None and not judgement.error else ()
    sample = SampleRecord(
        answer,
        judgement.verdicts,
        score_case(case, judgement.verdicts),
        judgement.error,
        ballots=judgement.ballots,
        second_opinion=opinion,
    )
    return reviewed_sample(case, sample, reviews) if reviews else _explained(sample)


def reviewed_sample(case: Case, sample: SampleRecord, reviews: Reviews) -> SampleRecord:
    """``sample`` with settled verdicts in place of the judge's own, and its score taken anew.

    An answer that the judge gave no verdicts on stays unscored: there is nothing to put a review in place of.
    """
    own = sample.own_verdicts
    if sample.answer is None or not own:
        return sample
    settled = _settled(case, sample.answer.text, reviews)
    verdicts = tuple(_standing(v, settled.get(v.statement), sample.second_opinion) for v in own)
    replaced = tuple(verdict for verdict in own if verdict.statement in settled)
    score = score_case(case, verdicts)
    return _explained(replace(sample, verdicts=verdicts, replaced=replaced, score=score, error=""))


def _explained(sample: SampleRecord) -> SampleRecord:
    """``sample``, with the reason if its verdicts leave it unscored."""
    if sample.score.value is not None or sample.error:
        return sample
    return replace(sample, error=undecided(sample))


def _settled(case: Case, answer: str, reviews: Reviews) -> dict[str, Settled]:
    found = {s.id: reviews.settled(subject_of(case, s, answer)) for s in case.statements}
    return {statement: settled for statement, settled in found.items() if settled is not None}


def _standing(own: Verdict, settled: Settled | None, second: tuple[Verdict, ...]) -> Verdict:
    """The verdict that counts. A reviewer points at no words; those of whoever said the same are kept."""
    if settled is None:
        return own
    agreeing = (v for v in (own, *second) if v.statement == own.statement and v.value == settled.value and v.quote)
    quote = next((verdict.quote for verdict in agreeing), "")
    return Verdict(own.statement, settled.value, quote, settled.comment, settled.source)


def reviewed_case(record: CaseRecord, reviews: Reviews, threshold: float) -> CaseRecord:
    """``record`` with settled verdicts in place. ``threshold`` is the score from which a graded case passes."""
    samples = [reviewed_sample(record.case, sample, reviews) for sample in record.samples]
    return replace(case_record(record.case, samples, threshold, record.usage), ran=record.ran)


@dataclass(frozen=True, slots=True)
class Assessor:
    """`assess` with a run's reviews and second judge."""

    reviews: Reviews
    second: "PatternJudge | None"

    def __call__(self, case: Case, answer: Answer, judgement: Judgement) -> SampleRecord:
        return assess(case, answer, judgement, reviews=self.reviews, second=self.second)
