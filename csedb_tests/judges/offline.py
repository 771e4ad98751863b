"""The pattern judge in the shape that the engine asks of every judge."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csedb_tests.answer import Answer
from csedb_tests.judges.base import Call, Judgement
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case

if TYPE_CHECKING:
    from csedb_tests.judges.pattern import PatternJudge


def _pattern_judge() -> "PatternJudge":
    from csedb_tests.judges.pattern import PatternJudge  # its words take long to load: not before there is such a judge

    return PatternJudge()


@dataclass(frozen=True, slots=True)
class OfflineJudge:
    """Deterministic and free: its verdicts are worked out anew in every run, never stored."""

    patterns: "PatternJudge" = field(default_factory=_pattern_judge)
    paid = False
    host = None

    @property
    def identity(self) -> Identity:
        return {"judge": self.patterns.identity}

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        return Judgement(self.patterns.verdicts(case, answer.text))

    async def close(self) -> None:
        """Nothing to release."""
