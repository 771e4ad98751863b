"""What a model under test said, and how the call that fetched it went."""

import re
from dataclasses import dataclass, replace

_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_REASONING_TAIL = re.compile(r"^.*</(think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls; 0 where the endpoint did not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as judged (``text``), its stripped reasoning, and the call's facts. ``seconds`` is wall time."""

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0


def strip_reasoning(answer: Answer) -> Answer:
    """Move ``<think>`` blocks from the text to ``reasoning``; a patient never reads them, so no judge does.

    A template that opens the block in the prompt leaves only the closing tag in the text: all before it is reasoning.
    A block that never closes is left alone: the answer was cut inside it, and what is shown is what was said.
    """
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(match.group(0))
        return ""

    text = _REASONING.sub(keep, answer.text)
    text = _REASONING_TAIL.sub(keep, text)
    if not found:
        return answer
    parts = [answer.reasoning, *found]
    return replace(answer, text=text.strip(), reasoning="\n".join(part for part in parts if part))
