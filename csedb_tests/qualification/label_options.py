"""How a labelled file is to be read: which columns, which raters, which words for met and not met."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from csedb_tests.config_errors import ConfigError, nearest

COLUMNS = ("id", "question", "answer", "statement", "criterion")
LABELS = {"met": True, "not_met": False}


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """``columns``: CSV columns by the schema's name; ``raters``: None for every one; ``labels``: word to met or not."""

    raters: tuple[str, ...] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    labels: Mapping[str, bool] = field(default_factory=lambda: dict(LABELS))


def parse_label_options(
    raters: str | None, columns: Iterable[str], ignored: str | None, labels: Iterable[str]
) -> LabelOptions:
    """The options as typed: ``a,b``; ``statement=claim``; ``c,d``; ``met=Entailment``. Raises ConfigError."""
    named = _words(raters) if raters is not None else None
    if named is not None and (not named or len(set(named)) < len(named)):
        raise ConfigError(f"--raters: {raters!r} must name raters, each once, separated by commas")
    return LabelOptions(named, _columns(columns), _cells(ignored), _synonyms(labels))


def _columns(texts: Iterable[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for text in texts:
        key, name = _pair("--column", text, COLUMNS)
        if key in columns:
            raise ConfigError(f"--column: {key!r} is given twice")
        columns[key] = name
    return columns


def _synonyms(texts: Iterable[str]) -> dict[str, bool]:
    labels = dict(LABELS)
    for text in texts:
        key, words = _pair("--label", text, tuple(LABELS))
        for word in _words(words):
            if labels.setdefault(word, LABELS[key]) != LABELS[key]:
                raise ConfigError(f"--label: {word!r} cannot stand for met and for not_met")
    return labels


def _pair(option: str, text: str, allowed: tuple[str, ...]) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if key not in allowed:
        raise ConfigError(f"{option}: {key!r} is not known. Allowed: {', '.join(allowed)}.{nearest(key, allowed)}")
    if not sign:
        raise ConfigError(f"{option}: {text!r} must read like '{key}=...'")
    return key, value


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _cells(text: str | None) -> tuple[str, ...]:
    """Names of columns, of which one may be empty, as spreadsheets leave the one above their row numbers."""
    return () if text is None else tuple(word.strip() for word in text.split(","))
