"""The least a client can do: the same calls in a plain aiohttp loop, without pytest, store or record."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.bank import questions

_STATEMENTS = "\nSTATEMENTS\nS1. One.\nS2. Two.\nS3. Three.\nS4. Four.\nS5. Five.\n"


def _requests(question: str) -> Iterator[dict[str, Any]]:
    yield {"model": "m", "messages": [{"role": "user", "content": question}]}
    judging = question * 4 + _STATEMENTS
    yield {"model": "m", "messages": [{"role": "user", "content": judging}], "response_format": {"type": "json_schema"}}


async def _work(session: aiohttp.ClientSession, url: str, waiting: Iterator[str]) -> None:
    for question in waiting:
        for request in _requests(question):
            async with session.post(f"{url}/chat/completions", json=request) as response:
                response.raise_for_status()
                json.loads(await response.read())


async def call_all(url: str, texts: list[str], concurrency: int) -> None:
    """An answer and a verdict for every text, ``concurrency`` calls at a time."""
    waiting = iter(texts)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(_work(session, url, waiting) for _ in range(concurrency)))


def client_options(description: str | None) -> argparse.Namespace:
    """What every client is told on its command line: where, which questions, how many at a time."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("url")
    parser.add_argument("bank", type=Path)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    return parser.parse_args()


def main() -> None:
    """As a program, so that it is measured as the gate is."""
    options = client_options(__doc__)
    asyncio.run(call_all(options.url, questions(options.bank, options.cases), options.concurrency))


if __name__ == "__main__":
    main()
