"""A bank's cases in the form of HealthBench rows (openai/simple-evals): prompt, signed rubrics, tags.

`csedb import healthbench` reads them again with the same turns, rule texts and points. Never-events have no place in
that form: each becomes a rubric that takes all positive points away, tagged so that the import knows it again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from csedb_tests.importers.healthbench import HAZARD, NEVER_TAG
from csedb_tests.schema import Case, NeverEvent, Rule


def healthbench_rows(cases: Iterable[Case]) -> Iterator[dict[str, Any]]:
    """A row per case."""
    for case in cases:
        yield {
            "prompt_id": case.source_id or case.id,
            "prompt": [{"role": turn.role, "content": turn.content} for turn in case.turns],
            "rubrics": [*map(_rubric, case.rules), *(_never(event, case) for event in case.never)],
            "example_tags": list(dict.fromkeys(_tags(case))),
        }


def _rubric(rule: Rule) -> dict[str, Any]:
    return {"criterion": rule.text, "points": _number(rule.points), "tags": list(rule.tags)}


def _never(event: NeverEvent, case: Case) -> dict[str, Any]:
    whole = sum(rule.points for rule in case.rules if rule.points > 0)
    return {"criterion": event.text, "points": -_number(whole), "tags": [NEVER_TAG, f"{HAZARD}{event.hazard}"]}


def _number(points: float) -> float | int:
    return int(points) if points == int(points) else points


def _tags(case: Case) -> Iterator[str]:
    """The case's own tags; a theme, which is a row's criterion, where it has none."""
    if not any(tag.startswith("theme:") for tag in case.tags):
        yield f"theme:{case.criterion.code}"
    yield from case.tags
    yield from (f"{key}:{value}" for key, value in (("department", case.department), ("risk", case.risk)))
    yield from (f"population:{tag}" for tag in case.population)
