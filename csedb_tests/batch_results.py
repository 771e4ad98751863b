"""The results of a batch: lines in any order, errors among them, into the store.

One line per request: ``{"custom_id", "response": {"status_code", "body"}, "error"}``. A reply is read by the rules of
an online run; one that these refuse is reported and not stored, so that the next batch or run asks again.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csedb_tests.batch import Batch, Request, VerdictRequest
from csedb_tests.config_errors import ConfigError
from csedb_tests.failures import CallFailure
from csedb_tests.judges.protocol import UnusableReply
from csedb_tests.store import Store
from csedb_tests.text import one_line, shortened

_LONGEST_REASON = 300


class _Refused(Exception):
    """A line that gives no result; the message says why."""


@dataclass(slots=True)
class Intake:
    """What became of the lines. ``refused`` holds a reason, with its place, by custom id, or by place where none is."""

    stored: Counter[str] = field(default_factory=Counter)
    already: int = 0
    duplicates: int = 0
    unknown: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unusable: int = 0
    _taken: set[str] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether everything was taken."""
        return not self.unknown and not self.refused

    def take(self, place: str, line: Mapping[str, Any], requests: Mapping[str, Request], store: Store) -> None:
        """Keep the result of one line, or note why not."""
        request = requests.get(line["custom_id"])
        if request is None:
            self.unknown.append(f"{place}: {_shown(line['custom_id'])}")
        elif request.custom_id in self._taken:
            self.duplicates += 1
        elif store.get(request.key) is not None:
            self.already += 1
        else:
            self._keep(place, request, line, store)

    def _keep(self, place: str, request: Request, line: Mapping[str, Any], store: Store) -> None:
        try:
            result = request.result(_completion(line))
        except (_Refused, CallFailure, UnusableReply) as error:
            self.unusable += isinstance(request, VerdictRequest) and isinstance(error, UnusableReply)
            self.refuse(place, f"{request.name}: {error}", request.custom_id)
            return
        store.put(request.key, request.kind, result)
        self._taken.add(request.custom_id)
        self.stored[request.kind] += 1
        self.refused.pop(request.custom_id, None)  # an earlier line failed, this one makes up for it

    def refuse(self, place: str, reason: str, custom_id: str | None = None) -> None:
        """Note a line that gives no result."""
        self.refused[custom_id or place] = f"{place}: {_shown(reason)}"


def ingest(paths: Sequence[Path], batch: Batch, store: Store) -> Intake:
    """Put the results in ``paths`` into the store. Raises ConfigError for a file that cannot be read at all."""
    for path in paths:
        _check_readable(path)
    intake = Intake()
    for path in paths:
        requests = batch.requests(store)  # anew for every file: answers of one make verdicts of the next known
        for place, raw in _raw_lines(path):
            try:
                line = _parsed(raw)
            except _Refused as error:
                intake.refuse(place, str(error))
            else:
                intake.take(place, line, requests, store)
    return intake


def _check_readable(path: Path) -> None:
    if next(_raw_lines(path), None) is None:
        raise ConfigError(f"{path}: the file holds no results")


def _raw_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """The lines that are not blank, each with its place."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    yield f"{path}:{number}", raw
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the results: {error.strerror}") from None


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        line = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _Refused(f"not a line of JSON: {error}") from None
    if not isinstance(line, dict) or not isinstance(line.get("custom_id"), str):
        raise _Refused("not an object with the text 'custom_id'")
    return line


def _completion(line: Mapping[str, Any]) -> dict[str, Any]:
    """The chat completion of a line."""
    response = line.get("response")
    if line.get("error"):
        raise _Refused(f"the service reports an error: {_stated(line['error'])}")
    if not isinstance(response, dict):
        raise _Refused("the line holds neither a response nor an error")
    status, body = response.get("status_code"), response.get("body")
    if status != 200:
        raise _Refused(f"the service reports status {status}: {_stated(body)}")
    if not isinstance(body, dict):
        raise _Refused("the response holds no body that is an object")
    return body


def _stated(error: Any) -> str:
    """The words of an error: services wrap its message in up to two objects."""
    inner = error.get("error", error) if isinstance(error, dict) else error
    if isinstance(inner, dict):
        inner = inner.get("message") or inner.get("code") or inner
    return inner if isinstance(inner, str) else json.dumps(inner)


def _shown(text: str) -> str:
    return shortened(one_line(text), _LONGEST_REASON)
