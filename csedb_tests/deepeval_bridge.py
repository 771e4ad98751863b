"""How this package meets deepeval: quiet, offline but for the model's own endpoint, and only when it is needed.

deepeval reads ``.env`` files, writes a state directory and reports to its vendor unless told otherwise before its
first import (seen in deepeval 4.3); `quiet` says so for this process and its children.
"""

import contextlib
import importlib
import inspect
import io
import os
from typing import Any

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.models.function import load_module
from csedb_tests.text import one_line, shortened

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
_FATAL_STATUS = (401, 402, 403, 404)
_RETRYABLE_STATUS = (408, 409, 425, 429)
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET")
SECRET_LENGTH = 12


def quiet() -> None:
    """Forbid deepeval everything but the calls asked of it. A set CONFIDENT_API_KEY would upload results: removed."""
    os.environ.update(QUIET)
    os.environ.pop("CONFIDENT_API_KEY", None)


def deepeval_module(name: str) -> Any:
    """A module of deepeval, imported without its notice that *its* results will not be written to disk."""
    quiet()
    with contextlib.redirect_stdout(io.StringIO()):
        return importlib.import_module(name)


def load_llm(reference: str, option: str) -> Any:
    """The DeepEvalBaseLLM that ``PROVIDER/NAME`` or ``MODULE:CLASS`` names. Raises ConfigError."""
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
    try:
        return getattr(deepeval_module("deepeval.models"), PROVIDERS[provider])(model=name)
    except Exception as error:  # deepeval raises many types here, for a missing package or key
        raise ConfigError(f"{option}: deepeval cannot set up {reference!r}: {_said(error)}") from None


def _own_class(reference: str, option: str) -> Any:
    models = deepeval_module("deepeval.models")  # first, and quietly: the user's module imports it too
    module_name, _, name = reference.partition(":")
    module = load_module(module_name, option)
    if not hasattr(module, name):
        raise ConfigError(f"{option}: module {module_name!r} has no {name!r}")
    try:
        llm = getattr(module, name)()
    except (Exception, SystemExit) as error:  # the user's own class may raise anything
        raise ConfigError(f"{option}: cannot set up {reference!r}: {type(error).__name__}: {_said(error)}") from None
    if not isinstance(llm, models.DeepEvalBaseLLM):
        raise ConfigError(f"{option}: {reference!r} is not a DeepEvalBaseLLM")
    return llm


async def generate(llm: Any, prompt: str, schema: Any = None) -> Any:
    """What ``llm`` says: a text, or an instance of ``schema`` (a pydantic model).

    Raises CallFailure or FatalFailure.
    """
    try:
        reply = llm.a_generate(prompt, **_schema_argument(llm, schema))
        reply = await reply if inspect.isawaitable(reply) else reply
    except (CallFailure, FatalFailure):
        raise
    except (Exception, SystemExit) as error:  # each provider's client has its own exceptions, wrapped by tenacity
        raise _mapped(error, llm) from None
    return reply[0] if isinstance(reply, tuple) and reply else reply


def _schema_argument(llm: Any, schema: Any) -> dict[str, Any]:
    """Deepeval lets a class of one's own leave the schema out of its signature."""
    parameters = inspect.signature(llm.a_generate).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return {"schema": schema} if schema is not None and ("schema" in parameters or takes_any) else {}


def _mapped(error: BaseException, llm: Any) -> Exception:
    cause = _root(error)
    message = f"{type(llm).__name__}: {type(cause).__name__}: {_said(cause)}"
    status = _status(cause)
    if status in _FATAL_STATUS or any(code in str(cause) for code in _QUOTA):
        return FatalFailure(message)
    retryable = status is None or status >= 500 or status in _RETRYABLE_STATUS
    return CallFailure(message, retryable=retryable, throttled=status == 429)


def _root(error: BaseException) -> BaseException:
    """What happened at the bottom: tenacity's RetryError hides it inside its last attempt, others in their cause."""
    attempt = getattr(error, "last_attempt", None)
    inner = attempt.exception() if attempt is not None else error.__cause__
    # Below an error that has a status lies only the transport's own, which says less.
    return error if inner is None or _status(error) is not None else _root(inner)


def _status(error: BaseException) -> int | None:
    """The HTTP status behind an exception, where the provider's client keeps it."""
    response = getattr(error, "response", None)
    found = [getattr(error, "status_code", None), getattr(response, "status_code", None), getattr(error, "code", None)]
    return next((code for code in found if isinstance(code, int) and 100 <= code < 600), None)


def _said(error: BaseException) -> str:
    """An exception's text for a message: one line, without any key of the environment."""
    text = str(error)
    for name, value in os.environ.items():
        if len(value) >= SECRET_LENGTH and name.endswith(_SECRET_NAMES):
            text = text.replace(value, "[key]")
    return shortened(one_line(text), 300)
