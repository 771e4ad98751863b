"""Doses and laboratory values without a unit, in questions, rules, never-events and exemplars."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from csedb_tests.bank_tools.bare_numbers import bare_numbers, numbers_with_units
from csedb_tests.bank_tools.check_form import exemplar_texts, question_texts
from csedb_tests.bank_errors import KeyPath
from csedb_tests.bank_tools.findings import Finding, on_case
from csedb_tests.schema import Case

_ADVICE = "give the unit, and where countries differ both (creatinine 140 µmol/L (1.6 mg/dL))"


def unit_findings(cases: Sequence[Case]) -> Iterator[Finding]:
    """Each bare number whose unit the case gives nowhere."""
    for case in cases:
        texts = list(_texts(case))
        known = frozenset().union(*(numbers_with_units(text) for _, text in texts))
        for path, text in texts:
            for bare in bare_numbers(text):
                if bare.number not in known:
                    message = f'"{bare.words}" has no unit'
                    found = on_case("warning", "units", case, path, message, _ADVICE)
                    yield replace(found, offset=_lines_below(text, bare.start))


def _texts(case: Case) -> Iterator[tuple[KeyPath, str]]:
    yield from question_texts(case)
    for part, statements in (("rules", case.rules), ("never", case.never)):
        for number, statement in enumerate(statements):
            yield (part, number, "text"), statement.text
    yield from exemplar_texts(case)


def _lines_below(text: str, start: int) -> int:
    """How far below its key a place in a text stands: the lines of a block begin below the key."""
    return text.count("\n", 0, start) + 1 if "\n" in text else 0
