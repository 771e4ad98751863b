"""A case, as written in the bank (`CaseEntry`) and as used by everything after (`Case`); and a bank's own settings."""

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from csedb_tests.catalogue import Catalogue, Criterion, Risk, Scoring, Track
from csedb_tests.catalogue import catalogue as shipped_catalogue

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", max_length=40)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
MAX_PATTERN = 4_000
UNREVIEWED = "unreviewed"
PatternText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PATTERN)]
Patterns = Annotated[
    tuple[PatternText, ...], Field(description="Patterns for the offline judge; one that matches is enough.")
]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(_Closed):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"] = Field(description="Who speaks.")
    content: Text = Field(description="What is said.")


class Rule(_Closed):
    """One checkable statement about the answer, with its points (1 to 5; imported banks may go below 0)."""

    id: Slug = Field(description="Unique within the case: lower-case words joined by hyphens.")
    text: Text = Field(description="What the answer must say or do, checkable by a stranger.")
    # Strict, because pydantic would otherwise read `yes` as 1 point and the text "5" as 5.
    points: Annotated[float, Field(strict=True, ge=-100, le=100, allow_inf_nan=False)] = Field(
        description="Weight within the case, by clinical consequence."
    )
    patterns: Patterns = ()
    tags: tuple[Text, ...] = Field(default=(), description="What an imported bank says of the rule: axis:accuracy.")

    @field_validator("points")
    @classmethod
    def _not_zero(cls, points: float) -> float:
        if points == 0:
            raise ValueError("points must not be 0: a rule without points decides nothing")
        return points


class NeverEvent(_Closed):
    """A statement or action that must not occur, with the hazard it exposes the patient to."""

    id: Slug = Field(description="Unique within the case: lower-case words joined by hyphens.")
    text: Text = Field(description="What the answer must not say or do.")
    hazard: Text = Field(description="The harm that could follow, as it goes into the hazard log.")
    patterns: Patterns = ()


class Exemplars(_Closed):
    """Reference answers: one that must pass, one that must fail."""

    safe: Text | None = Field(default=None, description="An answer that meets every rule and commits no never-event.")
    unsafe: Text | None = Field(default=None, description="A plausible answer that must fail.")


def _question_form(question: object) -> str:
    return "turns" if isinstance(question, list | tuple) else "text"


Question = Annotated[
    Annotated[Text, Tag("text")] | Annotated[tuple[Turn, ...], Field(min_length=1), Tag("turns")],
    Discriminator(_question_form),  # one form's errors are reported, not those of both
]


class CaseEntry(_Closed):
    """A case as it stands in a bank file; department and criterion come from the file's path."""

    id: CaseId = Field(description="Unique in the bank, stable, never reused: cardiology-S03-01.")
    title: Text = Field(description="One line for lists and reports.")
    risk: Risk = Field(description="NCC MERP harm of the likely wrong answer: high G-I, medium E-F, low A-D.")
    population: tuple[str, ...] = Field(default=(), description="Tags of the catalogue; each becomes a pytest marker.")
    question: Question = Field(description="What the model is asked: a text, or turns of which the last is the user's.")
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)] = Field(description="The rubric.")
    never: tuple[NeverEvent, ...] = Field(default=(), description="Never-events: any of them makes the case score 0.")
    exemplars: Exemplars = Field(default=Exemplars(), description="Reference answers.")
    sources: tuple[Text, ...] = Field(default=(), description="Guidelines, labels or standard texts behind the rubric.")
    language: Language = Field(default="en", description="Language of the case, a BCP 47 tag.")
    source_id: Text | None = Field(default=None, description="The case's id where it was imported from.")
    tags: tuple[Text, ...] = Field(default=(), description="What an imported bank says of the case: theme:hedging.")
    review: Text = Field(
        default=UNREVIEWED,
        description="Always `unreviewed` in a bank's file: a sign-off stands in reviews.toml (csedb sign), and in runs "
        "takes this value's place while the case is as it was signed.",
    )

    @field_validator("question")
    @classmethod
    def _ends_with_user(cls, question: str | tuple[Turn, ...]) -> str | tuple[Turn, ...]:
        if not isinstance(question, str) and question[-1].role != "user":
            raise ValueError("the last turn must have the role 'user': it is what the model answers")
        return question

    @field_validator("rules")
    @classmethod
    def _can_earn(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if not any(rule.points > 0 for rule in rules):
            raise ValueError("no rule has points above 0: the score, a share of these, would be undefined")
        return rules

    @model_validator(mode="after")
    def _ids_differ(self) -> "CaseEntry":
        ids = [rule.id for rule in self.rules] + [event.id for event in self.never]
        if len(set(ids)) < len(ids):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            raise ValueError(f"rule and never-event ids must differ within a case; used twice: {', '.join(twice)}")
        return self


class Case(CaseEntry):
    """A case with its place in the bank."""

    department: str
    criterion: Criterion

    @property
    def track(self) -> Track:
        """``safety`` or ``effectiveness``."""
        return self.criterion.track

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody signed the case as it stands."""
        return self.review != UNREVIEWED

    @property
    def statements(self) -> "tuple[Rule | NeverEvent, ...]":
        """What a judge gives verdicts on: the rules, then the never-events."""
        return (*self.rules, *self.never)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The question as a conversation, a plain question being one user turn."""
        if isinstance(self.question, str):
            return (Turn(role="user", content=self.question),)
        return self.question


def placed(entry: CaseEntry, department: str, criterion: Criterion) -> Case:
    """The checked ``entry`` as a case of its cell, without checking it a second time.

    It goes by pydantic's pickling protocol, which costs half of `model_construct`: thousands of cases are placed at
    every start.
    """
    cell = {"department": department, "criterion": criterion}
    state = entry.__getstate__()
    state["__dict__"] = {**entry.__dict__, **cell}
    state["__pydantic_fields_set__"] = {*entry.model_fields_set, *cell}
    case = Case.__new__(Case)
    case.__setstate__(state)
    return case


class CriterionEntry(_Closed):
    """A criterion that a bank brings along, in its `bank.yaml`."""

    name: Text
    track: Track
    scoring: Scoring
    weight: Annotated[float, Field(strict=True, gt=0, le=5, allow_inf_nan=False)]


class BankSettings(_Closed):
    """A bank's `bank.yaml`. Criteria, departments and populations join the shipped ones; the same key replaces."""

    name: Text
    language: Language = "en"
    criteria: dict[Key, CriterionEntry] = {}
    departments: dict[Key, Text] = {}
    populations: dict[Key, Text] = {}

    @model_validator(mode="after")
    def _slugs_differ(self) -> "BankSettings":
        codes: dict[str, str] = {}
        for code, criterion in self.catalogue().criteria.items():
            other = codes.setdefault(criterion.slug.casefold(), code)
            if other != code:
                raise ValueError(f"criterion codes {other!r} and {code!r} cannot be told apart in case ids")
        return self

    def catalogue(self) -> Catalogue:
        """The shipped catalogue with this bank's own entries."""
        criteria = {
            code: Criterion(code, entry.name, entry.track, entry.scoring, entry.weight)
            for code, entry in self.criteria.items()
        }
        return shipped_catalogue().extended(criteria, self.departments, self.populations)
