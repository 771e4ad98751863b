"""Ids that a bank may hold, made from ids that others use: the same in every import."""

import hashlib
import re
from dataclasses import dataclass, field

_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_MOST_BEFORE_DIGEST = 100
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_STEM = 60


def legal_id(text: str) -> str:
    """``text`` if it is a legal case id, else what is left of it with a digest of the whole."""
    return text if _CASE_ID.fullmatch(text) else _with_digest(text, "case", "-")


def legal_key(text: str, prefix: str) -> str:
    """``text`` if it is a legal key of a criterion or department, else one made from it."""
    if _KEY.fullmatch(text):
        return text
    made = _with_digest(text, prefix, "_")
    return made if _KEY.fullmatch(made) else f"{prefix}_{made}"


def id_of_content(text: str, prefix: str) -> str:
    """An id for something that has none, from its content."""
    return f"{prefix}-{_digest(text)}"


def _with_digest(text: str, prefix: str, joint: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9]+", joint, text[: 4 * _STEM]).strip("-_")[:_STEM].rstrip("-_")
    return f"{stem or prefix}{joint}{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Claim:
    """An id claimed for a case. ``is_known``: the very same case has it already; ``clash``: another had it."""

    case_id: str
    is_known: bool = False
    clash: bool = False


@dataclass(slots=True)
class IdRegistry:
    """Which ids are taken, by which contents."""

    _taken: dict[str, str] = field(default_factory=dict)

    def claim(self, source_id: str, content: str) -> Claim:
        """The id of the case ``source_id`` with this content. Another case of the same name gets a digest behind it."""
        case_id, digest = legal_id(source_id), _digest(content)
        clash = self._taken.get(case_id, digest) != digest
        if clash:
            case_id = f"{case_id[:_MOST_BEFORE_DIGEST]}.{digest}"
        known = case_id in self._taken
        self._taken[case_id] = digest
        return Claim(case_id, known, clash)

    def release(self, case_id: str) -> None:
        """Give an id back: its case was not taken after all."""
        self._taken.pop(case_id, None)
