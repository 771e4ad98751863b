"""``deepeval:PROVIDER/NAME``: a model through deepeval's own model classes.

``deepeval:MODULE:CLASS`` takes a DeepEvalBaseLLM subclass of one's own. These classes take a prompt, not a
conversation, so turns are written out as a transcript.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.deepeval_bridge import generate
from csedb_tests.failures import CallFailure
from csedb_tests.models.base import Identity, messages
from csedb_tests.schema import Case
from csedb_tests.text import storable


@dataclass(frozen=True, slots=True)
class DeepEvalModel:
    """``llm`` is a DeepEvalBaseLLM."""

    name: str
    llm: Any = field(repr=False)
    system_prompt: str | None = None
    revision: str | None = None
    paid = True

    @property
    def host(self) -> str:
        return f"{self.name.partition('/')[0]} (through deepeval)"

    @property
    def identity(self) -> Identity:
        return {"model": f"deepeval:{self.name}", "revision": self.revision, "system_prompt": self.system_prompt}

    async def answer(self, case: Case, sample: int) -> Answer:
        reply = await generate(self.llm, transcript(messages(case, self.system_prompt)))
        if not isinstance(reply, str):
            raise CallFailure(f"deepeval:{self.name} returned {type(reply).__name__}, not a text")
        return strip_reasoning(Answer(storable(reply)))

    async def close(self) -> None:
        """Deepeval's classes hold nothing open."""


def transcript(conversation: Sequence[dict[str, str]]) -> str:
    """A single question as it is; anything longer with its roles named."""
    if len(conversation) == 1:
        return conversation[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in conversation)
