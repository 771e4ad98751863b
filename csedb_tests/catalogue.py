"""The criteria, departments and population tags: data in ``data/catalogue.toml``, read once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Track = Literal["safety", "effectiveness"]
Scoring = Literal["binary", "graded"]
Risk = Literal["high", "medium", "low"]

TRACKS: tuple[Track, ...] = ("safety", "effectiveness")
RISKS: tuple[Risk, ...] = ("high", "medium", "low")
_TRACK_OF_LETTER: Mapping[str, Track] = {"S": "safety", "E": "effectiveness"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the benchmark's criteria. ``weight`` is 1 to 5, by clinical consequence."""

    code: str
    name: str
    track: Track
    scoring: Scoring
    weight: float

    @property
    def slug(self) -> str:
        """The code as it stands in case ids and markers: ``S-03`` gives ``S03``."""
        return self.code.replace("-", "")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Criteria by code, department names by key, population descriptions by tag."""

    criteria: Mapping[str, Criterion]
    departments: Mapping[str, str]
    populations: Mapping[str, str]

    def track_weight(self, track: Track) -> float:
        """The sum of the weights of a track's criteria (safety 71, effectiveness 34)."""
        return sum(c.weight for c in self.criteria.values() if c.track == track)

    def extended(
        self, criteria: Mapping[str, Criterion], departments: Mapping[str, str], populations: Mapping[str, str]
    ) -> "Catalogue":
        """The catalogue with further entries; one with the same key replaces the old."""
        return Catalogue(
            {**self.criteria, **criteria}, {**self.departments, **departments}, {**self.populations, **populations}
        )


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    text = files("csedb_tests").joinpath("data/catalogue.toml").read_text(encoding="utf-8")
    return _build(tomllib.loads(text))


def _build(data: Mapping[str, Any]) -> Catalogue:
    criteria = {code: _criterion(code, entry) for code, entry in data["criteria"].items()}
    return Catalogue(criteria, data["departments"], data["populations"])


def _criterion(code: str, entry: Mapping[str, Any]) -> Criterion:
    if not re.fullmatch(r"[SE]-\d{2}", code):
        raise ValueError(f"catalogue: criterion code {code!r} is not S-nn or E-nn")
    return Criterion(code, entry["name"], _TRACK_OF_LETTER[code[0]], entry["scoring"], entry["weight"])
