"""The mapping file of a table: which column holds what. A closed schema, in YAML or TOML."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from csedb_tests.catalogue import Risk
from csedb_tests.config_errors import nearest
from csedb_tests.schema import CriterionEntry, Key, Language, Text

Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Closed):
    """The columns of a case. In JSON Lines, ``a.b`` is the key b of the object under a."""

    question: Text
    id: Text | None = None
    title: Text | None = None
    criterion: Text | None = None
    department: Text | None = None
    risk: Text | None = None
    language: Text | None = None
    population: Text | None = None
    sources: Text | None = None
    tags: Text | None = None
    safe: Text | None = None
    unsafe: Text | None = None


class Defaults(_Closed):
    """What holds where a column is empty or not named."""

    criterion: Key | None = None
    department: Key | None = None
    risk: Risk | None = None
    language: Language | None = None


class RuleColumns(_Closed):
    """Where rules stand.

    ``text`` is the column of a rule's text, ``points`` a number or a column. A cell with several rules is a list, or a
    text cut at ``separator``. With ``list``, the column ``list`` holds a list of objects, and ``text``, ``points`` and
    ``tags`` are their keys.
    """

    text: Text
    points: Points | Text
    list: Text | None = None
    tags: Text | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None


class NeverColumns(_Closed):
    """Where never-events stand: columns of the text and of the hazard, or ``hazard_text`` for all of them."""

    text: Text
    hazard: Text | None = None
    hazard_text: Text | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None


class Mapping(_Closed):
    """How a table becomes a bank.

    ``rows`` says what a row is: a case, or one rule of a case, all rows of a case standing together. ``values``
    translates what a column holds, for instance ``{risk: {severe: high}}``. ``answers`` are columns of answers by name.
    """

    name: Text = "imported"
    rows: Literal["case", "rule"] = "case"
    columns: Columns
    rules: Annotated[tuple[RuleColumns, ...], Field(min_length=1)]
    never: tuple[NeverColumns, ...] = ()
    defaults: Defaults = Defaults()
    values: dict[Text, dict[str, str]] = {}
    answers: dict[FileName, Text] = {}
    criteria: dict[Key, CriterionEntry] = {}
    departments: dict[Key, Text] = {}
    ignore: tuple[Text, ...] = ()
    sheet: Text | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    separator: Annotated[str, Field(min_length=1)] = ";"

    @field_validator("values")
    @classmethod
    def _of_columns(cls, values: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for key in values:
            if key not in Columns.model_fields:
                allowed = ", ".join(Columns.model_fields)
                raise ValueError(
                    f"{key!r} is no column of a case. Allowed: {allowed}.{nearest(key, Columns.model_fields)}"
                )
        return values

    def read_columns(self) -> Iterator[tuple[str, str]]:
        """Every column that must be there: the key that names it, and its name."""
        for key, column in self.columns.model_dump().items():
            if column is not None:
                yield f"columns.{key}", column
        for number, rule in enumerate(self.rules):
            yield f"rules[{number}]", rule.list or rule.text
            if rule.list is None:
                yield from ((f"rules[{number}]", name) for name in (rule.points, rule.tags) if isinstance(name, str))
        for number, never in enumerate(self.never):
            yield from ((f"never[{number}]", name) for name in (never.text, never.hazard) if name)
        yield from ((f"answers.{name}", column) for name, column in self.answers.items())
