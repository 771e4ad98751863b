"""From the words a user gave (``openai:NAME``, ``pattern``) to the model and the judge they name."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.judges.base import Judge
from csedb_tests.judges.panel import make_panel
from csedb_tests.jurors import JudgeName, judge_names
from csedb_tests.models.base import Model
from csedb_tests.settings import Settings, option_name

if TYPE_CHECKING:
    from csedb_tests.endpoint import Endpoint

DEFAULT_MODEL = "exemplar:safe"
OPENAI_URL = "https://api.openai.com/v1"
MODEL_FORMS = (
    "openai:NAME, deepeval:PROVIDER/NAME, python:MODULE:CALLABLE, answers:FILE.jsonl, exemplar:safe, exemplar:unsafe"
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What a source may draw on: the settings, the directory of relative paths, the environment with its keys."""

    settings: Settings
    directory: Path
    env: Mapping[str, str]


def build_model(settings: Settings, directory: Path, env: Mapping[str, str] = os.environ) -> Model:
    """The model under test. Relative files are taken from ``directory``. Raises ConfigError; calls no model."""
    spec = settings.model or DEFAULT_MODEL
    scheme, _, rest = spec.partition(":")
    if scheme not in _BUILDERS:
        raise ConfigError(
            f"--csedb-model: {spec!r} names no known kind of model. Allowed: {MODEL_FORMS}.{nearest(scheme, _BUILDERS)}"
        )
    if not rest:
        raise ConfigError(f"--csedb-model: {spec!r} lacks the part after the colon. Allowed: {MODEL_FORMS}.")
    return _BUILDERS[scheme](rest, _Context(settings, directory, env))


def _openai_model(name: str, context: _Context) -> Model:
    from csedb_tests.models.openai import OpenAIModel, Sampling

    settings = context.settings
    return OpenAIModel(
        name,
        _endpoint(settings.base_url, "--csedb-base-url", settings.api_key_env, context.env),
        Sampling(settings.temperature, settings.top_p, settings.max_tokens, settings.seed),
        _system_prompt(context),
        settings.revision,
        settings.accept_truncated,
    )


def _refuse_sampling(kind: str, settings: Settings) -> None:
    """An option that would silently change nothing is an error: a record must not claim a temperature nobody used."""
    for key in ("temperature", "top_p", "max_tokens", "seed"):
        if getattr(settings, key) is not None:
            raise ConfigError(f"{option_name(key)}: has no effect on {kind} models; only openai: models take it")


def _deepeval_model(reference: str, context: _Context) -> Model:
    _refuse_sampling("deepeval:", context.settings)
    from csedb_tests.deepeval_bridge import load_llm
    from csedb_tests.models.deepeval_model import DeepEvalModel

    llm = load_llm(reference, "--csedb-model")
    return DeepEvalModel(reference, llm, _system_prompt(context), context.settings.revision)


def _function_model(reference: str, context: _Context) -> Model:
    _refuse_sampling("python:", context.settings)
    from csedb_tests.models.function import FunctionModel, load_function

    return FunctionModel(reference, load_function(reference), _system_prompt(context), context.settings.revision)


def _recorded_model(name: str, context: _Context) -> Model:
    from csedb_tests.models.recorded import load_recorded

    return load_recorded(context.directory / name)


def _exemplar_model(kind: str, _: _Context) -> Model:
    from csedb_tests.models.exemplar import ExemplarModel

    match kind:
        case "safe" | "unsafe":
            return ExemplarModel(kind)
    raise ConfigError(f"--csedb-model: 'exemplar:{kind}' is not known. Allowed: exemplar:safe, exemplar:unsafe.")


_BUILDERS: Mapping[str, Callable[[str, _Context], Model]] = {
    "openai": _openai_model,
    "deepeval": _deepeval_model,
    "python": _function_model,
    "answers": _recorded_model,
    "exemplar": _exemplar_model,
}


def build_judge(settings: Settings, directory: Path, env: Mapping[str, str] = os.environ) -> Judge:
    """The judge, or the panel. It is never the model under test unless the user names it so. Raises ConfigError."""
    context = _Context(settings, directory, env)
    judges = [_one_judge(name, context) for name in judge_names(settings.judge)]
    return judges[0] if len(judges) == 1 else make_panel(judges)


def _one_judge(name: JudgeName, context: _Context) -> Judge:
    match name.kind:
        case "pattern":
            from csedb_tests.judges.offline import OfflineJudge

            return OfflineJudge()
        case "recorded":
            from csedb_tests.judges.recorded import load_verdicts

            return load_verdicts(context.directory / name.name)
    return _llm_judge(name, context)


def _llm_judge(name: JudgeName, context: _Context) -> Judge:
    from csedb_tests.judges.llm import DeepEvalClient, EndpointClient, LLMJudge

    if name.kind == "deepeval":
        from csedb_tests.deepeval_bridge import load_llm

        return LLMJudge(DeepEvalClient(name.name, load_llm(name.name, "--csedb-judge")))
    return LLMJudge(EndpointClient(name.name, _judge_endpoint(name, context)))


def _judge_endpoint(name: JudgeName, context: _Context) -> "Endpoint":
    """The judge's key goes to the judge's address; a juror with an address of its own has a key of its own, or none."""
    settings = context.settings
    if name.base_url is None:
        variable = settings.judge_api_key_env
        return _endpoint(settings.judge_base_url, "--csedb-judge-base-url", variable, context.env)
    # No variable is called like the second: no key is sent then, and a refusal says how to name one.
    variable = name.key_variable or f"KEY (and name it: openai:{name.name}@{name.base_url}#KEY)"
    return _endpoint(name.base_url, "--csedb-judge", variable, context.env)


def _endpoint(url: str | None, option: str, key_env: str, env: Mapping[str, str]) -> "Endpoint":
    """OPENAI_API_KEY goes to OpenAI's own host alone: a key must not reach a host it was not made for."""
    from csedb_tests.endpoint import Endpoint, checked_base_url

    base_url = checked_base_url(url or OPENAI_URL, option)
    key = env.get(key_env)
    if key is None and base_url == OPENAI_URL:
        return Endpoint(base_url, env.get("OPENAI_API_KEY"), "OPENAI_API_KEY")
    return Endpoint(base_url, key, key_env)


def _system_prompt(context: _Context) -> str | None:
    """The system prompt's text, read from a file where it is given as ``@FILE``."""
    prompt = context.settings.system_prompt
    if prompt is None or not prompt.startswith("@"):
        return prompt
    path = context.directory / prompt[1:]
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--csedb-system-prompt: cannot read {path}: {error}") from None
