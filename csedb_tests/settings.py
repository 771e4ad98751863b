"""The settings of a run: from the command line, ``[tool.csedb]`` in pyproject.toml and the environment, in that order.

Secrets are no settings: API keys come from environment variables alone and are never stored here.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from csedb_tests.config_errors import ConfigError, explain_validation, nearest, toml_place, unknown_key
from csedb_tests.jurors import as_text

ENV_PREFIX = "CSEDB_"
ENV_OTHERS = frozenset({"CSEDB_API_KEY", "CSEDB_JUDGE_API_KEY", "CSEDB_CACHE_DIR"})

PositiveInt = Annotated[int, Field(ge=1)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(BaseModel):
    """Every option of a run. Field names are the pyproject keys; ``--csedb-x-y`` and ``CSEDB_X_Y`` set ``x_y``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = Field(
        None,
        description="model under test: openai:NAME, deepeval:PROVIDER/NAME, python:MODULE:CALLABLE, "
        "answers:FILE.jsonl, exemplar:safe or exemplar:unsafe (default exemplar:safe, a self-check)",
    )
    base_url: str | None = Field(None, description="base URL of the model's OpenAI-compatible API")
    api_key_env: str = Field("CSEDB_API_KEY", description="environment variable that holds the model's API key")
    revision: str | None = Field(None, description="the model's revision, part of the run's identity")
    system_prompt: str | None = Field(None, description="system prompt, or @FILE to read it from a file")
    temperature: Annotated[float, Field(ge=0, le=5)] | None = Field(None, description="sampling temperature")
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="nucleus sampling share")
    max_tokens: PositiveInt | None = Field(None, description="most tokens of an answer")
    seed: int | None = Field(None, description="sampling seed sent to the model")
    samples: Annotated[int, Field(ge=1, le=100)] = Field(1, description="answers per case")
    accept_truncated: bool = Field(False, description="judge answers cut at the token limit instead of refusing them")

    judge: Annotated[str, BeforeValidator(as_text)] = Field(
        "pattern",
        description="judge: pattern, openai:NAME[@URL], deepeval:PROVIDER/NAME or recorded:FILE.jsonl; "
        "given 2 to 7 times it is a panel, as is panel:JUDGE,JUDGE",
    )
    judge_base_url: str | None = Field(None, description="base URL of the judge's OpenAI-compatible API")
    judge_api_key_env: str = Field("CSEDB_JUDGE_API_KEY", description="environment variable of the judge's API key")
    cross_check: bool = Field(False, description="let the pattern judge give a second opinion, listed in review.csv")
    reviews: str | None = Field(
        None, description="file of verdicts settled by csedb review (default: reviews.jsonl beside the store)"
    )

    judge_lock: str | None = Field(
        None, description="the judge's qualification, written by csedb qualify (default: judge.lock)"
    )
    unqualified_judge: bool = Field(
        False, description="let a judge decide that has not qualified; every report then says so"
    )

    cases: str | None = Field(None, description="directory of the case bank (default: the shipped bank)")
    bank_lock: str | None = Field(
        None, description="the bank's case ids and digests, written by csedb lock (default: bank.lock, if there is one)"
    )
    policy: str | None = Field(None, description="gate policy, a TOML file, in place of [tool.csedb.gates]")

    reviewed_only: bool = Field(False, description="keep cases that a named reviewer signed as they stand (csedb sign)")
    select: str | None = Field(None, description='keep cases for which this expression holds, e.g. "weight >= 4"')
    sample: PositiveInt | None = Field(None, description="run a sample of N cases, stratified by criterion and risk")
    sample_seed: int = Field(0, description="seed of --csedb-sample")

    concurrency: Annotated[int, Field(ge=1, le=4096)] = Field(32, description="most calls in flight in the whole run")
    timeout: Seconds = Field(120.0, description="seconds one call may take")
    deadline: Seconds = Field(900.0, description="seconds one answer or verdict may take, retries included")
    retries: Annotated[int, Field(ge=0, le=100)] = Field(8, description="most further attempts of a failed call")
    offline: bool = Field(False, description="refuse every network connection; stored answers and verdicts are used")
    budget: str | None = Field(None, description="most a run may spend: '5000 calls', '2M tokens' or '10 usd'")
    price_in: Price = Field(0.0, description="money per million prompt tokens of the model")
    price_out: Price = Field(0.0, description="money per million completion tokens of the model")
    judge_price_in: Price = Field(0.0, description="money per million prompt tokens of the judge")
    judge_price_out: Price = Field(0.0, description="money per million completion tokens of the judge")
    shard: Annotated[str, Field(pattern=r"^[1-9]\d*/[1-9]\d*$")] | None = Field(
        None, description="run part I of N of the selection, as I/N; csedb merge puts the parts together"
    )
    baseline: str | None = Field(
        None, description="run to compare with: a report directory, its run.json, or a run's id among the reports"
    )
    fresh: bool = Field(False, description="do not read answers and verdicts of earlier runs from the store")
    store: str | None = Field(None, description="file that keeps answers and verdicts (default: .csedb/store.db)")
    reports: str | None = Field(None, description="directory of run records and reports (default: reports)")
    github: bool = Field(False, description="in GitHub Actions: annotate the workflow run, add to the step's summary")
    run_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = Field(
        None, description="name of this run's report directory (default: date, time and a random part)"
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Values from one place, with that place's own way of naming a key in an error."""

    values: Mapping[str, Any]
    label: Callable[[str], str]
    strict: bool = False


def load_settings(cli: Mapping[str, Any], rootdir: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """The merged settings. Raises ConfigError, naming the source, for anything that is not allowed."""
    given = {key: value for key, value in cli.items() if value is not None and value != ()}
    sources = (_environment(env), _file(rootdir), _Source(given, option_name))
    merged: dict[str, Any] = {}
    for source in sources:
        merged |= _checked(source)
    return Settings(**merged)


def _checked(source: _Source) -> dict[str, Any]:
    for key in source.values:
        if key not in Settings.model_fields:
            raise unknown_key(source.label(key), key, [*Settings.model_fields, "gates"])
    try:
        settings = Settings.model_validate(dict(source.values), strict=source.strict)
    except ValidationError as error:
        raise explain_validation(error, source.label) from None
    return {key: getattr(settings, key) for key in source.values}


def _environment(env: Mapping[str, str]) -> _Source:
    keys = {environment_name(key): key for key in Settings.model_fields}
    for name in env:
        if name.startswith(ENV_PREFIX) and not name.endswith("_KEY") and name not in (*keys, *ENV_OTHERS):
            raise ConfigError(f"environment: {name} is not an option of csedb-tests.{nearest(name, keys)}")
    return _Source({keys[name]: value for name, value in env.items() if name in keys and value}, environment_name)


def _file(rootdir: Path) -> _Source:
    path = pyproject(rootdir)
    values = {key: value for key, value in tool_section(path).items() if key != "gates"}
    return _Source(values, lambda key: f"{toml_place(path, key)}: [tool.csedb] {key}", strict=True)


def pyproject(rootdir: Path) -> Path:
    """Where a project keeps its settings."""
    return rootdir / "pyproject.toml"


def tool_section(path: Path) -> dict[str, Any]:
    """The ``[tool.csedb]`` table of a pyproject.toml; empty without one. Raises ConfigError."""
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: not valid TOML: {error}") from None
    section = data.get("tool", {}).get("csedb", {})
    if not isinstance(section, dict):
        raise ConfigError(f"{toml_place(path, 'csedb')}: [tool.csedb] must be a table")
    return dict(section)


def option_name(key: str) -> str:
    """The command-line spelling of a setting: ``base_url`` gives ``--csedb-base-url``."""
    return "--csedb-" + key.replace("_", "-")


def environment_name(key: str) -> str:
    """The environment spelling of a setting: ``base_url`` gives ``CSEDB_BASE_URL``."""
    return ENV_PREFIX + key.upper()


def is_switch(key: str) -> bool:
    """Whether a setting is a switch on the command line, or else takes a value."""
    return Settings.model_fields[key].annotation is bool


def is_repeatable(key: str) -> bool:
    """Whether a setting may be given several times on the command line, all of its values counting."""
    return key == "judge"
