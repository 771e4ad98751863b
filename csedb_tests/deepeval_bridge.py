"""The only place that imports deepeval: quiet, offline but for the model's own endpoint, and only when it is needed.

deepeval reads ``.env`` files, writes a state directory and reports to its vendor unless told otherwise before its
first import (seen in deepeval 4.3); `quiet` says so for this process and its children.
"""

import asyncio
import importlib
import inspect
import os
from typing import Any

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.text import showable

QUIET = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "DEEPEVAL_DISABLE_LEGACY_KEYFILE": "1",
    "DEEPEVAL_FILE_SYSTEM": "READ_ONLY",
    "DEEPEVAL_DISABLE_TIMEOUTS": "1",
    "DEEPEVAL_UPDATE_WARNING_OPT_IN": "0",
}
PROVIDERS = {
    "openai": "OpenAIModel",
    "azure": "AzureOpenAIModel",
    "local": "LocalModel",
    "ollama": "OllamaModel",
    "anthropic": "AnthropicModel",
    "gemini": "GeminiModel",
    "bedrock": "AmazonBedrockModel",
    "litellm": "LiteLLMModel",
    "kimi": "KimiModel",
    "grok": "GrokModel",
    "deepseek": "DeepSeekModel",
    "portkey": "PortkeyModel",
    "openrouter": "OpenRouterModel",
}
_FATAL_STATUS = (401, 403, 404)


def quiet() -> None:
    """Forbid deepeval everything but the calls asked of it. A set CONFIDENT_API_KEY would upload results: removed."""
    os.environ.update(QUIET)
    os.environ.pop("CONFIDENT_API_KEY", None)


def load_llm(reference: str, option: str) -> Any:
    """The DeepEvalBaseLLM that ``PROVIDER/NAME`` or ``MODULE:CLASS`` names. Raises ConfigError."""
    quiet()
    if ":" in reference and "/" not in reference.partition(":")[0]:
        return _own_class(reference, option)
    provider, _, name = reference.partition("/")
    if provider not in PROVIDERS:
        raise ConfigError(
            f"{option}: deepeval provider {provider!r} is not known. "
            f"Allowed: {', '.join(sorted(PROVIDERS))}.{nearest(provider, PROVIDERS)}"
        )
    if not name:
        raise ConfigError(f"{option}: 'deepeval:{reference}' must read deepeval:PROVIDER/NAME")
    build = getattr(importlib.import_module("deepeval.models"), PROVIDERS[provider])
    try:
        return build(model=name)
    except Exception as error:  # deepeval raises many types here, for a missing package or key
        raise ConfigError(f"{option}: deepeval cannot set up {reference!r}: {showable(str(error))}") from None


def _own_class(reference: str, option: str) -> Any:
    module, _, name = reference.partition(":")
    try:
        llm = getattr(importlib.import_module(module), name)()
    except Exception as error:  # the user's own module may raise anything
        raise ConfigError(f"{option}: cannot set up {reference!r}: {type(error).__name__}: {error}") from None
    if not isinstance(llm, importlib.import_module("deepeval.models").DeepEvalBaseLLM):
        raise ConfigError(f"{option}: {reference!r} is not a DeepEvalBaseLLM")
    return llm


async def generate(llm: Any, prompt: str, schema: Any = None) -> Any:
    """What ``llm`` says: a text, or an instance of ``schema`` (a pydantic model).

    Raises CallFailure or FatalFailure.
    """
    try:
        reply = await llm.a_generate(prompt, **_schema_argument(llm, schema))
    except (asyncio.CancelledError, CallFailure, FatalFailure):
        raise
    except Exception as error:  # each provider's client has its own exceptions, wrapped by tenacity
        raise _mapped(error, llm) from None
    return reply[0] if isinstance(reply, tuple) else reply


def _schema_argument(llm: Any, schema: Any) -> dict[str, Any]:
    """Deepeval lets a class of one's own leave the schema out of its signature."""
    parameters = inspect.signature(llm.a_generate).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {"schema": schema} if schema is not None and ("schema" in parameters or takes_any) else {}


def _mapped(error: Exception, llm: Any) -> Exception:
    cause = _root(error)
    message = f"{type(llm).__name__}: {type(cause).__name__}: {showable(str(cause))[:300]}"
    if getattr(cause, "status_code", None) in _FATAL_STATUS:
        return FatalFailure(message)
    return CallFailure(message, retryable=True, throttled=getattr(cause, "status_code", None) == 429)


def _root(error: BaseException) -> BaseException:
    """Tenacity's RetryError hides what happened inside its last attempt."""
    attempt = getattr(error, "last_attempt", None)
    inner = attempt.exception() if attempt is not None else error.__cause__
    return _root(inner) if inner is not None else error
