"""How well two or more raters agree: kappas, and the macro-F1 of a judge against raters."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two raters from one (label of the first, label of the second) pair per item; -1 to 1.

    (observed - expected) / (1 - expected): observed is the share of equal pairs, expected the sum over labels of the
    product of the two raters' shares. None when it is undefined: without pairs, or when both raters used one and the
    same label throughout (expected agreement 1), which tells nothing about how they would agree on another.

    Source: Cohen, Educ. Psychol. Meas. 20 (1960) 37-46.
    """
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(count * second[label] for label, count in first.items())
    if chance == n * n:
        return None
    equal = sum(a == b for a, b in pairs)
    return (equal * n - chance) / (n * n - chance)


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """Fleiss' kappa from a table of items (rows) x categories (columns): how many raters put the item there.

    (observed - expected) / (1 - expected): observed is the mean over items of the share of rater pairs that agree,
    sum_j n_ij (n_ij - 1) / (n_i (n_i - 1)); expected is sum_j p_j^2, p_j the mean over items of the share n_ij / n_i.
    Items may have different numbers of raters, every item then counting the same (Gwet's generalisation; with equal
    numbers it is Fleiss' own formula); items with fewer than two ratings are left out. None when it is undefined:
    no item left, or a single category used.

    Source: Fleiss, Psychol. Bull. 76 (1971) 378-382; Gwet, Handbook of Inter-Rater Reliability, 4th ed. (2014), ch. 2.
    Raises ValueError for negative counts or rows of different lengths.
    """
    _check_table(counts)
    rated = [row for row in counts if sum(row) > 1]
    if sum(any(row[j] for row in rated) for j in range(len(counts[0]) if counts else 0)) < 2:
        return None
    observed = sum(map(_agreeing_pairs, rated)) / len(rated)
    shares = [sum(row[j] / sum(row) for row in rated) / len(rated) for j in range(len(rated[0]))]
    expected = sum(share * share for share in shares)
    return (observed - expected) / (1 - expected)


def _agreeing_pairs(row: Sequence[int]) -> float:
    raters = sum(row)
    return sum(count * (count - 1) for count in row) / (raters * (raters - 1))


def _check_table(counts: Sequence[Sequence[int]]) -> None:
    if len({len(row) for row in counts}) > 1:
        raise ValueError("every item needs a count for every category, 0 included")
    if any(count < 0 for row in counts for count in row):
        raise ValueError("counts of ratings cannot be negative")


@dataclass(frozen=True, slots=True)
class ClassF1:
    """Precision, recall and their harmonic mean for one class, 0 to 1 each; None where nothing defines it.

    ``precision`` needs a pair in which the judge says the class, ``recall`` one in which the rater does, ``f1`` both.
    """

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class MacroF1:
    """The two classes, the mean of their F1 (None unless both have one), and the number of pairs."""

    met: ClassF1
    not_met: ClassF1
    macro: float | None
    pairs: int


def macro_f1(pairs: Iterable[tuple[bool, bool]]) -> MacroF1:
    """The macro-F1 of a judge over (judge's label, rater's label) pairs, True for met; one pair per rater and item.

    Per class c: precision = P(equal | judge says c), recall = P(equal | rater says c), F1 = 2PR / (P + R) and 0 when
    both are 0. A class that the judge or the raters never use has no F1, and then there is no macro-F1: absent, not 0.

    Source: HealthBench's meta-evaluation (openai/simple-evals, healthbench_meta_eval.py).
    """
    table = Counter((bool(judge), bool(rater)) for judge, rater in pairs)
    met, not_met = _class_f1(table, True), _class_f1(table, False)
    macro = None if met.f1 is None or not_met.f1 is None else (met.f1 + not_met.f1) / 2
    return MacroF1(met, not_met, macro, table.total())


def _class_f1(table: Counter[tuple[bool, bool]], label: bool) -> ClassF1:
    equal = table[label, label]
    precision = _share(equal, equal + table[label, not label])
    recall = _share(equal, equal + table[not label, label])
    if precision is None or recall is None:
        return ClassF1(precision, recall, None)
    total = precision + recall
    return ClassF1(precision, recall, 2 * precision * recall / total if total else 0.0)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
