"""CSEDB's public release: cases, the six models' recorded answers, recorded verdicts, and the released scores.

A binary case has one statement, its pass condition with the fail conditions beside it; a graded case has its rules with
their weights. Several evaluations of one panel become several answers to each case. `release-check.jsonl` holds each
released score beside ours.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from csedb_tests.catalogue import Criterion, catalogue
from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.importers import csedb_names as names
from csedb_tests.importers.csedb_cases import (
    Group,
    ReleasedCase,
    case_places,
    make_draft,
    note_unknown,
    read_case,
    read_group,
)
from csedb_tests.importers.csedb_names import MODELS, Evaluation, ReleasedModel, ReleaseKeys
from csedb_tests.importers.csedb_verdicts import (
    Judgment,
    ModelCheck,
    read_judgment,
    released_score,
    truncated,
)
from csedb_tests.importers.intake import UNSPECIFIED, UNSPECIFIED_NAME, Intake
from csedb_tests.importers.report import Place
from csedb_tests.importers.tolerant import Found, array_objects
from csedb_tests.schema import CaseEntry, placed
from csedb_tests.score import score_case
from csedb_tests.verdict import Verdict

CHECK_FILE = "release-check.jsonl"


@dataclass(slots=True)
class ReleaseTaker:
    """Takes one panel of the release. ``answers`` says whether answers are wanted."""

    intake: Intake
    keys: ReleaseKeys = ReleaseKeys()
    answers: bool = True
    checks: dict[str, ModelCheck] = field(default_factory=dict)
    _scored: set[str] = field(default_factory=set)
    _answered: set[str] = field(default_factory=set)
    _seen_keys: dict[str, None] = field(default_factory=dict)

    def take(self, evaluations: Sequence[Evaluation]) -> None:
        """Take the evaluations, each as one answer to every case. Raises ConfigError."""
        self._check_departments()
        self._describe(evaluations)
        with (self.intake.root / CHECK_FILE).open("w", encoding="utf-8", newline="\n") as check:
            for sample, evaluation in enumerate(evaluations):
                _Evaluating(self, evaluation, sample, check).take()
        self._require_answers()
        self.intake.report.check = {model: found.as_json() for model, found in self.checks.items()}

    def _check_departments(self) -> None:
        known = catalogue().departments
        for system, department in self.keys.departments.items():
            if department not in known:
                hint = nearest(department, known)
                raise ConfigError(f"--mapping: departments.{system}: no department {department!r} is known.{hint}")

    def _describe(self, evaluations: Sequence[Evaluation]) -> None:
        report = self.intake.report
        for sample, evaluation in enumerate(evaluations, start=1):
            report.mapped(f"panel {evaluation.panel}, evaluation {evaluation.name}: answer {sample} of each case")
        if evaluations[0].panel == names.STRUCTURED_PANEL:
            report.mapped(
                "'mg' of this panel is DeepSeek-R1 with a structured prompt: its files are ds-structured.jsonl"
            )
        report.mapped("risk: the release does not say; high where the criterion's weight is 5, medium from 3, else low")

    def note_answer(self, model: ReleasedModel, case: Mapping[str, Any]) -> None:
        """Remember which models the release scores, which it has answers of, and which keys its cases have."""
        if case.get(model.score) is not None or case.get(model.field) is not None:
            self._scored.add(model.key)
        if isinstance(case.get(self.keys.answer_key(model.key)), str):
            self._answered.add(model.key)
        self._seen_keys.update(dict.fromkeys(case))

    def _require_answers(self) -> None:
        missing = [model.key for model in MODELS if model.key in self._scored - self._answered]
        if self.answers and missing:
            tried = ", ".join(repr(self.keys.answer_key(model)) for model in missing)
            raise ConfigError(
                f"no case holds the answers of {', '.join(missing)} (looked for under {tried}). The release does not "
                "say where they stand: name their key with --answer-key 'KEY' ({model} in it is the model's) or in a "
                f"--mapping file, or go without with --no-answers. Keys of its cases: {', '.join(self._seen_keys)}"
            )


@dataclass(slots=True)
class _Evaluating:
    """One file of the release being taken."""

    taker: ReleaseTaker
    evaluation: Evaluation
    sample: int
    check: IO[str]
    _seen: set[str] = field(default_factory=set)

    @property
    def intake(self) -> Intake:
        return self.taker.intake

    def take(self) -> None:
        self.intake.department(UNSPECIFIED, UNSPECIFIED_NAME)
        for found in array_objects(self.evaluation.path, self.intake.report):
            self._take_group(found)

    def _take_group(self, found: Found) -> None:
        note_unknown(found.values, names.GROUP_KEYS, "group", found.place, self.intake)
        content = found.values.get(names.CONTENT)
        cases = content.get(names.CASES) if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(cases, list):
            self.intake.report.skipped(f"a group without a list {names.CONTENT}.{names.CASES}", found.place)
            return
        note_unknown(content, names.CONTENT_KEYS, names.CONTENT, found.place, self.intake)
        group = read_group(found, content, self.taker.keys, self.intake)
        for case, place in zip(cases, case_places(found, len(cases)), strict=True):
            self._take_case(case, place, group)

    def _take_case(self, case: Any, place: Place, group: Group) -> None:
        if not isinstance(case, dict):
            self.intake.report.skipped("a case that is no JSON object", place)
            return
        for model in MODELS:
            self.taker.note_answer(model, case)
        note_unknown(case, self._case_keys(), "case", place, self.intake)
        released = read_case(case, place, group, self.intake)
        if released is None:
            return
        draft, criterion = make_draft(released, self.taker.keys, self.intake)
        entry = self.intake.case(draft, again=self.sample > 0)
        if entry is None:
            return
        if entry.id in self._seen:
            self.intake.report.skipped("a case that the evaluation holds already, word for word", place)
            return
        self._seen.add(entry.id)
        for model in MODELS:
            self._take_model(model, entry, released, criterion)

    def _case_keys(self) -> set[str]:
        per_model = {key for m in MODELS for key in (m.score, m.field, self.taker.keys.answer_key(m.key))}
        # Where answers are not wanted the models' own names are still no unknown keys.
        return names.CASE_KEYS | per_model

    def _take_model(self, model: ReleasedModel, entry: CaseEntry, released: ReleasedCase, criterion: Criterion) -> None:
        case, place = released.values, released.place
        if case.get(model.score) is None and case.get(model.field) is None:
            return
        name = self.evaluation.file_name(model.key)
        answer = self._answer(model, name, case, place)
        if answer is not None:
            self.intake.recordings.answer(name, entry.id, answer, self.sample)
        judgment = read_judgment(case, model, released.statements)
        self._note_judgment(judgment, model, place)
        known = {rule.id for rule in entry.rules}
        values = {statement: value for statement, value in judgment.values.items() if statement in known}
        self.intake.recordings.verdicts(name, entry.id, values, sample=self.sample, answer=answer, error=judgment.error)
        verdicts = [Verdict(statement, value) for statement, value in values.items()]
        ours = score_case(placed(entry, "", criterion), verdicts).value
        if self._check(name, entry, released_score(case, model), ours, judgment.error) is False:
            self.intake.report.odd(f"a released score of {name} that its own verdicts do not give", place)

    def _answer(self, model: ReleasedModel, name: str, case: Mapping[str, Any], place: Place) -> str | None:
        answer = case.get(self.taker.keys.answer_key(model.key)) if self.taker.answers else None
        if isinstance(answer, str):
            return answer
        if self.taker.answers:
            self.intake.report.skipped(f"no text of an answer of {name}: the case is unscored for it", place)
        return None

    def _note_judgment(self, judgment: Judgment, model: ReleasedModel, place: Place) -> None:
        if judgment.error:
            self.intake.report.skipped(f"a judgment that cannot be lined up, unscored here: {judgment.error}", place)
        for entry in judgment.odd:
            self.intake.report.odd(
                f'a verdict that is neither "yes" nor "no", not met as in the release: {entry}', place
            )

    def _check(self, name: str, entry: CaseEntry, released: float | None, ours: float | None, why: str) -> bool | None:
        same = self.taker.checks.setdefault(name, ModelCheck()).add(entry.id, released, ours)
        row = {
            "case": entry.id,
            "source_id": entry.source_id,
            "model": name,
            "evaluation": self.evaluation.name,
            "sample": self.sample,
            "released": released,
            "ours": ours,
            "ours_truncated": None if ours is None else truncated(ours),
            "agrees": same,
            "why": why,
        }
        self.check.write(json.dumps(row, ensure_ascii=False) + "\n")
        return same


def take_release(source: Path, panel: str | None, evaluation: str | None, taker: ReleaseTaker) -> None:
    """Take what the user chose of the release at ``source``. Raises ConfigError."""
    taker.take(names.choose_evaluations(names.find_evaluations(source), panel, evaluation))
