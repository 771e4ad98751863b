"""``python:MODULE:CALLABLE``: a model of one's own.

The callable takes the conversation, a list of ``{"role", "content"}`` dicts, and returns the answer's text; it may be
a coroutine function. A plain function runs in a thread of its own, so it must stand being called from several threads.
"""

import asyncio
import contextlib
import importlib
import inspect
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.models.base import Identity, messages
from csedb_tests.schema import Case
from csedb_tests.text import one_line, shortened, storable

Function = Callable[[list[dict[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class FunctionModel:
    """Calls ``function`` once per case and sample."""

    name: str
    function: Function = field(repr=False)
    system_prompt: str | None = None
    revision: str | None = None
    paid = True
    host = None

    @property
    def identity(self) -> Identity:
        return {"model": f"python:{self.name}", "revision": self.revision, "system_prompt": self.system_prompt}

    async def answer(self, case: Case, sample: int) -> Answer:
        try:
            text = await self._call(messages(case, self.system_prompt))
        except (CallFailure, FatalFailure):
            raise  # a function that knows our failures says what it means
        except (Exception, SystemExit) as error:  # the user's own code may raise anything; the run goes on
            said = shortened(one_line(str(error)), 300)
            raise CallFailure(f"{self.name} raised {type(error).__name__}: {said}") from None
        if not isinstance(text, str):
            raise CallFailure(f"{self.name} returned {type(text).__name__}, not a text")
        return strip_reasoning(Answer(storable(text)))

    async def _call(self, conversation: list[dict[str, str]]) -> Any:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(conversation)
        result = await _in_thread(self.function, conversation)
        return await result if inspect.isawaitable(result) else result

    async def close(self) -> None:
        """Nothing to release."""


async def _in_thread(function: Function, conversation: list[dict[str, str]]) -> Any:
    """What ``function`` returns or raises, from a daemon thread.

    asyncio's own pool has six threads on two cores, waits at the end for a function that hangs, and never hears of a
    StopIteration.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def tell(outcome: tuple[Any, BaseException | None]) -> None:
        if not done.done():
            done.set_result(outcome)

    def run() -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = (function(conversation), None)
        except BaseException as error:
            outcome = (None, error)
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(tell, outcome)

    threading.Thread(target=run, name="csedb-model", daemon=True).start()
    result, error = await done
    if isinstance(error, StopIteration):
        raise RuntimeError("StopIteration")  # a coroutine cannot raise it
    if error is not None:
        raise error
    return result


def load_function(reference: str) -> Function:
    """The callable that ``MODULE:CALLABLE`` names. Raises ConfigError saying which part is wrong."""
    module_name, _, attribute = reference.partition(":")
    if not module_name or not attribute:
        raise ConfigError(f"--csedb-model: 'python:{reference}' must read python:MODULE:CALLABLE")
    target = load_module(module_name, "--csedb-model")
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise ConfigError(f"--csedb-model: module {module_name!r} has no {attribute!r}")
        target = getattr(target, part)
    if not callable(target):
        raise ConfigError(f"--csedb-model: {reference!r} is not callable")
    return target  # type: ignore[no-any-return]  # checked callable; its signature shows when it is called


def load_module(name: str, option: str) -> Any:
    """A module of the user's, from the import path or else from the working directory. Raises ConfigError."""
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last, so that it hides nothing; `pytest` does not put it there
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # importing the user's module may raise anything
        said = shortened(one_line(str(error)), 300)
        raise ConfigError(f"{option}: cannot import {name!r}: {type(error).__name__}: {said}") from None
