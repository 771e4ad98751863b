"""What every importer hands its cases to: ids are given, texts checked, files written, everything counted."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from csedb_tests.catalogue import Risk, Scoring, Track
from csedb_tests.config_errors import ConfigError
from csedb_tests.importers.cells import CaseTooLarge, Cells
from csedb_tests.importers.draft import Draft, UnusableDraft, checked_entry, cleaned
from csedb_tests.importers.ids import IdRegistry
from csedb_tests.importers.languages import guess_language
from csedb_tests.importers.recordings import Recordings
from csedb_tests.importers.report import ImportReport
from csedb_tests.importers.yaml_text import yaml_text
from csedb_tests.schema import BankSettings, CaseEntry, CriterionEntry

DEFAULT_RISK: Risk = "medium"
UNSPECIFIED = "unspecified"
UNSPECIFIED_NAME = "Not stated by the source"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user decides for every case where the source does not say, or in its place. None: not decided."""

    risk: Risk | None = None
    language: str | None = None


@dataclass(slots=True)
class Intake:
    """Takes cases, answers and verdicts into the directory ``root``."""

    root: Path
    name: str
    choices: Choices = Choices()
    report: ImportReport = field(default_factory=ImportReport)
    default_risk: Risk = DEFAULT_RISK
    criteria: dict[str, CriterionEntry] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)
    cells: Cells = field(init=False)
    recordings: Recordings = field(init=False)
    ids: IdRegistry = field(default_factory=IdRegistry)
    _languages: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cells, self.recordings = Cells(self.root), Recordings(self.root)

    def criterion(self, code: str, name: str, track: Track, scoring: Scoring, weight: float) -> None:
        """Make a criterion known that the bank brings along."""
        self.criteria.setdefault(code, CriterionEntry(name=name, track=track, scoring=scoring, weight=weight))

    def department(self, key: str, name: str) -> None:
        """Make a department known that the bank brings along."""
        self.departments.setdefault(key, name)

    def case(self, draft: Draft, *, again: bool = False) -> CaseEntry | None:
        """Take a case; gives it as the bank has it, or None where it was not taken.

        ``again`` says that a case taken before is meant, as in the second evaluation of a release.
        """
        claim = self.ids.claim(draft.source_id, _content(draft))
        if claim.is_known and again:
            return checked_entry(draft, claim.case_id, self._risk(draft), self._language(draft))
        if claim.is_known:
            self.report.skipped("a case that the source holds already, word for word", draft.place)
            return None
        try:
            entry = checked_entry(draft, claim.case_id, self._risk(draft), self._language(draft))
            self.cells.add(draft.department, draft.criterion, entry)
        except (UnusableDraft, CaseTooLarge) as error:
            self.ids.release(claim.case_id)
            self.report.skipped(f"a case that the bank cannot hold: {error}", draft.place)
            return None
        self._note_ids(draft, claim.case_id, clash=claim.clash)
        self._note_texts(draft)
        self._count(draft, entry.language, entry.risk)
        return entry

    def _risk(self, draft: Draft) -> str:
        risk = self.choices.risk or draft.risk
        if risk is None:
            self.report.mapped(f"risk: the source does not say; taken as {self.default_risk} (--risk sets another)")
        return risk or self.default_risk

    def _language(self, draft: Draft) -> str:
        language = self.choices.language or draft.language
        if language is None:
            self.report.mapped("language: the source does not say; guessed from each question (--language sets one)")
        return language or guess_language(draft.asked)

    def _note_ids(self, draft: Draft, case_id: str, *, clash: bool) -> None:
        if clash:
            self.report.odd("another case has the same id; this one's got a digest behind it", draft.place)
        elif case_id != draft.source_id:
            self.report.mapped("an id that is none here became another; the original stands in source_id", draft.place)

    def _note_texts(self, draft: Draft) -> None:
        turns = draft.question if isinstance(draft.question, list) else [{"content": draft.question}]
        texts = [rule.text for rule in draft.rules] + [turn["content"] for turn in turns]
        if any(text != text.strip() for text in texts):
            self.report.mapped("white space around a question's or rule's text was taken off", draft.place)
        if any(cleaned(text) != text for text in texts):
            self.report.odd("a lone surrogate, which no file can hold, became U+FFFD", draft.place)

    def _count(self, draft: Draft, language: str, risk: str) -> None:
        self.report.taken["cases"] += 1
        self.report.taken["rules"] += len(draft.rules)
        self.report.taken["turns"] += len(draft.question) if isinstance(draft.question, list) else 1
        for group, value in (
            ("criteria", draft.criterion),
            ("departments", draft.department),
            ("risk", risk),
            ("language", language),
        ):
            self.report.group(group, value)
        self._languages[language] += 1

    def finish(self) -> None:
        """Write what is held, and bank.yaml. Raises ConfigError if there is no case."""
        self.cells.flush()
        self.recordings.close()
        if not self.report.taken["cases"]:
            raise ConfigError("\n".join(["no case could be imported", *self.report.lines()]))
        for name, rows in sorted(self.recordings.rows.items()):
            self.report.taken[name] = rows
        text = yaml_text(cleaned(self._settings().model_dump(mode="json", exclude_defaults=True)))
        (self.root / "bank.yaml").write_text(text, encoding="utf-8", newline="\n")

    def _settings(self) -> BankSettings:
        language = self._languages.most_common(1)[0][0]
        try:
            return BankSettings(name=self.name, language=language, criteria=self.criteria, departments=self.departments)
        except ValidationError as error:
            raise ConfigError(f"the bank cannot have these settings: {error.errors()[0]['msg']}") from None


def _content(draft: Draft) -> str:
    """What makes a case the same case: what is asked, and what is judged."""
    rules = [[rule.text, rule.points] for rule in draft.rules]
    never = [[event.text, event.hazard] for event in draft.never]
    return json.dumps([draft.criterion, draft.department, draft.question, rules, never])
