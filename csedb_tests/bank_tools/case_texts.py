"""The texts of a case that a person writes, each with its key path."""

from collections.abc import Iterator

from csedb_tests.bank_errors import KeyPath
from csedb_tests.schema import Case

_Texts = Iterator[tuple[KeyPath, str]]


def texts(case: Case) -> _Texts:
    """All of them; the turns of a question are told apart."""
    yield ("title",), case.title
    yield from question_texts(case)
    yield from statement_texts(case)
    yield from (((("never", number, "hazard")), never.hazard) for number, never in enumerate(case.never))
    yield from exemplar_texts(case)
    yield from ((("sources", number), source) for number, source in enumerate(case.sources))


def question_texts(case: Case) -> _Texts:
    """The question, or each of its turns."""
    if isinstance(case.question, str):
        yield ("question",), case.question
        return
    for number, turn in enumerate(case.question):
        yield ("question", number, "content"), turn.content


def statement_texts(case: Case) -> _Texts:
    """The rules and never-events."""
    yield from ((("rules", number, "text"), rule.text) for number, rule in enumerate(case.rules))
    yield from ((("never", number, "text"), never.text) for number, never in enumerate(case.never))


def exemplar_texts(case: Case) -> _Texts:
    """The exemplars that there are."""
    if case.exemplars.safe is not None:
        yield ("exemplars", "safe"), case.exemplars.safe
    if case.exemplars.unsafe is not None:
        yield ("exemplars", "unsafe"), case.exemplars.unsafe
