"""``python:MODULE:CALLABLE``: a model of one's own.

The callable takes the conversation, a list of ``{"role", "content"}`` dicts, and returns the answer's text; it may be
a coroutine function. A plain function runs in a thread of its own.
"""

import asyncio
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure
from csedb_tests.models.base import Identity
from csedb_tests.models.openai import messages
from csedb_tests.schema import Case
from csedb_tests.text import showable, storable


@dataclass(frozen=True, slots=True)
class FunctionModel:
    """Calls ``function`` once per case and sample."""

    name: str
    function: Callable[[list[dict[str, str]]], Any] = field(repr=False)
    system_prompt: str | None = None
    revision: str | None = None
    paid = True
    host = None

    @property
    def identity(self) -> Identity:
        return {"model": f"python:{self.name}", "revision": self.revision, "system_prompt": self.system_prompt}

    async def answer(self, case: Case, sample: int) -> Answer:
        conversation = messages(case, self.system_prompt)
        try:
            text = await self._call(conversation)
        except Exception as error:  # the user's own code may raise anything: the case is unscored, the run goes on
            raise CallFailure(f"{self.name} raised {type(error).__name__}: {showable(str(error))}") from None
        if not isinstance(text, str):
            raise CallFailure(f"{self.name} returned {type(text).__name__}, not a text")
        return strip_reasoning(Answer(storable(text), finish_reason="stop"))

    async def _call(self, conversation: list[dict[str, str]]) -> Any:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(conversation)
        result = await asyncio.to_thread(self.function, conversation)
        return await result if inspect.isawaitable(result) else result

    async def close(self) -> None:
        """Nothing to release."""


def load_function(reference: str) -> Callable[[list[dict[str, str]]], Any]:
    """The callable that ``MODULE:CALLABLE`` names. Raises ConfigError saying which part is wrong."""
    module_name, _, attribute = reference.partition(":")
    if not module_name or not attribute:
        raise ConfigError(f"--csedb-model: 'python:{reference}' must read python:MODULE:CALLABLE")
    try:
        target: Any = importlib.import_module(module_name)
    except Exception as error:  # importing the user's module may raise anything
        raise ConfigError(
            f"--csedb-model: cannot import {module_name!r}: {type(error).__name__}: {showable(str(error))}"
        ) from None
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise ConfigError(f"--csedb-model: module {module_name!r} has no {attribute!r}")
        target = getattr(target, part)
    if not callable(target):
        raise ConfigError(f"--csedb-model: {reference!r} is not callable")
    return target  # type: ignore[no-any-return]  # checked callable; its signature shows when it is called
