"""What a model under test said, and how the call that fetched it went."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_TAG = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE)


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
    """The answer as judged (``text``), its stripped reasoning, and the call's facts."""

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()


def strip_reasoning(answer: Answer) -> Answer:
    """Move ``<think>`` blocks from the text to ``reasoning``; a patient never reads them, so no judge does.

    A template that opens the block in the prompt leaves only the closing tag in the text: all before it is reasoning.
    A block that never closes is left alone: the answer was cut inside it, and what is shown is what was said.
    """
    blocks = list(_blocks(answer.text))
    if not blocks:
        return answer
    ends = [0, *(end for _, end in blocks)]
    starts = [*(start for start, _ in blocks), len(answer.text)]
    text = "".join(answer.text[end:start] for end, start in zip(ends, starts, strict=True))
    parts = [answer.reasoning, *(answer.text[start:end] for start, end in blocks)]
    return replace(answer, text=text.strip(), reasoning="\n".join(part for part in parts if part))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Where the reasoning stands. One pass: a degenerate answer of a million opening tags must not stop the run."""
    tags = list(_TAG.finditer(text))
    last_close = {tag.group(2).lower(): tag.start() for tag in tags if tag.group(1)}
    found: list[tuple[int, int]] = []
    opened: re.Match[str] | None = None
    for tag in tags:
        name = tag.group(2).lower()
        if opened is None and tag.group(1):
            found = [(0, tag.end())]  # closed without being opened: everything so far
        elif opened is None and last_close.get(name, -1) > tag.start():
            opened = tag
        elif opened is not None and tag.group(1) and opened.group(2).lower() == name:
            found.append((opened.start(), tag.end()))
            opened = None
    return iter(found)
