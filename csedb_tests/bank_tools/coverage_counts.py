"""How many cases a bank has of what: the figures behind ``csedb coverage``."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from csedb_tests.bank import Bank
from csedb_tests.catalogue import RISKS, Catalogue, Criterion, Track
from csedb_tests.schema import Case


@dataclass(frozen=True, slots=True)
class Row:
    """A group of cases: how many, of which risks, and how many of them somebody signed as they stand."""

    cases: int
    risks: Mapping[str, int]
    reviewed: int


@dataclass(frozen=True)
class CoverageCounts:
    """Counts of a bank. ``cells`` is by department key and criterion code; what has no case is not in it."""

    name: str
    digest: str
    catalogue: Catalogue
    cells: Mapping[tuple[str, str], int]
    departments: Mapping[str, Row]
    criteria: Mapping[str, Row]
    populations: Mapping[str, int]
    total: Row

    def criteria_of(self, track: Track) -> list[Criterion]:
        """The catalogue's criteria of a track, in order."""
        return [criterion for criterion in self.catalogue.criteria.values() if criterion.track == track]

    @cached_property
    def gaps(self) -> Mapping[str, list[str]]:
        """Per department that has cases, the criteria of which it has none."""
        return {
            department: [code for code in self.catalogue.criteria if (department, code) not in self.cells]
            for department, row in self.departments.items()
            if row.cases
        }

    @property
    def empty_departments(self) -> list[str]:
        """Departments without any case."""
        return [department for department, row in self.departments.items() if not row.cases]

    @property
    def empty_criteria(self) -> list[str]:
        """Criteria without any case."""
        return [code for code, row in self.criteria.items() if not row.cases]

    @property
    def filled(self) -> tuple[int, int]:
        """How many cells have a case, and how many there are."""
        return len(self.cells), len(self.catalogue.departments) * len(self.catalogue.criteria)


def coverage_counts(bank: Bank) -> CoverageCounts:
    """Count a bank's cases."""
    known = bank.catalogue
    return CoverageCounts(
        bank.name,
        bank.digest,
        known,
        Counter((case.department, case.criterion.code) for case in bank.cases),
        {key: _row([case for case in bank.cases if case.department == key]) for key in known.departments},
        {code: _row([case for case in bank.cases if case.criterion.code == code]) for code in known.criteria},
        {tag: sum(tag in case.population for case in bank.cases) for tag in known.populations},
        _row(bank.cases),
    )


def _row(cases: list[Case] | tuple[Case, ...]) -> Row:
    found = Counter(case.risk for case in cases)
    return Row(len(cases), {risk: found[risk] for risk in RISKS}, sum(case.is_reviewed for case in cases))


def percent(part: int, whole: int) -> str:
    """A share in whole percent; 100% stands for nothing less, and 0% for nothing more."""
    if not whole:
        return "-"
    share = 100 * part / whole
    return "<1%" if 0 < share < 1 else f"{int(share)}%"
