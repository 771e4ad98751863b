"""What every model under test offers."""

from collections.abc import Mapping
from typing import Any, Protocol

from csedb_tests.answer import Answer
from csedb_tests.schema import Case

Identity = Mapping[str, Any]
"""JSON values; whatever has the same identity says the same."""


class Model(Protocol):
    """A source of answers.

    ``identity`` is everything that could change an answer; ``paid`` says that an answer costs a call, so that it is
    kept in the store; ``host`` is the network host it talks to, or None.
    """

    @property
    def identity(self) -> Identity: ...
    @property
    def paid(self) -> bool: ...
    @property
    def host(self) -> str | None: ...

    async def answer(self, case: Case, sample: int) -> Answer:
        """The answer to a case, ``sample`` counting repeated answers from 0.

        Raises CallFailure, FatalFailure, or Unscored where there is no answer to be had.
        """
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


def messages(case: Case, system_prompt: str | None) -> list[dict[str, str]]:
    """The conversation as sent: the run's system prompt, if any, then the case's turns."""
    turns = [{"role": turn.role, "content": turn.content} for turn in case.turns]
    return [{"role": "system", "content": system_prompt}, *turns] if system_prompt else turns
