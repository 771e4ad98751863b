"""``csedb coverage`` for the terminal."""

from collections.abc import Iterator, Sequence

from csedb_tests.bank_tools.coverage_counts import CoverageCounts, Row, percent
from csedb_tests.catalogue import RISKS, TRACKS, Criterion

_GAP = "."


def coverage_lines(counts: CoverageCounts) -> Iterator[str]:
    """A matrix per track, then totals, gaps, risks, populations and what is reviewed."""
    filled, cells = counts.filled
    yield f"bank {counts.name}: {counts.total.cases} cases, {filled} of {cells} cells filled"
    for track in TRACKS:
        criteria = counts.criteria_of(track)
        if criteria:
            yield from ("", f"{track}, cases by department and criterion ({_GAP} is none)")
            yield from _matrix(counts, criteria)
    yield from ("", "departments and criteria: cases, risk high/medium/low, signed as they stand")
    yield from _rows([*counts.departments.items(), *counts.criteria.items(), ("all", counts.total)])
    yield from ("", "populations")
    yield from _populations(counts)
    yield from ("", *_gaps(counts))


def _matrix(counts: CoverageCounts, criteria: Sequence[Criterion]) -> Iterator[str]:
    width = max(len(name) for name in counts.departments)
    yield " ".join((" " * width, *(criterion.slug.rjust(3) for criterion in criteria), "  all"))
    for department in counts.departments:
        found = [counts.cells.get((department, criterion.code), 0) for criterion in criteria]
        yield _line(department.ljust(width), found)
    totals = [counts.criteria[criterion.code].cases for criterion in criteria]
    yield _line("all".ljust(width), totals)


def _line(name: str, found: Sequence[int]) -> str:
    return " ".join((name, *(str(n or _GAP).rjust(3) for n in found), str(sum(found)).rjust(5)))


def _rows(rows: Sequence[tuple[str, Row]]) -> Iterator[str]:
    width = max(len(name) for name, _ in rows)
    for name, row in rows:
        risks = "/".join(str(row.risks[risk]) for risk in RISKS)
        shares = "/".join(percent(row.risks[risk], row.cases) for risk in RISKS)
        signed = f"{row.reviewed} signed ({percent(row.reviewed, row.cases)})"
        yield f"{name.ljust(width)} {row.cases:>5}  {risks:<12} {shares:<12} {signed}".rstrip()


def _populations(counts: CoverageCounts) -> Iterator[str]:
    width = max(len(tag) for tag in counts.populations)
    for tag, found in counts.populations.items():
        yield f"{tag.ljust(width)} {found:>5}  {percent(found, counts.total.cases)}"


def _gaps(counts: CoverageCounts) -> Iterator[str]:
    yield "gaps"
    for kind, empty in (("departments", counts.empty_departments), ("criteria", counts.empty_criteria)):
        yield f"{kind} without a case: {', '.join(empty) or 'none'}"
    for department, codes in counts.gaps.items():
        held = [code for code in counts.criteria if code not in codes]
        if len(held) < len(codes):
            yield f"{department} has only {len(held)} of {len(counts.criteria)} criteria: {', '.join(held)}"
        elif codes:
            yield f"{department} lacks {len(codes)}: {', '.join(codes)}"
