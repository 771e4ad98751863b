"""What an import made of its source: what was taken, mapped, skipped, and why, with the places."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from csedb_tests.text import one_line

Kind = Literal["mapped", "odd", "skipped"]
KINDS: tuple[Kind, ...] = ("mapped", "odd", "skipped")
MAX_PLACES = 20_000
SHOWN_NOTES = 30
_SHOWN_PLACES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source file, from 1; a row of a sheet."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class _Note:
    count: int = 0
    places: list[str] = field(default_factory=list)


class ImportReport:
    """Collects what is to be said. Nothing of the source's content is in it but ids and names of keys."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.groups: dict[str, Counter[str]] = {}
        self.files: dict[str, str] = {}
        self.check: dict[str, Any] = {}
        self._notes: dict[Kind, dict[str, _Note]] = {kind: {} for kind in KINDS}

    def mapped(self, text: str, place: Place | str | None = None) -> None:
        """Something became something else, as it had to."""
        self._note("mapped", text, place)

    def odd(self, text: str, place: Place | str | None = None) -> None:
        """Something was not as the format has it, and was taken all the same."""
        self._note("odd", text, place)

    def skipped(self, text: str, place: Place | str | None = None) -> None:
        """Something was not taken."""
        self._note("skipped", text, place)

    def group(self, name: str, value: str) -> None:
        """Count one case of a group, such as a language."""
        self.groups.setdefault(name, Counter())[value] += 1

    @property
    def lost(self) -> int:
        """How many things were not taken."""
        return sum(note.count for note in self._notes["skipped"].values())

    def _note(self, kind: Kind, text: str, place: Place | str | None) -> None:
        note = self._notes[kind].setdefault(one_line(text), _Note())
        note.count += 1
        if place is not None and len(note.places) < MAX_PLACES:
            note.places.append(one_line(str(place)))

    def lines(self) -> Iterator[str]:
        """The report for a terminal."""
        yield from (f"{name}: {count}" for name, count in self.taken.items())
        for name, counts in self.groups.items():
            yield f"{name}: {', '.join(f'{value} {count}' for value, count in counts.most_common(12))}{_more(counts)}"
        for name, found in self.check.items():
            yield f"released scores of {name}: {_check_line(found)}"
        for kind in KINDS:
            notes = self._notes[kind]
            yield from (f"{kind}: {text}{_places(note)}" for text, note in islice(notes.items(), SHOWN_NOTES))
            if len(notes) > SHOWN_NOTES:
                yield f"{kind}: and {len(notes) - SHOWN_NOTES} further sorts of things"

    def as_json(self) -> dict[str, Any]:
        """The report for a program. The same source gives the same report."""
        notes: dict[str, Any] = {
            kind: [{"what": text, "count": note.count, "places": note.places} for text, note in found.items()]
            for kind, found in self._notes.items()
        }
        groups = {name: dict(sorted(counts.items())) for name, counts in self.groups.items()}
        check = {"check": self.check} if self.check else {}
        return {"taken": dict(self.taken), "groups": groups, **notes, **check, "files": self.files}


def _more(counts: Counter[str]) -> str:
    return f" and {len(counts) - 12} more" if len(counts) > 12 else ""


def _places(note: _Note) -> str:
    if not note.places:
        return ""
    rest = note.count - _SHOWN_PLACES
    shown = ", ".join(note.places[:_SHOWN_PLACES])
    return f" ({note.count}: {shown}{f' and {rest} more' if rest > 0 else ''})"


def _check_line(found: dict[str, Any]) -> str:
    parts = [f"{found['agree']} as ours", f"{found['differ']} other", f"{found['unscored']} unscored here"]
    means = [found["released_mean"], found["our_mean"]]
    shown = [f"{mean:.4f}" if mean is not None else "none" for mean in means]
    return f"{', '.join(parts)}; mean released {shown[0]}, ours over the scored {shown[1]}"
