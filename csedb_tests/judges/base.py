"""What every judge offers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from csedb_tests.answer import Answer, Usage
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.verdict import Ballot, Verdict

Call = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Makes one dependable call of an attempt (see `csedb_tests.caller.Caller.call`)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict per rule and never-event, in the case's order, and the tokens they cost.

    A panel adds its jurors' ``ballots``; where these are too few it gives no verdicts, and ``error`` says why.
    """

    verdicts: tuple[Verdict, ...]
    usage: Usage = Usage()
    ballots: tuple[Ballot, ...] = ()
    error: str = ""


class Judge(Protocol):
    """``identity`` is everything that could change a verdict; ``paid`` and ``host`` as for a model."""

    @property
    def identity(self) -> Identity: ...
    @property
    def paid(self) -> bool: ...
    @property
    def host(self) -> str | None: ...

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        """The verdicts on an answer. Raises Unscored where there is none to be trusted."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...
