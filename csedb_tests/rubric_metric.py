"""The rubric of a case as an ordinary deepeval metric, and an endpoint of ours as the judge model of any metric.

    assert_test(LLMTestCase(input=question, actual_output=answer), [RubricMetric(case)])

Importing this module imports deepeval, and keeps it quiet where it is imported before deepeval itself.
"""

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.caller import Caller, CallLimits
from csedb_tests.chat import read_completion
from csedb_tests.deepeval_bridge import deepeval_module
from csedb_tests.endpoint import Endpoint
from csedb_tests.failures import CallFailure, Unscored
from csedb_tests.judges.base import Judge
from csedb_tests.judges.offline import OfflineJudge
from csedb_tests.limiter import AdaptiveLimiter
from csedb_tests.schema import Case
from csedb_tests.score import Score, score_case
from csedb_tests.text import showable, storable
from csedb_tests.verdict import Verdict

deepeval_module("deepeval")

from deepeval.errors import MissingTestCaseParamsError  # noqa: E402  # after deepeval_module, which keeps its first import quiet
from deepeval.metrics import BaseMetric  # noqa: E402
from deepeval.models import DeepEvalBaseLLM  # noqa: E402
from deepeval.test_case import LLMTestCase  # noqa: E402

LIMITS = CallLimits(timeout=120, deadline=900, retries=8)
CONCURRENCY = 32
GRADED_THRESHOLD = 0.6

T = TypeVar("T")


class _Background:
    """One event loop on a thread of its own.

    deepeval measures in loops that come and go, from threads too; connections and limits must outlive these.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.caller = Caller(LIMITS, AdaptiveLimiter(CONCURRENCY))
        self._open: dict[int, Callable[[], Coroutine[Any, Any, None]]] = {}
        threading.Thread(target=self.loop.run_forever, name="csedb-metric", daemon=True).start()
        atexit.register(self._close_all)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``; waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def await_(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``, awaited in the caller's own loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def close_at_exit(self, owner: Any, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Close ``owner`` when the program ends."""
        self._open[id(owner)] = close

    def _close_all(self) -> None:
        for close in self._open.values():
            asyncio.run_coroutine_threadsafe(close(), self.loop).result(timeout=5)


@cache
def _background() -> _Background:
    return _Background()


class RubricMetric(BaseMetric):  # type: ignore[no-untyped-call]  # deepeval is typed in part
    """Scores an answer to ``case`` as the gate does: with its rules, its never-events and a judge.

    ``threshold`` is 1 for a binary criterion and 0.6 for a graded one unless given. What the judge reads is the case's
    own question and the test case's ``actual_output``. An answer that cannot be scored is an exception, never a 0.
    """

    def __init__(self, case: Case, judge: Judge | None = None, threshold: float | None = None) -> None:
        self.case = case
        self.judge: Judge = judge or OfflineJudge()
        self.threshold = self.pass_mark = threshold if threshold is not None else _default_threshold(case)
        self.evaluation_model = str(self.judge.identity["judge"])
        self.verbose_mode = False

    @property
    def __name__(self) -> str:
        return "RubricMetric"

    def measure(self, test_case: LLMTestCase, *args: Any, **kwargs: Any) -> float:
        """The score, at most 1. Raises Unscored, CallFailure or FatalFailure where there is none to be trusted."""
        return _background().run(self._measured(_answer(test_case)))

    async def a_measure(self, test_case: LLMTestCase, *args: Any, **kwargs: Any) -> float:
        """As `measure`."""
        return await _background().await_(self._measured(_answer(test_case)))

    def is_successful(self) -> bool:
        """Whether the last measurement reached the threshold."""
        self.success = self.error is None and self.score is not None and self.score >= self.pass_mark
        return self.success

    async def _measured(self, answer: Answer) -> float:
        """Measure, and set what deepeval reads afterwards: score, reason and success, or error."""
        self.score, self.reason, self.error, self.success = None, None, None, None
        try:
            score = await self._score(answer)
        except Exception as error:
            self.error, self.success = showable(str(error)), False
            raise
        self.score = score
        self.is_successful()
        return score

    async def _score(self, answer: Answer) -> float:
        background = _background()
        background.close_at_exit(self.judge, self.judge.close)
        judgement = await self.judge.judge(self.case, answer, 0, background.caller.call)
        score = score_case(self.case, judgement.verdicts)
        self.reason = _reason(self.case, score, judgement.verdicts)
        if score.value is None:
            raise Unscored(f"{self.case.id} is unscored: {self.reason}")
        return score.value


