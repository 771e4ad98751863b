"""``openai:NAME``: a model behind any OpenAI-compatible chat completions API."""

from dataclasses import asdict, dataclass
from typing import Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.chat import read_completion
from csedb_tests.endpoint import Endpoint
from csedb_tests.models.base import Identity, messages
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; None leaves the endpoint's default."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None

    def request(self, sample: int) -> dict[str, Any]:
        """The request fields, the seed moved on by the sample number so that repeated answers may differ."""
        fields = {key: value for key, value in asdict(self).items() if value is not None}
        if self.seed is not None:
            fields["seed"] = self.seed + sample
        return fields


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """A chat model by name at an endpoint."""

    name: str
    endpoint: Endpoint
    sampling: Sampling = Sampling()
    system_prompt: str | None = None
    revision: str | None = None
    accept_truncated: bool = False
    paid = True

    @property
    def host(self) -> str:
        return self.endpoint.host

    @property
    def identity(self) -> Identity:
        return {
            "model": f"openai:{self.name}",
            "base_url": self.endpoint.base_url,
            "revision": self.revision,
            "system_prompt": self.system_prompt,
            "accept_truncated": self.accept_truncated,
            **asdict(self.sampling),
        }

    def request(self, case: Case, sample: int) -> dict[str, Any]:
        """The body of the chat completions request for an answer."""
        return {
            "model": self.name,
            "messages": messages(case, self.system_prompt),
            **self.sampling.request(sample),
        }

    def read(self, reply: dict[str, Any]) -> Answer:
        """The answer that a chat completion carries. Raises CallFailure."""
        return strip_reasoning(read_completion(reply, accept_truncated=self.accept_truncated))

    async def answer(self, case: Case, sample: int) -> Answer:
        return self.read(await self.endpoint.post("/chat/completions", self.request(case, sample)))

    async def close(self) -> None:
        await self.endpoint.close()
