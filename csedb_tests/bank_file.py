"""One YAML file as plain values with the line of each key, or the problems that stand against it.

Values are built from the parser's events, so that aliases, tags, a second document or too deep a nesting stop the file
where they stand, before anything could grow. Only the loading of a changed bank imports this module, and so PyYAML.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from csedb_tests.bank_errors import KeyPath, Problem, key_text, shown

MAX_DEPTH = 20
MAX_NODES = 200_000
_LONGEST_INTEGER = 18

# libyaml's parser where PyYAML was built with it: some fifteen times faster, and otherwise the same.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_TRUE = ("yes", "true", "on")
_READ_AS = {"bool": "true/false", "int": "a number", "float": "a number", "null": "nothing", "timestamp": "a date"}
_BOMS_16_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content. ``readable`` is false when reading stopped; ``value`` then means nothing.

    ``lines`` has the line of each key path. ``plain`` has the scalars without quotes that YAML does not take for text:
    as written, and what YAML takes them for.
    """

    file: str
    readable: bool
    value: object
    lines: Mapping[KeyPath, int]
    plain: Mapping[KeyPath, tuple[str, str]]
    problems: tuple[Problem, ...]

    def line(self, path: KeyPath) -> int:
        """The line of ``path``, or of the nearest thing around it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(file: str, content: bytes) -> Document:
    """Parse ``content``; ``file`` is its name in messages."""
    builder = _Builder(file)
    try:
        text = _decoded(builder, content)
        value = builder.document(text)
    except _Stop:
        return builder.result(None, readable=False)
    return builder.result(value, readable=True)


class _Stop(Exception):
    """The file cannot be read further; its problem has been noted."""


def _decoded(builder: "_Builder", content: bytes) -> str:
    if content.startswith(_BOMS_16_32):
        builder.stop("is not UTF-8 but UTF-16 or UTF-32; save it as UTF-8", line=None)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        builder.stop(f"is not UTF-8: byte 0x{content[error.start]:02x}", line=line)
    wrong = _UNPRINTABLE.search(text)
    if wrong:
        line = text.count("\n", 0, wrong.start()) + 1
        builder.stop(f"the character U+{ord(wrong.group()):04X} may not stand in a YAML file", line=line)
    return text


class _Builder:
    """Builds the value of one file from YAML events, noting places and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: dict[KeyPath, int] = {}
        self.plain: dict[KeyPath, tuple[str, str]] = {}
        self._nodes = 0

    def result(self, value: object, readable: bool) -> Document:
        return Document(self.file, readable, value, self.lines, self.plain, tuple(self.problems))

    def stop(self, message: str, line: int | None, column: int | None = None, hint: str = "") -> NoReturn:
        self.problems.append(Problem(self.file, message, line=line, column=column, hint=hint))
        raise _Stop

    def document(self, text: str) -> object:
        try:
            events: Iterator[Any] = (event for event in yaml.parse(text, Loader=_LOADER))
            return self._document(events)
        except yaml.MarkedYAMLError as error:
            self._stop_at(error, text)
        except yaml.YAMLError as error:
            self.stop(f"is not valid YAML: {error}", line=None)

    def _document(self, events: Iterator[Any]) -> object:
        next(events)  # the start of the stream
        if type(next(events)) is yaml.StreamEndEvent:
            self.stop("the file is empty", line=None)
        value = self._value(next(events), events, ())
        next(events)  # the end of the document
        after = next(events)
        if type(after) is not yaml.StreamEndEvent:
            self.stop("a second YAML document begins here; a bank file has one", after.start_mark.line + 1)
        return value

    def _value(self, event: Any, events: Iterator[Any], path: KeyPath) -> object:
        if type(event) is yaml.AliasEvent or event.anchor is not None:
            self._stop_at_anchor(event)
        if event.tag is not None:
            self._note_tag(event, path)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.stop(f"holds more than {MAX_NODES:,} values", event.start_mark.line + 1)
        # A value of a mapping stands at its key, which `_mapping` has noted already.
        self.lines.setdefault(path, event.start_mark.line + 1)
        if type(event) is yaml.ScalarEvent:
            return self._scalar(event, path)
        if len(path) >= MAX_DEPTH:
            self.stop(f"is nested deeper than {MAX_DEPTH} levels", event.start_mark.line + 1)
        return self._list(events, path) if type(event) is yaml.SequenceStartEvent else self._mapping(events, path)

    def _list(self, events: Iterator[Any], path: KeyPath) -> list[object]:
        items: list[object] = []
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                break
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[str, object]:
        entries: dict[str, object] = {}
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._key(event)
            place = (*path, key)
            if key in entries:
                self._note_duplicate(key, place, event)
            self.lines[place] = event.start_mark.line + 1
            entries[key] = self._value(next(events), events, place)
        return entries

    def _key(self, event: Any) -> str:
        if type(event) is yaml.AliasEvent or event.anchor is not None:
            self._stop_at_anchor(event)
        if type(event) is not yaml.ScalarEvent or event.tag is not None:
            self.stop("a key must be a plain word", event.start_mark.line + 1)
        return str(event.value)

    def _scalar(self, event: Any, path: KeyPath) -> object:
        text: str = event.value
        if not event.implicit[0]:
            return text
        for tag, pattern in _RESOLVERS.get(text[:1], ()):
            if pattern.match(text):
                kind = tag.rpartition(":")[2]
                self.plain[path] = (text, _READ_AS.get(kind, "something else"))
                return _typed(kind, text)
        return text

    def _note_duplicate(self, key: str, place: KeyPath, event: Any) -> None:
        message = f"the key {shown(key)} stands twice in one mapping; first in line {self.lines[place]}"
        self.problems.append(Problem(self.file, message, line=event.start_mark.line + 1, key=_key(place)))

    def _note_tag(self, event: Any, path: KeyPath) -> None:
        hint = "a text that starts with '!' must be written in quotes"
        message = f"the YAML tag {shown(event.tag)} is not allowed"
        self.problems.append(Problem(self.file, message, event.start_mark.line + 1, key=_key(path), hint=hint))

    def _stop_at_anchor(self, event: Any) -> NoReturn:
        sign, name = ("*", "aliases") if type(event) is yaml.AliasEvent else ("&", "anchors")
        mark = event.start_mark
        hint = f"write the value out again; {_quote_hint(sign)}"
        self.stop(f"YAML {name} are not allowed", mark.line + 1, mark.column + 1, hint)

    def _stop_at(self, error: yaml.MarkedYAMLError, text: str) -> NoReturn:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            self.stop(f"is not valid YAML: {error}", line=None)
        lines = _LINE_BREAK.split(text)
        rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
        message, hint = _explained(error, rest)
        self.stop(message, mark.line + 1, mark.column + 1, hint)


