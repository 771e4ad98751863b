"""One shared HTTP client for an OpenAI-compatible endpoint, every failure mapped to what it means for the run."""

import asyncio
import errno
import json
import math
import os
import time
import zlib
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.text import one_line, shortened

LARGEST_BODY = 16 * 1024 * 1024
LARGEST_ERROR = 64 * 1024
CONNECT_SECONDS = 10.0
FIRST_CONTACT_SECONDS = 2.0
"""How long the first contact is tried before the run stops: a typing error is likelier than a server that starts."""
FIRST_REFUSALS = 5
"""So many requests refused, and none ever accepted, say that the request itself is wrong."""
SECRET_LENGTH = 12
"""A shorter key (``EMPTY``, ``none``) keeps no secret, and replacing it would damage answers that hold the word."""

_RETRYABLE = frozenset({408, 409, 425, 429})
_QUOTA = (b"insufficient_quota", b"billing_hard_limit_reached")
_FATAL = {
    401: "the endpoint refuses the API key; set the environment variable {key} to a valid one",
    402: "the account has no credit left",
    404: "check the base URL ({url}) and the model's name",
}
# Fatal until something was served. Later a 403 may be one question refused by a moderator, not the whole run.
_FATAL_AT_FIRST = {
    403: "the endpoint refuses access; set the environment variable {key} to a key that may use this model",
    **dict.fromkeys(
        (301, 302, 303, 307, 308),
        "redirects are not followed, because they would send questions to another address; "
        "set the base URL ({url}) to the final one",
    ),
}


class _NoConnection(CallFailure):
    """Not even a connection could be made."""


@dataclass(slots=True)
class _Standing:
    """What the endpoint has done for this run so far: it decides whether a failure is one call's or the run's."""

    reached: bool = False
    served: bool = False
    refused: int = 0
    in_flight: int = 0
    unreachable_since: float = math.inf

    def refuse(self) -> bool:
        """Note a refused request; True when enough of them, and all so far, were refused.

        Calls in flight count against it: a refusal comes faster than an answer.
        """
        self.refused += 1
        return not self.served and self.refused >= max(FIRST_REFUSALS, self.in_flight)

    def miss(self, started: float) -> float:
        """Note a connection that could not be made, tried since ``started``; gives the seconds since the first one."""
        self.unreachable_since = min(started, self.unreachable_since)
        return time.monotonic() - self.unreachable_since


