"""Doses and laboratory values without a unit, in questions, rules, never-events and exemplars."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from csedb_tests.bank_tools.bare_numbers import bare_numbers, numbers_with_units
from csedb_tests.bank_tools.case_texts import exemplar_texts, question_texts, statement_texts
from csedb_tests.bank_tools.findings import Finding, Level, on_case
from csedb_tests.schema import Case

_LEVELS: tuple[tuple[bool, Level], ...] = ((True, "warning"), (False, "note"))
_ADVICE = "give the unit; where countries differ, both (140 µmol/L (1.6 mg/dL))"


def unit_findings(cases: Sequence[Case]) -> Iterator[Finding]:
    """Per text, the bare numbers that the case gives no unit for: a note where all customary units read the same."""
    for case in cases:
        texts = [*question_texts(case), *statement_texts(case), *exemplar_texts(case)]
        known = frozenset().union(*(numbers_with_units(text) for _, text in texts))
        for path, text in texts:
            bare = [found for found in bare_numbers(text) if found.number not in known]
            for is_ambiguous, level in _LEVELS:
                several = [found for found in bare if found.is_ambiguous == is_ambiguous]
                if several:
                    message = f"without a unit: {', '.join(dict.fromkeys(found.words for found in several))}"
                    found = on_case(level, "units", (case, path), message, _ADVICE)
                    yield replace(found, offset=_lines_below(text, several[0].start))


def _lines_below(text: str, start: int) -> int:
    """How far below its key a place in a text stands: the lines of a block begin below the key."""
    return text.count("\n", 0, start) + 1 if "\n" in text else 0