def _answer(test_case: LLMTestCase) -> Answer:
    if test_case.actual_output is None:
        raise MissingTestCaseParamsError("'actual_output' cannot be None for the 'RubricMetric' metric")
    return strip_reasoning(Answer(storable(test_case.actual_output)))


def _default_threshold(case: Case) -> float:
    return 1.0 if case.criterion.scoring == "binary" else GRADED_THRESHOLD


def _reason(case: Case, score: Score, verdicts: tuple[Verdict, ...]) -> str:
    """What a person has to know: never-events first, then the rules that cost points, then what nobody could tell."""
    values = {verdict.statement: verdict for verdict in verdicts}
    parts = [f"never-event {event.id}: {event.text}" for event in case.never if event.id in score.never_events]
    for rule in case.rules:
        value = values[rule.id].value
        if value != "cannot_tell" and (value == "met") != (rule.points > 0):
            parts.append(f"{'missed' if rule.points > 0 else 'met, and costs points'} {rule.id}: {rule.text}")
    unknown = [verdict for verdict in verdicts if verdict.value == "cannot_tell"]
    parts += [f"cannot tell {verdict.statement}: {verdict.reason}" for verdict in unknown]
    return "; ".join(parts) or "every rule is met and no never-event occurred"


class EndpointLLM(DeepEvalBaseLLM):  # type: ignore[no-untyped-call]  # deepeval is typed in part
    """A model at an OpenAI-compatible endpoint, for any deepeval metric's ``model`` argument.

    One connection pool for all calls, replies held to the schema, retries that honour Retry-After. A failure is an
    exception that says why.
    """

    def __init__(self, model: str, endpoint: Endpoint, temperature: float = 0.0) -> None:
        self._name = model
        self._endpoint = endpoint
        self._temperature = temperature
        super().__init__(model)

    def load_model(self) -> "EndpointLLM":
        """Nothing is loaded here: the model is elsewhere."""
        return self

    def get_model_name(self) -> str:
        """The name that the endpoint knows."""
        return self._name

    def generate(self, prompt: str, schema: type[BaseModel] | None = None) -> Any:
        """The reply to ``prompt``: a text, or an instance of ``schema``."""
        return _background().run(self._reply(prompt, schema))

    async def a_generate(self, prompt: str, schema: type[BaseModel] | None = None) -> Any:
        """As `generate`."""
        return await _background().await_(self._reply(prompt, schema))

    async def _reply(self, prompt: str, schema: type[BaseModel] | None) -> Any:
        background = _background()
        background.close_at_exit(self._endpoint, self._endpoint.close)
        return await background.caller.call(partial(self._attempt, prompt, schema))

    async def _attempt(self, prompt: str, schema: type[BaseModel] | None) -> Any:
        request: dict[str, Any] = {
            "model": self._name,
            "messages": [{"role": "user", "content": storable(prompt)}],
            "temperature": self._temperature,
        }
        if schema is not None:
            form = {"name": schema.__name__, "schema": schema.model_json_schema()}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        reply = strip_reasoning(read_completion(await self._endpoint.post("/chat/completions", request)))
        return reply.text if schema is None else _validated(schema, reply.text)


def _validated(schema: type[BaseModel], text: str) -> BaseModel:
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]["msg"]
        raise CallFailure(f"the reply does not fit {schema.__name__}: {first}", retryable=True) from None
