"""Reading a chat completion: the answer it carries, or why it carries none."""

from typing import Any

from csedb_tests.answer import Answer, Usage
from csedb_tests.failures import CallFailure
from csedb_tests.text import one_line, shortened, storable

_TEXT_PARTS = ("text", "output_text", None)


def read_completion(data: dict[str, Any], *, accept_truncated: bool = False) -> Answer:
    """The answer of an OpenAI chat completion object.

    A refusal and an empty text are answers. A reply without a choice, one cut at the token limit (unless accepted) and
    one withheld by the provider's filter are not: they raise CallFailure.
    """
    message, finish = _first_choice(data)
    if finish == "content_filter":
        raise CallFailure("the endpoint's content filter withheld the answer")
    if finish == "length" and not accept_truncated:
        raise CallFailure("the answer was cut at the token limit (raise max_tokens, or accept_truncated = true)")
    text = _text(message.get("content")) or _string(message.get("refusal"))
    reasoning = _string(message.get("reasoning_content")) or _string(message.get("reasoning"))
    return Answer(storable(text), storable(reasoning), finish, _usage(data.get("usage")))


def _first_choice(data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        raise CallFailure(f"the reply holds no choice{_stated_error(data)}", retryable=True)
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise CallFailure("the reply's first choice holds no message", retryable=True)
    return message, shortened(one_line(_string(choice.get("finish_reason"))), 40)


def _stated_error(data: dict[str, Any]) -> str:
    """Some gateways report an error of the server behind them with status 200."""
    error = data.get("error")
    said = _string(error.get("message")) if isinstance(error, dict) else _string(error)
    return f": {shortened(one_line(said), 300)}" if said else ""


def _text(content: Any) -> str:
    """The text of a message content: a string, or a list of parts of which the textual ones count."""
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    if not isinstance(content, str):
        raise CallFailure("the message content is neither text nor a list of parts", retryable=True)
    return content


def _part(part: Any) -> str:
    if isinstance(part, dict):
        return _string(part.get("text")) if part.get("type") in _TEXT_PARTS else _string(part.get("refusal"))
    return _string(part)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
