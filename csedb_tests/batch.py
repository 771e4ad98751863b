"""A run by way of a batch service: the requests that the store lacks results for, in the OpenAI Batch input format.

One line per request: ``{"custom_id", "method", "url", "body"}``, as hosted batch services and vLLM's run-batch read it.
The body is the one an online run posts. `csedb_tests.batch_results` reads what comes back.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from csedb_tests.answer import Answer
from csedb_tests.config_errors import ConfigError
from csedb_tests.judges.base import Judgement
from csedb_tests.judges.llm import ATTEMPTS, EndpointClient, LLMJudge
from csedb_tests.judges.protocol import LONGEST_ANSWER, Brief, brief, read_verdicts
from csedb_tests.models.openai import OpenAIModel
from csedb_tests.plan import Plan
from csedb_tests.results import answer_key, kept_answer, kept_judgement, read_answer, verdict_key
from csedb_tests.schema import Case
from csedb_tests.selection import choose
from csedb_tests.settings import Settings
from csedb_tests.sources import DEFAULT_MODEL, build_judge, build_model
from csedb_tests.store import Store, key_of

URL = "/v1/chat/completions"
_ID_DIGITS = 60  # services take ids of up to 64 characters


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Asks the model for an answer. ``key`` is where the store keeps it."""

    model: OpenAIModel
    case: Case
    sample: int
    key: str
    kind: ClassVar[str] = "answer"

    @property
    def custom_id(self) -> str:
        return f"a-{self.key[:_ID_DIGITS]}"

    @property
    def asks(self) -> str:
        return self.model.name

    @property
    def name(self) -> str:
        return f"answer {self.sample + 1} to {self.case.id}"

    def body(self) -> dict[str, Any]:
        return self.model.request(self.case, self.sample)

    def result(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What the store keeps of a chat completion. Raises CallFailure."""
        return kept_answer(self.model.read(reply))


@dataclass(frozen=True, slots=True)
class VerdictRequest:
    """Asks the judge for the verdicts on an answer.

    ``attempt`` changes the order of the statements: a judge at temperature 0 says the same again to the same request.
    """

    client: EndpointClient
    case: Case
    answer: Answer
    attempt: int
    key: str
    kind: ClassVar[str] = "verdicts"

    @property
    def custom_id(self) -> str:
        # The order of the statements follows from the case's id and the attempt too, which the key does not hold. A
        # reply to another order must be unknown here: nothing in it would show that its verdicts are out of place.
        return f"v-{key_of('batch', self.key, self.case.id, self.attempt)[:_ID_DIGITS]}"

    @property
    def asks(self) -> str:
        return self.client.model

    @property
    def name(self) -> str:
        return f"verdicts on {self.case.id}"

    def body(self) -> dict[str, Any]:
        return self.client.request(self._brief())

    def result(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What the store keeps of a chat completion. Raises CallFailure or UnusableReply."""
        text, usage = self.client.read(reply)
        return kept_judgement(Judgement(read_verdicts(self.case, self._brief(), self.answer.text, text), usage))

    def _brief(self) -> Brief:
        return brief(self.case, self.answer.text, self.attempt)


Request = AnswerRequest | VerdictRequest


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run asks, of whom. ``judge`` is None where the judge needs no call."""

    model: OpenAIModel
    judge: LLMJudge | None
    cases: Sequence[Case]
    samples: int

    def answers(self) -> Iterator[AnswerRequest]:
        """Every answer the run needs, questions that are the same asked once."""
        keys: set[str] = set()
        for case in self.cases:
            for number in range(self.samples):
                request = AnswerRequest(self.model, case, number, answer_key(self.model, case, number))
                if request.key not in keys:
                    keys.add(request.key)
                    yield request

    def verdicts(self, store: Store, attempt: int = 0) -> Iterator[VerdictRequest]:
        """The verdicts on every answer that the store holds, an answer given twice judged once."""
        if self.judge is None:
            return
        client, keys = _client(self.judge), set()
        for case, answer in self._stored_answers(store):
            request = VerdictRequest(client, case, answer, attempt, verdict_key(self.judge, case, answer))
            if request.key not in keys:
                keys.add(request.key)
                yield request

    def _stored_answers(self, store: Store) -> Iterator[tuple[Case, Answer]]:
        for case in self.cases:
            for number in range(self.samples):
                stored = store.get(answer_key(self.model, case, number))
                if stored is not None:
                    yield case, read_answer(stored)

    def requests(self, store: Store) -> dict[str, Request]:
        """Everything that results may answer by now, by custom id."""
        verdicts = (request for attempt in range(ATTEMPTS) for request in self.verdicts(store, attempt))
        requests: tuple[Request, ...] = (*self.answers(), *verdicts)
        return {request.custom_id: request for request in requests}


def make_batch(plan: Plan) -> Batch:
    """The batch of a plan. Raises ConfigError for a model or judge that no batch service knows."""
    settings = plan.settings
    if settings.fresh:
        raise ConfigError("--csedb-fresh: a batch reaches the run through the store, which a fresh run does not read")
    return Batch(_model(plan), _judge(plan), selected(plan.bank.cases, settings), settings.samples)


def _model(plan: Plan) -> OpenAIModel:
    spec = plan.settings.model or DEFAULT_MODEL
    model = build_model(plan.settings, plan.directory) if spec.startswith("openai:") else None
    if not isinstance(model, OpenAIModel):
        raise ConfigError(f"--csedb-model: {spec!r} cannot be asked by batch; only openai:NAME can")
    return model


def _judge(plan: Plan) -> LLMJudge | None:
    spec = plan.settings.judge
    judge = None if spec.startswith("deepeval:") else build_judge(plan.settings, plan.directory)
    if judge is not None and not judge.paid:
        return None
    if not isinstance(judge, LLMJudge):
        raise ConfigError(f"--csedb-judge: {spec!r} cannot be asked by batch; only openai:NAME can")
    return judge


def _client(judge: LLMJudge) -> EndpointClient:
    assert isinstance(judge.client, EndpointClient), "openai:NAME is the one language model let through above"
    return judge.client


def selected(cases: Iterable[Case], settings: Settings) -> tuple[Case, ...]:
    """The cases that ``select``, ``sample`` and ``shard`` leave, as a run without marker expressions takes them."""
    known = list(cases)
    chosen = choose(known, settings).here
    if not chosen:
        raise ConfigError("the selection holds no case")
    return tuple(case for case in known if case.id in chosen)


@dataclass(frozen=True, slots=True)
class Missing:
    """What the store lacks. ``too_long`` counts answers that no judge is asked about: they stay unscored."""

    answers: tuple[AnswerRequest, ...]
    verdicts: tuple[VerdictRequest, ...]
    too_long: int

    def requests(self, only: str | None = None) -> tuple[Request, ...]:
        """The requests to write: all, or only the ``answers`` or the ``verdicts``."""
        return (*(self.answers if only != "verdicts" else ()), *(self.verdicts if only != "answers" else ()))


def find_missing(batch: Batch, store: Store, attempt: int = 0) -> Missing:
    """The requests whose results are not in the store; verdicts in the order of ``attempt``."""
    answers = tuple(request for request in batch.answers() if store.get(request.key) is None)
    verdicts = [request for request in batch.verdicts(store, attempt) if store.get(request.key) is None]
    judged = tuple(request for request in verdicts if len(request.answer.text) <= LONGEST_ANSWER)
    return Missing(answers, judged, len(verdicts) - len(judged))


def write_requests(path: Path, requests: Iterable[Request]) -> None:
    """Write the batch's input file. Raises ConfigError."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_line(request) for request in requests)
    except OSError as error:
        raise ConfigError(f"{path}: cannot write the batch: {error.strerror}") from None


def _line(request: Request) -> str:
    line = {"custom_id": request.custom_id, "method": "POST", "url": URL, "body": request.body()}
    return json.dumps(line) + "\n"
