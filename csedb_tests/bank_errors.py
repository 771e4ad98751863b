"""The one error of a bank that cannot be used: every problem in it, each as one clear line."""

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

SHOWN_PROBLEMS = 50
SHOWN_ALLOWED = 40
VALUE_LENGTH = 80
KEY_LENGTH = 200
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = VALUE_LENGTH

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault and its place. ``line`` and ``column`` count from 1; ``key`` looks like ``rules[1].points``."""

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    key: str = ""
    value: str | None = None
    allowed: tuple[str, ...] = ()
    hint: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        parts = [self.message, *self._got(), *self._allowed(), *([self.hint] if self.hint else [])]
        return _one_line(": ".join(filter(None, (place, self.key, "; ".join(parts)))))

    def _got(self) -> list[str]:
        return [] if self.value is None else [f"got {self.value}"]

    def _allowed(self) -> list[str]:
        more = ["..."] if len(self.allowed) > SHOWN_ALLOWED else []
        return [f"allowed: {', '.join([*self.allowed[:SHOWN_ALLOWED], *more])}"] if self.allowed else []


class BankError(ValueError):
    """The bank cannot be used. ``complete`` is false when reading stopped before the end of the bank."""

    def __init__(self, problems: Sequence[Problem], complete: bool = True) -> None:
        super().__init__(problems, complete)
        self.problems = tuple(problems)
        self.complete = complete

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        rest = len(self.problems) - len(lines)
        if rest:
            lines.append(f"and {'' if self.complete else 'at least '}{rest} more")
        return "\n".join(lines)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """``did you mean 'points'?`` for the allowed word nearest to ``word``, or nothing."""
    found = nearest(word, allowed)
    return f"did you mean {found!r}?" if found else ""


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that ``word`` was most likely meant to be; letter case counts for nothing."""
    by_fold = {name.casefold()[:VALUE_LENGTH]: name for name in islice(allowed, 10_000)}
    found = difflib.get_close_matches(word.casefold()[:VALUE_LENGTH], by_fold, n=1)
    return by_fold[found[0]] if found else None


def shown(value: object) -> str:
    """``repr(value)``, cut to a readable length."""
    # Neither a huge text nor a huge list is written out in full just to be cut.
    text = repr(value[:VALUE_LENGTH]) if isinstance(value, str) else _REPR.repr(value)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 3] + "..."


def key_text(path: KeyPath) -> str:
    """``("rules", 1, "points")`` as ``rules[1].points``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return text if len(text) <= KEY_LENGTH else text[: KEY_LENGTH - 3] + "..."


def _one_line(text: str) -> str:
    """Line breaks, control and direction characters, which a file's name may hold too, as visible escapes."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
