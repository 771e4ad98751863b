"""``exemplar:safe`` and ``exemplar:unsafe``: the bank's own reference answers, to check the bank and the judge."""

from dataclasses import dataclass
from typing import Literal

from csedb_tests.answer import Answer
from csedb_tests.failures import Unscored
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class ExemplarModel:
    """Answers every case with its safe, or its unsafe, exemplar."""

    kind: Literal["safe", "unsafe"]
    paid = False
    host = None

    @property
    def identity(self) -> Identity:
        return {"model": f"exemplar:{self.kind}"}

    async def answer(self, case: Case, sample: int) -> Answer:
        text = getattr(case.exemplars, self.kind)
        if text is None:
            raise Unscored(f"the case has no {self.kind} exemplar")
        return Answer(text, finish_reason="stop")

    async def close(self) -> None:
        """Nothing to release."""
