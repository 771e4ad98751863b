"""The groups and cases of CSEDB's release as drafts of ours."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from csedb_tests.catalogue import Criterion, Risk, Scoring, Track
from csedb_tests.config_errors import ConfigError
from csedb_tests.importers import csedb_names as names
from csedb_tests.importers.csedb_names import ReleaseKeys
from csedb_tests.importers.draft import Draft, DraftRule
from csedb_tests.importers.ids import id_of_content, legal_key
from csedb_tests.importers.intake import UNSPECIFIED, Intake
from csedb_tests.importers.report import Place
from csedb_tests.importers.tolerant import Found

_PASS = "pass"  # noqa: S105  # the id of a rule
_HAN = re.compile("[\u3400-\u9fff]")
_CASE_ID = re.compile(rf'"{names.CASE_ID}"\s*:')


@dataclass(frozen=True, slots=True)
class Group:
    """A 考点 of the release: the criterion of its cases."""

    code: str
    name: str
    track: Track
    weight: float
    principle: str
    system: str


@dataclass(frozen=True, slots=True)
class ReleasedCase:
    """A case of the release in its group. ``statements`` are the ids that its verdicts belong to, in order."""

    values: Mapping[str, Any]
    place: Place
    group: Group
    scoring: Scoring
    statements: tuple[str, ...]
    rules: tuple[DraftRule, ...]
    tags: tuple[str, ...]


def read_group(found: Found, content: Mapping[str, Any], keys: ReleaseKeys, intake: Intake) -> Group:
    """The criterion of a group. Raises ConfigError where the release does not hold what makes one."""
    point = found.values.get(names.POINT)
    if not isinstance(point, dict):
        raise ConfigError(f"{found.place}: the group has no {names.POINT}, which names its criterion")
    note_unknown(point, {names.GATE, keys.code, keys.name, keys.weight}, names.POINT, found.place, intake)
    track = names.TRACKS.get(str(point.get(names.GATE)))
    if track is None:
        allowed = ", ".join(names.TRACKS)
        raise ConfigError(f"{found.place}: {names.GATE} is {point.get(names.GATE)!r:.60}; allowed: {allowed}")
    name = _text(point.get(keys.name))
    code = _text(point.get(keys.code)) or keys.codes.get(name, "")
    weight = _number(point.get(keys.weight))
    if not code or weight is None or not 0 < weight <= 5:
        raise ConfigError(
            f"{found.place}: {names.POINT} holds no criterion's code under {keys.code!r}, or no weight (above 0, at "
            f"most 5) under {keys.weight!r}; its keys: {', '.join(point)}. Name the keys with 'code' and 'weight' in a "
            "--mapping file, or give codes by name under 'codes'"
        )
    principle = _text(content.get(names.PRINCIPLE))
    system = _text(found.values.get(names.TARGET_SYSTEM))
    return Group(legal_key(code, "criterion"), name or code, track, weight, principle, system)


def read_case(case: Mapping[str, Any], place: Place, group: Group, intake: Intake) -> ReleasedCase | None:
    """The rubric of a case; None, with a note, where it has none."""
    listed = case.get(names.RULES)
    condition = _text(case.get(names.PASS))
    if not isinstance(listed, list) or not listed:
        if not condition:
            intake.report.skipped(f"a case without {names.PASS} and without {names.RULES}", place)
            return None
        rule = DraftRule(_PASS, _pass_text(condition, case), 1)
        return ReleasedCase(case, place, group, "binary", (_PASS,), (rule,), ())
    if condition:
        intake.report.odd(f"a case with {names.RULES} and {names.PASS}: taken as graded", place)
    every = [_rule(number, entry, place, intake) for number, entry in enumerate(listed, start=1)]
    rules = tuple(rule for rule in every if rule.points)
    if len(rules) < len(every):
        intake.report.mapped(
            "a rule without points decides nothing: it became a tag, its verdict is passed over", place
        )
    tags = tuple(f"rule without points: {rule.text}" for rule in every if not rule.points)
    return ReleasedCase(case, place, group, "graded", tuple(rule.id for rule in every), rules, tags)


def _pass_text(condition: str, case: Mapping[str, Any]) -> str:
    """The one statement that the release's judge answers with yes or no."""
    failing = _text(case.get(names.FAIL))
    return f"{names.PASS}：{condition}" + (f"\n{names.FAIL}：{failing}" if failing else "")


