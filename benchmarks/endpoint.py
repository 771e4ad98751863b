"""An OpenAI-compatible endpoint that costs next to nothing: ``python -m benchmarks.endpoint --port-file F``.

It speaks just enough HTTP/1.1 for keep-alive POSTs with a Content-Length, over a bare asyncio protocol: a server that
shares the machine with the client it serves, and works as hard, would be what is measured. Every reply comes after a
set latency; some requests are refused by seeded chance.
"""

import argparse
import asyncio
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

_ANSWER = "See a doctor today. " * 30
_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_STATEMENT = re.compile(r"^(S\d+)\. ", re.MULTILINE)


@dataclass(slots=True)
class Script:
    """What is replied: seconds of latency, shares of 429 and 500, seconds that a 429 asks to wait."""

    latency: float
    throttle_rate: float
    error_rate: float
    retry_after: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def reply(self, body: bytes) -> bytes:
        """The whole response to one request."""
        draw = self.chance.random()
        if draw < self.throttle_rate:
            return _response(429, {"error": "slow down"}, f"Retry-After: {self.retry_after:g}\r\n")
        if draw < self.throttle_rate + self.error_rate:
            return _response(500, {"error": "try again"})
        return _response(200, _completion(_verdicts(body) if b'"response_format"' in body else _ANSWER))


def _verdicts(body: bytes) -> str:
    prompt = json.loads(body)["messages"][-1]["content"].rpartition("\nSTATEMENTS\n")[2]
    entry = {"quote": "", "reason": "scripted", "verdict": "not_met"}
    return json.dumps(dict.fromkeys(_STATEMENT.findall(prompt), entry))


def _completion(text: str) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    named = {"id": "c", "object": "chat.completion", "created": 0, "model": "m"}
    return {**named, "choices": [choice], "usage": usage}


def _response(status: int, data: dict[str, object], headers: str = "") -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 {status} R\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its reply after the latency, and so on."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, _ = self._received.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if not mark or found is None:
            return
        end = len(head) + 4 + int(found[1])
        if len(self._received) >= end:
            body = bytes(self._received[len(head) + 4 : end])
            del self._received[:end]
            asyncio.get_running_loop().call_later(self._script.latency, self._send, self._script.reply(body))

    def _send(self, response: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(response)


async def serve(script: Script, port_file: Path) -> None:
    """Serve on loopback until ended; the port goes into ``port_file``."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(script), "127.0.0.1", 0, backlog=1024)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


def main() -> None:
    """As a program, so that its work is nobody else's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True, help="file that receives the port")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    parser.add_argument("--throttle-rate", type=float, default=0.0, help="share of replies that are 429")
    parser.add_argument("--retry-after", type=float, default=1.0, help="seconds that a 429 asks for")
    parser.add_argument("--error-rate", type=float, default=0.0, help="share of replies that are 500")
    options = parser.parse_args()
    script = Script(options.latency, options.throttle_rate, options.error_rate, options.retry_after)
    asyncio.run(serve(script, options.port_file))


if __name__ == "__main__":
    main()
