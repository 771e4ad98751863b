"""``lint.toml`` in a bank: thresholds other than the defaults, and findings that somebody looked at and lets stand."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from csedb_tests.bank_errors import nearest
from csedb_tests.bank_tools.findings import CHECKS, UNACCEPTABLE
from csedb_tests.bank_tree import shown_path
from csedb_tests.config_errors import ConfigError, KeyPath, explain_nested
from csedb_tests.toml_lines import toml_line

FILE_NAME = "lint.toml"
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Count = Annotated[int, Field(ge=0)]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Range = Annotated[tuple[Share, Share], BeforeValidator(_as_tuple)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Closed):
    """From where lint speaks. Counts of 0 ask for nothing."""

    criterion_cases_warning: Count = Field(0, description="fewest cases of each criterion without a warning")
    criterion_cases_error: Count = Field(0, description="fewest cases of each criterion without an error")
    department_cases_warning: Count = Field(0, description="fewest cases of each department without a warning")
    department_cases_error: Count = Field(0, description="fewest cases of each department without an error")
    vignette_warning: Share = Field(0.15, description="Jaccard index of two questions' word triples that is a warning")
    vignette_error: Share = Field(0.50, description="Jaccard index of two questions' word triples that is an error")
    rule: Share = Field(0.60, description="Jaccard index of two statements' word pairs from which they are one")
    template_cases: Annotated[int, Field(ge=2)] = Field(4, description="cases that make a shared wording a template")
    template_share: Share = Field(0.01, description="share of the bank's cases that makes it one, if that is more")
    echo_words: Annotated[int, Field(ge=3)] = Field(10, description="words in a row that an exemplar may not repeat")
    echo_share: Share = Field(0.90, description="share of a statement's content words, in order, that is an echo")
    question_words_note: Count = Field(200, description="words of a question beyond which there is a note")
    question_words_warning: Count = Field(250, description="words of a question beyond which there is a warning")
    question_words_least: Count = Field(25, description="words of a question below which there is a note")
    risk_high: Range = Field((0.30, 0.60), description="share of high-risk cases in the bank, from and to")
    risk_medium: Range = Field((0.20, 0.55), description="share of medium-risk cases in the bank, from and to")
    risk_low: Range = Field((0.10, 0.35), description="share of low-risk cases in the bank, from and to")
    department_risk_most: Share = Field(0.80, description="largest share of one risk in a department")
    population_least: Count = Field(1, description="fewest cases of each population tag in a bank of 100 or more")


DEFAULTS = Thresholds.model_validate({})


class Acceptance(_Closed):
    """One finding that somebody looked at and lets stand."""

    check: str = Field(description="name of the check")
    subject: Words = Field(description="case id, criterion, department or bank, as the finding names it")
    contains: Words | None = Field(None, description="words of the finding, where the subject has several of the check")
    why: Words = Field(description="the reason")

    @field_validator("check")
    @classmethod
    def _can_be_accepted(cls, name: str) -> str:
        if name in UNACCEPTABLE:
            raise ValueError("findings of this check can only be mended")
        if name not in CHECKS:
            near = nearest(name, CHECKS)
            hint = f". Did you mean {near!r}?" if near else ""
            raise ValueError(f"no such check. Allowed: {', '.join(sorted({*CHECKS} - UNACCEPTABLE))}{hint}")
        return name


class _File(_Closed):
    thresholds: Thresholds = DEFAULTS
    accept: Annotated[tuple[Acceptance, ...], BeforeValidator(_as_tuple)] = ()


@dataclass(frozen=True, slots=True)
class LintConfig:
    """A bank's ``lint.toml``; ``lines`` has the line of each acceptance."""

    file: str = FILE_NAME
    thresholds: Thresholds = DEFAULTS
    accept: tuple[Acceptance, ...] = ()
    lines: tuple[int | None, ...] = ()


def read_lint_config(root: Path) -> LintConfig:
    """The bank's configuration, or the defaults. Raises ConfigError with file, line, key and what is allowed."""
    path = root / FILE_NAME
    name = shown_path(path)
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        return LintConfig(name)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: not valid TOML: {error}") from None
    found = _checked(values, name, text)
    lines = tuple(toml_line(text, ("accept", place)) for place in range(len(found.accept)))
    return LintConfig(name, found.thresholds, found.accept, lines)


def _checked(values: Mapping[str, Any], name: str, text: str) -> _File:
    def label(path: KeyPath) -> str:
        line = toml_line(text, path)
        place = name if line is None else f"{name}:{line}"
        return f"{place}: {'.'.join(str(part) for part in path if isinstance(part, str))}"

    try:
        return _File.model_validate(dict(values), strict=True)
    except ValidationError as error:
        raise explain_nested(error, label, _names) from None


def _names(table: KeyPath) -> Iterable[str]:
    inner: dict[str, type[BaseModel]] = {"thresholds": Thresholds, "accept": Acceptance}
    return inner[str(table[0])].model_fields if table else _File.model_fields
