"""An OpenAI-compatible server on loopback for tests, with scripted misbehaviour."""

import asyncio
import json
import re
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.schema import Case

JUDGE_FIELDS = ("quote", "reason", "verdict")


@dataclass(frozen=True)
class Reply:
    """What the server does with one request. ``body`` is sent as JSON unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    hang: bool = False


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float

    @property
    def is_judge(self) -> bool:
        return "response_format" in self.body

    @property
    def user(self) -> str:
        """The text of the last message."""
        content: str = self.body["messages"][-1]["content"]
        return content


Script = Callable[[Seen], Reply]


def completion(text: str | None, finish: str = "stop", **message: Any) -> Reply:
    """A well-formed chat completion."""
    return Reply(
        {
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50},
        }
    )


def statements(prompt: str) -> dict[str, str]:
    """The numbered statements of a judge prompt."""
    return dict(re.findall(r"^(S\d+)\. (.*)$", prompt.rpartition("\nSTATEMENTS\n")[2], re.MULTILINE))


def answer_in(prompt: str) -> str:
    """The answer between the fences of a judge prompt."""
    found = re.search(r"^<answer-(\w+)>\n(.*)\n^</answer-\1>$", prompt, re.DOTALL | re.MULTILINE)
    assert found, "the prompt holds no fenced answer"
    return found.group(2)


def verdicts(numbers: dict[str, str], value: str = "not_met", quote: str = "") -> dict[str, dict[str, str]]:
    """The same verdict for every number."""
    return {number: {"quote": quote, "reason": "scripted", "verdict": value} for number in numbers}


class BankScript:
    """Answers questions of a bank with an exemplar, and judges by the pattern judge: a model and a judge that work."""

    def __init__(self, cases: tuple[Case, ...], kind: str = "safe") -> None:
        self._answers = {case.turns[-1].content: getattr(case.exemplars, kind) for case in cases}
        self._by_text = {statement.text: (case, statement.id) for case in cases for statement in case.statements}
        self._judge = PatternJudge()

    def __call__(self, seen: Seen) -> Reply:
        if seen.is_judge:
            return completion(json.dumps(self._verdicts(seen.user)))
        return completion(self._answers[seen.user])

    def _verdicts(self, prompt: str) -> dict[str, dict[str, str]]:
        numbers, answer = statements(prompt), answer_in(prompt)
        case = next(self._by_text[text][0] for text in numbers.values() if text in self._by_text)
        known = {v.statement: v for v in self._judge.verdicts(case, answer)}
        entries = verdicts(numbers)
        for number, text in numbers.items():
            if text in self._by_text:
                verdict = known[self._by_text[text][1]]
                entries[number] = {"quote": verdict.quote, "reason": "by pattern", "verdict": verdict.value}
        return entries


class LoopbackServer:
    """The server on a thread of its own. ``log`` holds every request in order of arrival."""

    def __init__(self, script: Script, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.tls = tls
        self.port = port
        self.log: list[Seen] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> "LoopbackServer":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=self.tls)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return runner

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.path, dict(request.headers), await request.json(), time.monotonic())
        self.log.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._reply(request, self.script(seen))
        finally:
            self.in_flight -= 1

    async def _reply(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.hang:
            await asyncio.sleep(3600)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if not reply.cut:
            return web.Response(body=body, status=reply.status, headers=reply.headers, content_type="application/json")
        response = web.StreamResponse(status=reply.status)
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return response
