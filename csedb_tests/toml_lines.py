"""The lines of a TOML file, for errors about its values: tomllib does not keep them."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from csedb_tests.config_errors import KeyPath

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_ONE: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY: Final = re.compile(rf"\s*({_ONE}(?:\s*\.\s*{_ONE})*)\s*=")
_PART: Final = re.compile(_ONE)


def toml_line(text: str, path: KeyPath) -> int | None:
    """The line, from 1, that sets the value at ``path`` (keys, and places from 0 in arrays), or the nearest around.

    It reads tables and keys at the beginnings of lines; of a value inside another on one line it gives that line.
    """
    places: dict[KeyPath, int] = {}
    for number, place in _places(text):
        for end in range(1, len(place) + 1):
            places.setdefault(place[:end], number)
    return next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), None)


def _places(text: str) -> Iterator[tuple[int, KeyPath]]:
    table: KeyPath = ()
    seen: Counter[KeyPath] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                seen[table] += 1
                table = (*table, seen[table] - 1)
            yield number, table
        elif key:
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
