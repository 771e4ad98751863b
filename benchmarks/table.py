"""The table of results, a line at a time."""

from benchmarks.sections import Row

_FORM = "{:<9}{:<36}{:>7}{:>9}{:>7}  {:<17}{:>8}{:>6}"
HEADER = _FORM.format("section", "what", "cases", "seconds", "ratio", "of", "ms/case", "MB")


def line(section: str, row: Row) -> str:
    """One row; ``ms/case`` is CPU time, ``MB`` the peak resident size."""
    ratio = f"{row.measured.wall / row.unit:.2f}" if row.unit else ""
    cpu, peak = f"{1000 * row.measured.cpu / row.size:.2f}", f"{row.measured.peak:.0f}"
    return _FORM.format(section, row.name, f"{row.size:,}", f"{row.measured.wall:.2f}", ratio, row.of, cpu, peak)
