"""Model families by name: a judge tends to favour answers of its own family.

Self-preference of language-model judges: Panickssery et al., "LLM evaluators recognize and favor their own
generations" (arXiv 2404.13076); Zheng et al., MT-Bench (arXiv 2306.05685), section 3.3.
"""

import re
from collections.abc import Mapping
from typing import Any

_FAMILIES = {
    "GPT": r"gpt|chatgpt|davinci|(?<![a-z0-9])o[1-9](?![0-9a-z])|healthgpt",
    "Claude": r"claude",
    "Gemini": r"gemini|gemma|palm(?!y)",
    "Llama": r"llama|vicuna|meditron|openbiollm",
    "Qwen": r"qwen|qwq",
    "DeepSeek": r"deepseek",
    "Mistral": r"mi[sx]tral|ministral|magistral|codestral|biomistral",
    "Phi": r"(?<![a-z])phi(?![a-z])",
    "Grok": r"grok",
    "Command": r"command-?[ra]|(?<![a-z])aya(?![a-z])",
    "GLM": r"(?<![a-z])(chat)?glm",
    "Kimi": r"kimi|moonshot",
    "Yi": r"(?<![a-z])yi(?![a-z])",
    "Baichuan": r"baichuan",
    "InternLM": r"internlm",
    "Nova": r"(?<![a-z])nova(?![a-z])",
}
# The server is no part of a model's name ("ollama", "api.mistral.ai"), nor is the way to it ("openai:").
_PATTERNS = {family: re.compile(pattern) for family, pattern in _FAMILIES.items()}
_SERVERS = re.compile(r"ollama|llama[-_.]?cpp|llama-server")


def families(name: str) -> frozenset[str]:
    """The families that a model's name tells of; several for a model distilled from one into another."""
    bare = _SERVERS.sub("", name.partition(" at ")[0].lower())
    return frozenset(family for family, pattern in _PATTERNS.items() if pattern.search(bare))


def self_preference(model: Mapping[str, Any], judge: Mapping[str, Any]) -> str | None:
    """A sentence of warning when model and judge, given by their identities, share a family; else None."""
    shared = families(str(model.get("model", ""))) & _families_of(judge)
    if not shared:
        return None
    return (
        f"model and judge are of one family ({', '.join(sorted(shared))}): judges favour answers of their own family; "
        "let another family judge as well"
    )


def _families_of(value: Any) -> frozenset[str]:
    """The families in the judges that an identity names, however deep the jurors of a panel lie in it."""
    if isinstance(value, Mapping):
        return _families_of([item for key, item in value.items() if key not in ("prompt", "digest")])
    if isinstance(value, str):
        # A file of recorded verdicts may be called after the model it is about; nobody says who judged.
        return frozenset() if value.startswith("recorded:") else families(value)
    if isinstance(value, list | tuple):
        return frozenset().union(*map(_families_of, value))
    return frozenset()