@dataclass(slots=True)
class Endpoint:
    """An endpoint, its ``base_url`` as in ``http://localhost:8000/v1``.

    Redirects and proxies are not followed: what is sent goes to the host that the user named, and nowhere else.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    key_hint: str = "CSEDB_API_KEY"
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)
    _standing: _Standing = field(default_factory=_Standing, repr=False)

    def __post_init__(self) -> None:
        """Clean the key: one read from a file often ends in a line break. Raises ConfigError, without showing it."""
        self.api_key = (self.api_key or "").strip() or None
        if self.api_key and not (self.api_key.isascii() and self.api_key.isprintable() and " " not in self.api_key):
            raise ConfigError(f"environment: {self.key_hint} holds characters that no API key has")

    @property
    def host(self) -> str:
        """Host and port, for the list of hosts a run talks to."""
        return urlsplit(self.base_url).netloc

    async def post(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The JSON object of one reply. Raises CallFailure or FatalFailure; never anything else."""
        self._standing.in_flight += 1
        try:
            content = await self._exchange(self.base_url + path, json.dumps(payload).encode())
        finally:
            self._standing.in_flight -= 1
        data = _json_object(self._without_key(content), self.host)
        self._standing.served = True
        return data

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, url: str, body: bytes) -> bytes:
        """The content of a 200. An endpoint never reached is tried for a moment, then it is the end of the run."""
        started, pause = time.monotonic(), 0.2
        while True:
            try:
                return await self._send(url, body)
            except _NoConnection as failure:
                if self._standing.reached:
                    raise
                if self._standing.miss(started) + pause > FIRST_CONTACT_SECONDS:
                    raise FatalFailure(
                        f"cannot connect to {self.host}: {failure}; "
                        f"is the server running, and is the base URL right ({self.base_url})?"
                    ) from None
            await asyncio.sleep(pause)
            pause *= 2

    async def _send(self, url: str, body: bytes) -> bytes:
        try:
            async with self._client().post(url, data=body, allow_redirects=False) as response:
                self._standing.reached = True
                if response.status != 200:
                    raise self._refusal(response, await self._read(response, LARGEST_ERROR))
                content = await self._read(response, LARGEST_BODY)
        except aiohttp.ClientConnectorCertificateError as error:
            raise FatalFailure(
                f"{self.host}: TLS failed: {self._said(str(error.certificate_error))}; "
                "for a certificate authority of your own set SSL_CERT_FILE"
            ) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _NoConnection(self._said(_why(error)), retryable=True) from None
        except (aiohttp.InvalidURL, UnicodeError) as error:  # the second from names no resolver can take
            raise FatalFailure(f"{self.host}: not a usable address: {self._said(str(error))}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise CallFailure(f"{self.host}: {self._said(_why(error))}", retryable=True) from None
        if len(content) > LARGEST_BODY:
            raise CallFailure(f"{self.host}: the reply is larger than {LARGEST_BODY // 2**20} MiB")
        return content

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Replies are small. Whoever compresses them all the same is decoded here, with a limit (see `_inflater`).
            headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
            if self.api_key:
                headers["Authorization"] = f"Bearer {self.api_key}"
            trace = aiohttp.TraceConfig()
            trace.on_connection_create_end.append(self._note_connection)
            self._session = aiohttp.ClientSession(
                headers=headers,
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                trust_env=False,
                auto_decompress=False,
                trace_configs=[trace],
            )
        return self._session

    async def _note_connection(self, *_: Any) -> None:
        self._standing.reached = True

    async def _read(self, response: aiohttp.ClientResponse, limit: int) -> bytes:
        """The body, decoded; a little more than ``limit`` bytes of one that is longer."""
        inflater = self._inflater(response)
        content = bytearray()
        try:
            async for chunk in response.content.iter_any():
                content += inflater.decompress(chunk, limit + 1 - len(content)) if inflater else chunk
                if len(content) > limit:
                    break
        except zlib.error:
            raise CallFailure(f"{self.host}: the compressed reply is damaged", retryable=True) from None
        return bytes(content)

    def _inflater(self, response: aiohttp.ClientResponse) -> Any:
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding in ("identity", ""):
            return None
        if coding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(zlib.MAX_WBITS | 32)  # reads either header
        raise CallFailure(f"{self.host}: the reply is encoded as {self._said(coding)!r}, which was not asked for")

    def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        status = response.status
        message = self._refusal_text(response, content)
        if status == 429 and any(code in content for code in _QUOTA):
            return FatalFailure(f"{message} -- the account has no quota left")
        advice = _FATAL.get(status) or (None if self._standing.served else _FATAL_AT_FIRST.get(status))
        if advice is not None:
            return FatalFailure(f"{message} -- {advice.format(key=self.key_hint, url=self.base_url)}")
        retryable = status in _RETRYABLE or status >= 500
        if not retryable and self._standing.refuse():
            tried = f"{self._standing.refused} requests, none accepted"
            return FatalFailure(f"{message} -- {tried}: the request itself is wrong (the model's name, a parameter?)")
        after = _retry_after(response.headers.get("Retry-After")) if retryable else None
        return CallFailure(message, retryable=retryable, retry_after=after, throttled=status == 429)

    def _refusal_text(self, response: aiohttp.ClientResponse, content: bytes) -> str:
        said = content.decode("utf-8", "replace").strip()
        location = response.headers.get("Location")
        if location and 300 <= response.status < 400:
            said = f"to {location}"
        return f"{self.host}: HTTP {response.status} {self._said(response.reason or '')}: {self._said(said)}"

    def _said(self, text: str) -> str:
        """Foreign text for a message: the key taken out first (a cut could hide its end), one line, not too long."""
        return shortened(one_line(text.replace(self.api_key, "[key]") if self.api_key else text), 300)

    def _without_key(self, content: bytes) -> bytes:
        """A reply that repeats our key, as an echo server would, must not carry it into a record."""
        if self.api_key is None or len(self.api_key) < SECRET_LENGTH:
            return content
        return content.replace(self.api_key.encode(), b"[key]")


def _json_object(content: bytes, host: str) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise CallFailure(f"{host}: the reply is not valid JSON", retryable=True) from None
    if not isinstance(data, dict):
        raise CallFailure(f"{host}: the reply is not a JSON object", retryable=True)
    return data


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait, from either form of the header (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _why(error: BaseException) -> str:
    """What the system said, in its own words: aiohttp's texts repeat the host and name internals."""
    cause = getattr(error, "os_error", error)
    number = getattr(cause, "errno", None) or 0
    if number in errno.errorcode:
        return os.strerror(number)
    return str(getattr(cause, "strerror", None) or cause) or type(error).__name__


def checked_base_url(url: str, option: str) -> str:
    """``url`` without a trailing slash, if it is an http(s) URL with a host and without credentials or a query."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ConfigError(f"{option}: the URL must not hold credentials; keys come from the environment")
    if not _is_address(url):
        raise ConfigError(f"{option}: {url!r} is not a URL such as http://localhost:8000/v1")
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ConfigError(f"{option}: {url!r} must have no query and no fragment")
    base = url.rstrip("/")
    if base.endswith("/chat/completions"):
        raise ConfigError(f"{option}: {url!r} must end before /chat/completions, which is added to it")
    return base


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # unbalanced brackets, or a port that is no port
        return False
    return has_place and url.isprintable() and " " not in url
