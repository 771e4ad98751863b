"""HealthBench rows (openai/simple-evals, MIT): JSON Lines with prompt, signed rubrics, tags, perhaps ideal completions.

The theme of a row is its criterion. The score of a case is that of HealthBench, as `csedb_tests.score` computes it for
graded criteria: points of met rules / sum of positive points; the score of a set is the mean over its cases, clipped to
[0, 1], which a run's record calls "overall (micro)".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from csedb_tests.catalogue import RISKS, Track, catalogue
from csedb_tests.importers.draft import Draft, DraftNever, DraftRule
from csedb_tests.importers.ids import id_of_content, legal_key
from csedb_tests.importers.intake import UNSPECIFIED, UNSPECIFIED_NAME, Intake
from csedb_tests.importers.report import Place
from csedb_tests.importers.tolerant import Found, read_objects

IDEAL = "ideal"
REFERENCES = "references"
NEVER_TAG, HAZARD = "never-event", "hazard:"
"""How `csedb export cases` marks a never-event, which HealthBench does not have."""
_THEME = "theme:"
_NO_THEME = "no_theme"
_ROW = {"prompt_id", "prompt", "rubrics", "example_tags", "ideal_completions_data", "canary"}
_TURN = {"role", "content"}
_RUBRIC = {"criterion", "points", "tags"}
_COMPLETIONS = {"ideal_completion", "ideal_completions_group", "ideal_completions_ref_completions"}
# HealthBench has no tracks. These two themes are about harm by a missed emergency or by false certainty.
_SAFETY_THEMES = ("emergency_referrals", "hedging")


def take_healthbench(source: Path, intake: Intake) -> None:
    """Take the rows of a HealthBench file. Raises ConfigError."""
    intake.department(UNSPECIFIED, UNSPECIFIED_NAME)
    intake.report.mapped("themes became criteria, each of weight 1; the official score is 'overall (micro)' of a run")
    intake.report.mapped(f"the themes {' and '.join(_SAFETY_THEMES)} are the safety track, all others effectiveness")
    for found in read_objects(source, intake.report):
        _take_row(found, intake)


def _take_row(found: Found, intake: Intake) -> None:
    row, place = found.values, found.place
    _note_unknown(row, _ROW, "row", place, intake)
    rubrics = _rubrics(row.get("rubrics"), place, intake)
    if rubrics is None:
        return
    tags = _texts(row.get("example_tags"))
    theme = _theme(row, place, intake)
    draft = Draft(
        place=place,
        source_id=_source_id(row, place, intake),
        criterion=theme,
        department=_tagged(tags, "department:", catalogue().departments) or UNSPECIFIED,
        question=_turns(row.get("prompt"), place, intake),
        rules=tuple(_rules(rubrics)),
        never=tuple(_never(rubrics)),
        risk=_tagged(tags, "risk:", RISKS),
        sources=_sources(row),
        tags=tags,
    )
    entry = intake.case(draft)
    if entry is not None:
        _take_completions(row.get("ideal_completions_data"), entry.id, place, intake)


def _source_id(row: Mapping[str, Any], place: Place, intake: Intake) -> str:
    found = row.get("prompt_id")
    if isinstance(found, str) and found.strip():
        return found.strip()
    intake.report.odd("a row without a prompt_id; its id is made from its prompt", place)
    return id_of_content(str(row.get("prompt")), "healthbench")


def _theme(row: Mapping[str, Any], place: Place, intake: Intake) -> str:
    themes = [tag.removeprefix(_THEME) for tag in _texts(row.get("example_tags")) if tag.startswith(_THEME)]
    if len(themes) != 1:
        intake.report.odd(
            f"a row with {len(themes)} themes; its criterion is {themes[0] if themes else _NO_THEME}", place
        )
    name = themes[0] if themes else _NO_THEME
    if name in catalogue().criteria:  # from `csedb export cases`: track, scoring and weight must stay
        return name
    code = legal_key(name, "theme")
    track: Track = "safety" if name in _SAFETY_THEMES else "effectiveness"
    intake.criterion(code, f"HealthBench: {name.replace('_', ' ')}", track, "graded", 1)
    return code


def _turns(prompt: Any, place: Place, intake: Intake) -> Any:
    """The prompt with the keys that a turn may have. Whatever else it is, the schema will say."""
    if not isinstance(prompt, list) or not all(isinstance(turn, dict) for turn in prompt):
        return prompt if isinstance(prompt, str) else []
    for turn in prompt:
        _note_unknown(turn, _TURN, "turn", place, intake)
    return [{key: turn[key] for key in ("role", "content") if key in turn} for turn in prompt]


def _rubrics(rubrics: Any, place: Place, intake: Intake) -> list[dict[str, Any]] | None:
    if not isinstance(rubrics, list) or not rubrics:
        intake.report.skipped("a row without rubrics", place)
        return None
    for rubric in rubrics:
        if not (isinstance(rubric, dict) and "criterion" in rubric and "points" in rubric):
            intake.report.skipped("a row of which a rubric cannot be read; its score would be another", place)
            return None
        _note_unknown(rubric, _RUBRIC, "rubric", place, intake)
    return rubrics


def _rules(rubrics: list[dict[str, Any]]) -> Iterator[DraftRule]:
    for number, rubric in enumerate(rubrics, start=1):
        tags = _texts(rubric.get("tags"))
        if NEVER_TAG not in tags:
            yield DraftRule(f"r{number}", rubric["criterion"], rubric["points"], tags)


def _never(rubrics: list[dict[str, Any]]) -> Iterator[DraftNever]:
    for number, rubric in enumerate(rubrics, start=1):
        tags = _texts(rubric.get("tags"))
        if NEVER_TAG in tags:
            hazards = [tag.removeprefix(HAZARD) for tag in tags if tag.startswith(HAZARD)]
            yield DraftNever(f"r{number}", rubric["criterion"], hazards[0] if hazards else "not stated")


def _tagged(tags: Collection[str], prefix: str, allowed: Iterable[str]) -> str | None:
    """What a tag of an export of ours says, where HealthBench says nothing."""
    return next((name for name in allowed if f"{prefix}{name}" in tags), None)


def _sources(row: Mapping[str, Any]) -> tuple[str, ...]:
    canary = row.get("canary")
    # The canary stays with every case, so that whoever gathers training data can leave the examples out.
    return ("HealthBench", f"canary {canary}") if isinstance(canary, str) and canary else ("HealthBench",)


def _take_completions(data: Any, case_id: str, place: Place, intake: Intake) -> None:
    if not isinstance(data, dict):
        return
    _note_unknown(data, _COMPLETIONS, "ideal_completions_data", place, intake)
    ideal = data.get("ideal_completion")
    if isinstance(ideal, str) and ideal.strip():
        intake.recordings.answer(IDEAL, case_id, ideal)
    for sample, text in enumerate(_texts(data.get("ideal_completions_ref_completions"))):
        intake.recordings.answer(REFERENCES, case_id, text, sample)
    if data.get("ideal_completions_group"):
        intake.report.mapped("left out: ideal_completions_group, which names how a completion was written", place)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str) and item.strip()) if isinstance(value, list) else ()


def _note_unknown(values: Mapping[str, Any], known: set[str], where: str, place: Place, intake: Intake) -> None:
    for key in values:
        if key not in known:
            intake.report.skipped(f"the key {key!r} of a {where}, which HealthBench does not have", place)
