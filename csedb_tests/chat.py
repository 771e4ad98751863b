"""Reading a chat completion: the answer it carries, or why it carries none."""

from typing import Any

from csedb_tests.answer import Answer, Usage
from csedb_tests.failures import CallFailure
from csedb_tests.text import storable


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
    text = _text(message.get("content")) or _text(message.get("refusal"))
    reasoning = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    return Answer(storable(text), storable(reasoning), finish, _usage(data.get("usage")))


def _first_choice(data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        raise CallFailure("the reply holds no choice", retryable=True)
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise CallFailure("the reply's first choice holds no message", retryable=True)
    return message, str(choice.get("finish_reason") or "")


def _text(content: Any) -> str:
    """The text of a message content: a string, or a list of parts of which the textual ones count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    if content is None:
        return ""
    raise CallFailure("the message content is neither text nor a list of parts", retryable=True)


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
