"""By how much the high-risk drop of a candidate differs from its baseline's on the same cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from csedb_tests.statistics.differences import difference_interval, paired_bounds
from csedb_tests.statistics.intervals import Interval, check_confidence
from csedb_tests.statistics.layout import as_values, lay_out
from csedb_tests.statistics.means import Estimate


@dataclass(frozen=True, slots=True)
class DropDifference:
    """``value`` = drop of the candidate - drop of the baseline; positive: high-risk cases fell further behind."""

    value: float
    interval: Interval


def drop_difference(
    high: Sequence[float], other: Sequence[float], confidence: float = 0.95, *, span: float = 1.0
) -> DropDifference | None:
    """The change of the drop from the paired differences (candidate - baseline) of high-risk and of other cases.

    With drop = mean(other) - mean(high) in each run, the difference of the two drops is mean(other differences) -
    mean(high differences): two means of different cases, put together from their paired bounds. ``confidence`` is
    two-sided, ``span`` the largest difference possible. None when a group has no case.

    Source: ``differences.paired_bounds``; Zou and Donner, Stat. Med. 27 (2008) 1693-1702. Raises ValueError for
    differences beyond the span and a confidence outside 0 to 1.
    """
    check_confidence(confidence)
    if not len(high) or not len(other):
        return None
    first, second = _mean(other, confidence, span), _mean(high, confidence, span)
    interval = difference_interval(first, second)
    assert interval is not None, "both groups have cases"
    return DropDifference((first.value or 0.0) - (second.value or 0.0), interval)


def _mean(differences: Sequence[float], confidence: float, span: float) -> Estimate:
    scaled = as_values(differences, -span, span) / span
    found = paired_bounds(scaled, lay_out(len(scaled)), confidence)
    interval = Interval(span * float(found.low), span * float(found.high))
    return Estimate(span * float(found.value), interval, len(scaled), float(len(scaled)))
