"""A judge beside people's labels, and the people beside each other. Pure: from labels and verdicts to figures.

The unit is the pair (judge's label, one rater's label) of an item, as in HealthBench's meta-evaluation
(openai/simple-evals, healthbench_meta_eval.py); raters are scored the same way against the item's other raters. Items
that the judge left unscored make no pair with it, and are counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from csedb_tests.qualification.labels import Item, LabelFile
from csedb_tests.qualification.resample import Table, fleiss_interval, kappa_interval, macro_f1_interval
from csedb_tests.statistics.agreement import MacroF1, cohen_kappa, fleiss_kappa, macro_f1
from csedb_tests.statistics.intervals import Interval

JUDGE = "judge"
Said = Mapping[str, bool | None]
"""The judge's label by item id, True for met; None where it could not tell or could not be asked."""
Pairs = Sequence[tuple[str, bool, bool]]
"""(group, first's label, second's label). Items on one answer share a group: they hang together."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its bootstrap interval over ``n`` pairs or items; ``value`` None where nothing defines it."""

    value: float | None
    interval: Interval | None
    n: int


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two raters, one of whom may be the judge."""

    first: str
    second: str
    kappa: Measure


@dataclass(frozen=True, slots=True)
class CriterionAgreement:
    """The judge on the items of one criterion."""

    items: int
    unscored: int
    f1: MacroF1


@dataclass(frozen=True, slots=True)
class LabelReport:
    """Everything on one labelled file. ``raters`` holds each rater's macro-F1 against the item's other raters."""

    name: str
    digest: str
    items: int
    unscored: int
    reasons: Mapping[str, int]
    f1: MacroF1
    macro: Measure
    raters: Mapping[str, Measure]
    with_judge: tuple[Kappa, ...]
    between_raters: tuple[Kappa, ...]
    fleiss: Measure
    by_criterion: Mapping[str, CriterionAgreement]


def label_report(file: LabelFile, said: Said, reasons: Mapping[str, int], seed: int = 0) -> LabelReport:
    """The report on a file. ``reasons`` counts why items are unscored; ``seed`` is that of the bootstrap."""
    items, raters = file.items, file.raters
    judged = _judge_pairs(items, said)
    return LabelReport(
        name=file.path.name,
        digest=file.digest,
        items=len(items),
        unscored=sum(said.get(item.id) is None for item in items),
        reasons=reasons,
        f1=_f1(judged),
        macro=_macro(judged, seed),
        raters={rater: _macro(_others(items, rater), seed) for rater in raters},
        with_judge=tuple(Kappa(JUDGE, rater, _kappa(_judge_pairs(items, said, rater), seed)) for rater in raters),
        between_raters=tuple(Kappa(a, b, _kappa(_rater_pairs(items, a, b), seed)) for a, b in combinations(raters, 2)),
        fleiss=_fleiss(items, seed),
        by_criterion=_by_criterion(items, said),
    )


def _judge_pairs(items: Iterable[Item], said: Said, rater: str | None = None) -> Pairs:
    """The judge with every rater, or with one."""
    return [
        (_group(item), own, label)
        for item in items
        if (own := said.get(item.id)) is not None
        for name, label in item.labels.items()
        if rater in (None, name)
    ]


def _others(items: Iterable[Item], rater: str) -> Pairs:
    """A rater with each of the item's other raters."""
    return [
        (_group(item), item.labels[rater], label)
        for item in items
        if rater in item.labels
        for name, label in item.labels.items()
        if name != rater
    ]


def _rater_pairs(items: Iterable[Item], first: str, second: str) -> Pairs:
    both = (item for item in items if first in item.labels and second in item.labels)
    return [(_group(item), item.labels[first], item.labels[second]) for item in both]


def _group(item: Item) -> str:
    return f"{item.question}\0{item.answer}"


def _f1(pairs: Pairs) -> MacroF1:
    return macro_f1((first, second) for _, first, second in pairs)


def _macro(pairs: Pairs, seed: int) -> Measure:
    return Measure(_f1(pairs).macro, macro_f1_interval(_tables(pairs), seed), len(pairs))


def _kappa(pairs: Pairs, seed: int) -> Measure:
    value = cohen_kappa([(first, second) for _, first, second in pairs])
    return Measure(value, kappa_interval(_tables(pairs), seed), len(pairs))


def _tables(pairs: Pairs) -> list[Table]:
    """Per group: how many pairs are (met, met), (met, not), (not, met), (not, not)."""
    tables: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for group, first, second in pairs:
        tables[group][(not first) * 2 + (not second)] += 1
    return [(a, b, c, d) for a, b, c, d in tables.values()]


def _fleiss(items: Sequence[Item], seed: int) -> Measure:
    groups: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for item in items:
        met = sum(item.labels.values())
        if len(item.labels) > 1:
            groups[_group(item)].append((met, len(item.labels) - met))
    rows = [row for group in groups.values() for row in group]
    return Measure(fleiss_kappa(rows), fleiss_interval(list(groups.values()), seed), len(rows))


def _by_criterion(items: Iterable[Item], said: Said) -> dict[str, CriterionAgreement]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.criterion:
            groups[item.criterion].append(item)
    return {
        code: CriterionAgreement(
            len(group), sum(said.get(item.id) is None for item in group), _f1(_judge_pairs(group, said))
        )
        for code, group in sorted(groups.items())
    }
