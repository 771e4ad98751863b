"""A language model as judge: one schema-constrained call per answer, through a client for its API."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, create_model

from csedb_tests.answer import Answer, Usage
from csedb_tests.chat import read_completion
from csedb_tests.deepeval_bridge import generate
from csedb_tests.endpoint import Endpoint
from csedb_tests.failures import CallFailure, Unscored
from csedb_tests.judges.base import Call, Judgement
from csedb_tests.judges.protocol import LONGEST_ANSWER, Brief, UnusableReply, brief, prompt_digest, read_verdicts
from csedb_tests.models.base import Identity
from csedb_tests.schema import Case
from csedb_tests.verdict import VerdictValue

ATTEMPTS = 3
"""How often a judge is asked again when its reply is unusable."""


class JudgeClient(Protocol):
    """Gets one reply to a brief."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...

    async def reply(self, task: Brief) -> tuple[str, Usage]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class EndpointClient:
    """A judge model at an OpenAI-compatible endpoint, its reply held to the brief's JSON Schema."""

    model: str
    endpoint: Endpoint

    @property
    def name(self) -> str:
        return f"openai:{self.model} at {self.endpoint.base_url}"

    @property
    def host(self) -> str:
        return self.endpoint.host

    def request(self, task: Brief) -> dict[str, Any]:
        """The body of the chat completions request for the verdicts."""
        format_ = {"name": "verdicts", "strict": True, "schema": task.schema}
        return {
            "model": self.model,
            "messages": [{"role": "system", "content": task.system}, {"role": "user", "content": task.user}],
            "temperature": 0,
            "response_format": {"type": "json_schema", "json_schema": format_},
        }

    def read(self, reply: dict[str, Any]) -> tuple[str, Usage]:
        """The text of a chat completion, and its tokens. Raises CallFailure."""
        completion = read_completion(reply, accept_truncated=True)  # a cut reply is no JSON: the judge is asked again
        return completion.text, completion.usage

    async def reply(self, task: Brief) -> tuple[str, Usage]:
        return self.read(await self.endpoint.post("/chat/completions", self.request(task)))

    async def close(self) -> None:
        await self.endpoint.close()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quote: str
    reason: str
    verdict: VerdictValue


@dataclass(frozen=True, slots=True)
class DeepEvalClient:
    """A judge through any DeepEvalBaseLLM; ``schema`` is handed to it as deepeval does, as a pydantic model."""

    model: str
    llm: Any

    @property
    def name(self) -> str:
        return f"deepeval:{self.model}"

    @property
    def host(self) -> str:
        return f"{self.model.partition('/')[0]} (through deepeval)"

    async def reply(self, task: Brief) -> tuple[str, Usage]:
        schema = create_model("Verdicts", __config__=ConfigDict(extra="forbid"), **_fields(task))
        reply = await generate(self.llm, f"{task.system}\n\n{task.user}", schema)
        return (reply if isinstance(reply, str) else _dumped(reply)), Usage()

    async def close(self) -> None:
        """Deepeval's classes hold nothing open."""


def _fields(task: Brief) -> dict[str, Any]:
    return dict.fromkeys(task.numbers, (_Entry, ...))


def _dumped(reply: Any) -> str:
    """As JSON text by way of Python's encoder: pydantic's own refuses lone surrogates."""
    if not isinstance(reply, BaseModel):
        raise CallFailure(f"the judge returned {type(reply).__name__}, not the schema it was given", retryable=True)
    return json.dumps(reply.model_dump(), default=str)


@dataclass(frozen=True, slots=True)
class LLMJudge:
    """Judges with the protocol of `csedb_tests.judges.protocol`."""

    client: JudgeClient
    paid = True

    @property
    def host(self) -> str:
        return self.client.host

    @property
    def identity(self) -> Identity:
        return {"judge": self.client.name, "prompt": prompt_digest()}

    async def judge(self, case: Case, answer: Answer, sample: int, call: Call) -> Judgement:
        if len(answer.text) > LONGEST_ANSWER:
            raise Unscored(f"the answer is too long to judge: {len(answer.text):,} of {LONGEST_ANSWER:,} characters")
        usage, problem = Usage(), ""
        for attempt in range(ATTEMPTS):
            task = brief(case, answer.text, attempt)
            reply, spent = await self._reply(task, call)
            usage += spent
            try:
                return Judgement(read_verdicts(case, task, answer.text, reply), usage)
            except UnusableReply as error:
                problem = str(error)
        raise Unscored(f"no usable verdict in {ATTEMPTS} replies: {problem}")

    async def _reply(self, task: Brief, call: Call) -> tuple[str, Usage]:
        try:
            reply: tuple[str, Usage] = await call(partial(self.client.reply, task))
        except CallFailure as failure:
            raise CallFailure(f"judge: {failure}") from None
        return reply

    async def close(self) -> None:
        await self.client.close()
