"""One shared HTTP client for an OpenAI-compatible endpoint, every failure mapped to what it means for the run."""

import json
import math
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.text import shortened, showable

LARGEST_BODY = 16 * 1024 * 1024
_RETRYABLE = frozenset({408, 409, 425, 429})
_FATAL = {
    401: "the endpoint refuses the API key",
    403: "the endpoint refuses access",
    404: "the endpoint does not know this address or model",
}
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")


@dataclass(slots=True)
class Endpoint:
    """An endpoint, its ``base_url`` as in ``http://localhost:8000/v1``.

    Redirects and proxies are not followed: what is sent goes to the host that the user named, and nowhere else.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    key_hint: str = "CSEDB_API_KEY"
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port, for the list of hosts a run talks to."""
        return urlsplit(self.base_url).netloc

    async def post(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The JSON object of one reply. Raises CallFailure or FatalFailure; never anything else."""
        body = json.dumps(payload).encode()
        try:
            async with self._client().post(self.base_url + path, data=body, allow_redirects=False) as response:
                content = await _read(response)
                if response.status != 200:
                    raise self._refusal(response, content)
        except aiohttp.ClientSSLError as error:
            raise FatalFailure(f"{self.host}: TLS failed: {_plain(error)}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise CallFailure(f"{self.host}: {_plain(error)}", retryable=True) from None
        return _json_object(content, self.host)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Content-Type": "application/json"}
            if self.api_key:
                headers["Authorization"] = f"Bearer {self.api_key}"
            self._session = aiohttp.ClientSession(
                headers=headers,
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
            )
        return self._session

    def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        status = response.status
        said = self._redacted(showable(shortened(content.decode("utf-8", "replace").strip(), 300)))
        message = f"{self.host}: HTTP {status} {response.reason or ''}: {said}"
        if status in _FATAL:
            return FatalFailure(f"{message} -- {_FATAL[status]}; {self._advice(status)}")
        if status == 429 and any(code in said for code in _QUOTA):
            return FatalFailure(f"{message} -- the account has no quota left")
        retryable = status in _RETRYABLE or status >= 500
        after = _retry_after(response.headers.get("Retry-After")) if retryable else None
        return CallFailure(message, retryable=retryable, retry_after=after, throttled=status == 429)

    def _advice(self, status: int) -> str:
        if status == 404:
            return f"check the base URL ({self.base_url}) and the model's name"
        return f"set the environment variable {self.key_hint} to a valid key"

    def _redacted(self, text: str) -> str:
        return text.replace(self.api_key, "[key]") if self.api_key else text


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise CallFailure(f"the reply is larger than {LARGEST_BODY // 2**20} MiB")
        chunks.append(chunk)
    return b"".join(chunks)


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
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _plain(error: BaseException) -> str:
    return showable(str(error)) or type(error).__name__


def checked_base_url(url: str, option: str) -> str:
    """``url`` without a trailing slash, if it is an http(s) URL with a host and without credentials or a query."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{option}: {url!r} is not a URL such as http://localhost:8000/v1")
    if parts.username or parts.password:
        raise ConfigError(f"{option}: the URL must not hold credentials; keys come from the environment")
    if parts.query or parts.fragment:
        raise ConfigError(f"{option}: {url!r} must have no query and no fragment")
    return url.rstrip("/")