def _key(path: KeyPath) -> str:
    """Keys are told from their case on; which case it is, the line says."""
    return key_text(path[1:] if path and isinstance(path[0], int) else path)


def _typed(kind: str, text: str) -> object:
    """The value of a plain scalar of YAML type ``kind``; dates, octals and their like become oddities."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int" and _DECIMAL.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else float(text)
    return _floated(text) if kind == "float" else _Oddity(text)


def _floated(text: str) -> object:
    try:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:  # 1:30.5, minutes and seconds
        return _Oddity(text)


@dataclass(frozen=True, slots=True)
class _Oddity:
    """A scalar that YAML takes for neither text nor a decimal number, such as a date: wanted nowhere in a bank."""

    text: str

    def __repr__(self) -> str:
        return self.text


def _explained(error: yaml.MarkedYAMLError, rest: str) -> tuple[str, str]:
    """A message and a hint for a syntax error; ``rest`` is what follows the place where the parser gave up."""
    context, problem = error.context or "", error.problem or ""
    if "tab character" in problem or ("cannot start any token" in problem and rest.startswith("\t")):
        return "a tab in the indentation", "YAML allows spaces only"
    if "cannot start any token" in problem:
        return "not valid YAML", _quote_hint(rest[:1])
    if "mapping values are not allowed" in problem:
        return (
            "not valid YAML: a ':' where no key can stand",
            "put a text that holds ': ' in quotes, or indent the line",
        )
    if "unexpected end of stream" in problem and "quoted" in context:
        line = error.context_mark.line + 1 if error.context_mark else 1
        return f"not valid YAML: the quote opened in line {line} is never closed", ""
    return _plain_message(context, problem), _sign_hint(context)


def _plain_message(context: str, problem: str) -> str:
    return "not valid YAML: " + ", ".join(filter(None, (context, problem)))


def _sign_hint(context: str) -> str:
    signs = {"alias": "*", "anchor": "&", "block scalar": "|' or '>", "tag": "!", "directive": "%"}
    return next((_quote_hint(sign) for name, sign in signs.items() if name in context), "")


def _quote_hint(sign: str) -> str:
    return f"a text that starts with '{sign}' must be written in quotes"