def _rule(number: int, entry: Any, place: Place, intake: Intake) -> DraftRule:
    values = entry if isinstance(entry, dict) else {names.RULE_TEXT: entry}
    note_unknown(values, names.RULE_KEYS, "rule", place, intake)
    points = _number(values.get(names.RULE_POINTS))
    if points is None and values.get(names.RULE_POINTS) is not None:
        intake.report.odd(f"{names.RULE_POINTS} that is no number counts 0", place)
    return DraftRule(f"r{number}", values.get(names.RULE_TEXT) or "", points or 0.0)


def make_draft(released: ReleasedCase, keys: ReleaseKeys, intake: Intake) -> tuple[Draft, Criterion]:
    """The case as a draft, with the criterion that it is scored by."""
    case, group = released.values, released.group
    question = case.get(names.INPUT)
    source_id = _text(case.get(names.CASE_ID)) or id_of_content(str(question), "csedb")
    draft = Draft(
        place=released.place,
        source_id=source_id,
        criterion=_criterion(released, intake),
        department=_department(_text(case.get(names.SYSTEM)) or group.system, keys, intake),
        question=question,
        rules=released.rules,
        title=_title(case),
        risk=_risk(group.weight),
        language="zh" if _HAN.search(str(question)) else None,
        population=tuple(_population(case)),
        sources=("CSEDB public release",),
        tags=(*_tags(case, group), *released.tags),
    )
    entry = intake.criteria[draft.criterion]
    return draft, Criterion(draft.criterion, entry.name, entry.track, entry.scoring, entry.weight)


def _criterion(released: ReleasedCase, intake: Intake) -> str:
    """The code of the case's criterion. One with binary and graded cases becomes two: a criterion has one scoring."""
    group, scoring = released.group, released.scoring
    code = group.code
    intake.criterion(code, group.name, group.track, scoring, group.weight)
    if intake.criteria[code].scoring != scoring:
        code = f"{code}-{scoring}"
        intake.report.odd(
            f"{group.code} has binary and graded cases; the {scoring} ones are the criterion {code}", released.place
        )
        intake.criterion(code, f"{group.name} ({scoring})", group.track, scoring, group.weight)
    known = intake.criteria[code]
    if (known.track, known.weight) != (group.track, group.weight):
        intake.report.odd(f"{code} has another track or weight than before; the first ones count", released.place)
    return code


def _department(system: str, keys: ReleaseKeys, intake: Intake) -> str:
    known = {**names.DEPARTMENTS, **keys.departments}
    if not system:
        return UNSPECIFIED
    if system in known:
        if system not in keys.departments:
            intake.report.mapped(f"{names.SYSTEM} {system} became {known[system]}")
        return known[system]
    key = legal_key(system, "system")
    intake.department(key, system)
    return key


def _risk(weight: float) -> Risk:
    return "high" if weight >= 5 else "medium" if weight >= 3 else "low"


def _title(case: Mapping[str, Any]) -> str | None:
    return _text(case.get(names.DISEASE)) or None


def _population(case: Mapping[str, Any]) -> Iterator[str]:
    found = names.POPULATIONS.get(_text(case.get(names.PEOPLE)))
    if found:
        yield found


def _tags(case: Mapping[str, Any], group: Group) -> Iterator[str]:
    """What has no other place in a case, each under the release's own name."""
    for key in (names.SYSTEM, names.DISEASE, names.COMPLEXITY, names.PEOPLE):
        if text := _text(case.get(key)):
            yield f"{key}: {text}"
    if group.principle:
        yield f"{names.PRINCIPLE}: {group.principle}"


def case_places(found: Found, count: int) -> Iterator[Place]:
    """A place for each case: the line of its id, or of its group where these cannot be told apart."""
    starts = [match.start() for match in _CASE_ID.finditer(found.text)]
    for number in range(count):
        before = found.text[: starts[number]] if len(starts) == count else ""
        yield Place(found.place.file, found.place.line + before.count("\n"))


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def note_unknown(values: Mapping[str, Any], known: set[str], where: str, place: Place, intake: Intake) -> None:
    """Name the keys that are not ``known``: nothing of a source is dropped in silence."""
    for key in values:
        if key not in known:
            intake.report.skipped(f"the key {key!r} of a {where}, which is not known to be the release's", place)
