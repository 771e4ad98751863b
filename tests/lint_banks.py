"""Banks written for lint to look at: sound cases, to which a test does one thing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from csedb_tests.cli import main

# No two of these are alike in anything, so that what a test adds is all there is to find.
QUESTIONS = (
    "Night shift on a surgical ward. Mrs Okafor, 58, came back from theatre with a drain in her flank and is "
    "shivering. Her urine has turned the color of tea since noon. Whom do I wake first?",
    "Our dachshund-loving grandfather forgets where he parked, twice this month. He still does the crossword and pays "
    "the bills on time. Does a scan make sense, or should we simply wait for spring?",
    "I teach swimming. After every lesson both ears itch, and this week the left one weeps something yellow that "
    "smells. Would rinsing with vinegar be wise before the gala on Saturday?",
    "Community pharmacy, Tuesday. A courier wants melatonin for himself because night deliveries wreck his rhythm; "
    "he also mentions a new tremor and weight loss. Which question would you put to him?",
    "Rural clinic without a laboratory. A shepherd's hand swelled within hours of a thorn, the redness has passed the "
    "wrist and he sweats heavily. The helicopter takes two hours. What do I begin now?",
    "My daughter's kindergarten reports scarlet spots among several toddlers. She had one, now scabbed, and wants to "
    "visit her newborn cousin on Sunday. Are we allowed to go?",
)


class _Plain(yaml.SafeDumper):
    """Writes out what stands in a value twice: a bank may hold no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def entry(case_id: str, question: Any = QUESTIONS[0], **changes: Any) -> dict[str, Any]:
    """A case in which lint finds nothing."""
    base = {
        "id": case_id,
        "title": "A case for lint",
        "risk": "medium",
        "question": question,
        "rules": [rule("Mentions the lighthouse.")],
        "exemplars": {"safe": "A lighthouse helps at once.", "unsafe": "Carry on as before and see."},
        "sources": ["Royal College of Examples, guideline of 2024"],
    }
    return {**base, **changes}


def rule(text: str, pattern: str = "lighthouse", rule_id: str = "first") -> dict[str, Any]:
    """A rule."""
    return {"id": rule_id, "text": text, "points": 3, "patterns": [pattern]}


def never(text: str) -> dict[str, Any]:
    """A never-event that no exemplar here commits."""
    return {"id": "harm", "text": text, "hazard": "Harm", "patterns": ["submarine"]}


def write(root: Path, cells: Mapping[str, Sequence[dict[str, Any]]]) -> Path:
    """Write case files, such as ``cardiology/E-09``."""
    for cell, entries in cells.items():
        path = root / f"{cell}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump(list(entries), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000))
    return root


def one(root: Path, **changes: Any) -> Path:
    """A bank of one case, changed."""
    return write(root, {"cardiology/E-09": [entry("cardiology-E09-01", **changes)]})


def several(root: Path, entries: Sequence[dict[str, Any]], department: str = "cardiology") -> Path:
    """A bank of cases in one file, numbered."""
    numbered = [{**found, "id": f"{department}-E09-{n:02d}"} for n, found in enumerate(entries, 1)]
    return write(root, {f"{department}/E-09": numbered})


@dataclass(frozen=True)
class Linted:
    """What the command said, as its JSON has it."""

    code: int
    findings: list[dict[str, Any]]
    counts: dict[str, int]

    def of(self, check: str) -> list[dict[str, Any]]:
        """The open findings of a check."""
        return [found for found in self.findings if found["check"] == check and found["accepted"] is None]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Level and check of every open finding."""
        return [(found["level"], found["check"]) for found in self.findings if found["accepted"] is None]


def csedb(*arguments: Any, typed: str = "") -> Result:
    """Run the command in this process; ``typed`` is what it gets to read."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


def lint(*arguments: Any) -> Linted:
    """Run ``csedb lint``."""
    result = csedb("lint", "--format", "json", *arguments)
    assert result.exit_code in (0, 1), result.output
    data = json.loads(result.stdout)
    return Linted(result.exit_code, data["findings"], {name: data[name] for name in ("errors", "warnings", "notes")})
