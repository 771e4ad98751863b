"""deepeval's evaluate() on the same cases: answers fetched by a plain loop, a judge class of our own over one client.

This is the fastest way to use it that was found; its built-in model classes open a client per call.
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import aiohttp

from benchmarks.bank import questions
from benchmarks.bare_http import client_options

_QUIET = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "DEEPEVAL_DISABLE_LEGACY_KEYFILE": "1",
    "DEEPEVAL_DISABLE_TIMEOUTS": "1",
    "DEEPEVAL_FILE_SYSTEM": "READ_ONLY",
}


async def _ask(session: aiohttp.ClientSession, url: str, text: str) -> str:
    request = {"model": "m", "messages": [{"role": "user", "content": text}]}
    async with session.post(f"{url}/chat/completions", json=request) as response:
        content: str = (await response.json())["choices"][0]["message"]["content"]
        return content


async def answers(url: str, texts: Sequence[str], concurrency: int) -> list[str]:
    """The model's answers, ``concurrency`` calls at a time."""
    places = asyncio.Semaphore(concurrency)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(text: str) -> str:
            async with places:
                return await _ask(session, url, text)

        return await asyncio.gather(*map(one, texts))


def _metric(url: str) -> Any:
    from deepeval.metrics import BaseMetric

    class OneCall(BaseMetric):  # type: ignore[no-untyped-call]  # deepeval's hook for subclasses
        """One judge call per case, whatever it says."""

        threshold = 0.5
        async_mode = True
        session: aiohttp.ClientSession | None = None

        def measure(self, test_case: Any, *_: Any, **__: Any) -> float:
            raise NotImplementedError("evaluate() runs it asynchronously")

        async def a_measure(self, test_case: Any, *_: Any, **__: Any) -> float:
            if OneCall.session is None:
                OneCall.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            await _ask(OneCall.session, url, test_case.input * 4 + test_case.actual_output)
            self.score, self.success = 1.0, True
            return 1.0

        def is_successful(self) -> bool:
            return True

    return OneCall()


def main() -> None:
    """As a program, so that it is measured as the gate is."""
    options = client_options(__doc__)
    os.environ |= _QUIET
    from deepeval.evaluate import AsyncConfig, CacheConfig, DisplayConfig
    from deepeval.evaluate.evaluate import evaluate
    from deepeval.test_case import LLMTestCase

    texts = questions(options.bank, options.cases)
    said = asyncio.run(answers(options.url, texts, options.concurrency))
    cases = [LLMTestCase(input=text, actual_output=answer) for text, answer in zip(texts, said, strict=True)]
    result = evaluate(
        cases,
        [_metric(options.url)],
        async_config=AsyncConfig(max_concurrent=options.concurrency, throttle_value=0),
        display_config=DisplayConfig(show_indicator=False, print_results=False),
        cache_config=CacheConfig(write_cache=False, use_cache=False),
    )
    assert len(result.test_results) == options.cases, "results are missing"


if __name__ == "__main__":
    main()
