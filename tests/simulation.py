"""How often the intervals cover the truth: ``python -m tests.simulation [SEED ...]`` prints the figures.

Every repetition is a model of its own: each criterion has a true mean, drawn around the model's, and each case a score
drawn around its criterion's. Coverage is thus an average over models, as no interval of a proportion can be exact for
each of them.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from csedb_tests.catalogue import catalogue
from csedb_tests.statistics.bootstrap import percentile_interval, stratified_bootstrap
from csedb_tests.statistics.differences import paired_bounds
from csedb_tests.statistics.layout import Layout, lay_out
from csedb_tests.statistics.means import score_bounds

CRITERIA = tuple(catalogue().criteria.values())
SIZES = (12, 60, 300, 2069)
KINDS = ("binary", "graded", "catalogue")


@dataclass(frozen=True)
class Setting:
    """Cases of some criteria, and what kind of scores they get: all 0/1, all graded, or as the catalogue has it."""

    name: str
    n: int
    kind: str
    layout: Layout

    @property
    def criteria(self) -> int:
        return len(self.layout.keys)

    @property
    def is_graded(self) -> np.ndarray:
        return self.layout.graded[self.layout.index]


def settings(random: np.random.Generator) -> Iterator[Setting]:
    """One criterion, and all criteria of each track and of both: cases spread evenly, and by chance."""
    tracks = {track: [c for c in CRITERIA if c.track == track] for track in ("safety", "effectiveness")}
    for n in SIZES:
        for kind in ("binary", "graded"):
            yield Setting("one criterion", n, kind, lay_out(n, graded=graded_strata(kind, [None])))
        for name, criteria in (*tracks.items(), ("both tracks", list(CRITERIA))):
            weights = {c.code: c.weight for c in criteria}
            shares = random.dirichlet(np.full(len(criteria), 3.0))
            spread = {
                "even": [criteria[i % len(criteria)].code for i in range(n)],
                "uneven": [criteria[i].code for i in random.choice(len(criteria), n, p=shares)],
            }
            for how, codes in spread.items():
                for kind in KINDS:
                    yield Setting(f"{name}, {how}", n, kind, lay_out(n, codes, weights, graded_strata(kind, codes)))


def graded_strata(kind: str, codes: list) -> set:
    if kind == "catalogue":
        return {c.code for c in CRITERIA if c.scoring == "graded"}
    return set(codes) if kind == "graded" else set()


def models(setting: Setting, mean: float, repetitions: int, random: np.random.Generator) -> np.ndarray:
    """True criterion means (repetitions, h): one within 0.1 of ``mean``, several from Beta(8 mean, 8 (1 - mean))."""
    shape = (repetitions, setting.criteria)
    if setting.criteria == 1:
        return random.uniform(mean - 0.1, min(mean + 0.1, 0.995), shape)
    return np.clip(random.beta(8 * mean, 8 * (1 - mean), shape), 1e-6, 1 - 1e-6)


def draw(setting: Setting, truth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Scores (repetitions, n): 0/1, or the share of four rules met, the chance of each varying from case to case."""
    expected = truth[:, setting.layout.index]
    scores = (random.random(expected.shape) < expected).astype(float)
    graded = setting.is_graded
    if graded.any():
        chance = random.beta(3 * expected[:, graded], 3 * (1 - expected[:, graded]))
        scores[:, graded] = random.binomial(4, chance) / 4
    return scores


def covered(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean((low <= truth + 1e-12) & (truth <= high + 1e-12)))


def coverage(setting: Setting, mean: float, repetitions: int, seed: int) -> float:
    """The share of repetitions whose 95% interval covers the model's true weighted mean."""
    random = np.random.default_rng([seed, setting.n, round(100 * mean)])
    truth = models(setting, mean, repetitions, random)
    found = score_bounds(draw(setting, truth, random), setting.layout)
    return covered(found.low, found.high, truth @ setting.layout.shares)


def bootstrap_coverage(setting: Setting, mean: float, repetitions: int, seed: int) -> float:
    """The same of the percentile bootstrap, one call a repetition."""
    random = np.random.default_rng([seed, setting.n, round(100 * mean)])
    truth = models(setting, mean, repetitions, random)
    strata = [setting.layout.keys[i] for i in setting.layout.index]
    weights = dict(zip(setting.layout.keys, setting.layout.shares, strict=True))
    found = [
        percentile_interval(stratified_bootstrap(scores, strata, weights, resamples=500, seed=i))
        for i, scores in enumerate(draw(setting, truth, random))
    ]
    low, high = np.array([(interval.low, interval.high) for interval in found]).T
    return covered(low, high, truth @ setting.layout.shares)


DIFFERENCES = ("binary, no gains", "binary, 2% gains", "binary, 10% gains", "graded", "rare losses")


def differences(kind: str, margin: float, shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Paired differences whose true mean is exactly -margin.

    Graded: half the cases equal, the others a quarter or two off either way, and a loss of 0.5 in twice the margin of
    cases. Rare losses: every case a little off either way, and a loss of 1 in the margin's share of cases.
    """
    chance = random.random(shape)
    if kind.startswith("binary"):
        gains = {"no": 0.0, "2%": 0.02, "10%": 0.1}[kind.split()[1]]
        return np.where(chance < gains, 1.0, np.where(chance < 2 * gains + margin, -1.0, 0.0))
    if kind == "graded":
        steps = np.clip(np.round(random.normal(0, 0.3, shape) * 4) / 4, -1, 1) * (random.random(shape) < 0.5)
        return np.where(chance < 2 * margin, -0.5, steps)
    return np.where(chance < margin, -1.0, np.clip(random.normal(0, 0.05, shape), -0.2, 0.2))


def false_passes(kind: str, margin: float, layout: Layout, repetitions: int, seed: int) -> tuple[float, float]:
    """How often a candidate that is exactly ``margin`` worse passes, and fails, at one-sided 95%."""
    random = np.random.default_rng([seed, layout.n, round(1000 * margin), DIFFERENCES.index(kind)])
    found = paired_bounds(differences(kind, margin, (repetitions, layout.n), random), layout, 0.90)
    return float(np.mean(found.low > -margin)), float(np.mean(found.high < -margin))


def all_criteria(n: int) -> Layout:
    """n cases spread evenly over the catalogue's criteria, with its weights."""
    return lay_out(n, [CRITERIA[i % 30].code for i in range(n)], {c.code: c.weight for c in CRITERIA})


def _print_coverage(seed: int) -> None:
    for setting in settings(np.random.default_rng(seed)):
        repetitions = 4000 if setting.n < 1000 else 1500
        found = [coverage(setting, mean, repetitions, seed) for mean in (0.6, 0.85, 0.95)]
        boot = [bootstrap_coverage(setting, mean, 300, seed) for mean in (0.6, 0.85, 0.95)] if setting.n < 100 else []
        print(
            seed, setting.n, setting.name, setting.kind, setting.criteria, *(f"{x:.3f}" for x in found + boot), sep="\t"
        )


def _print_false_passes(seed: int) -> None:
    for n in SIZES:
        for layout in (lay_out(n), all_criteria(n)):
            if len(layout.keys) > 1 and n < 60:
                continue
            for kind in DIFFERENCES:
                found = [false_passes(kind, m, layout, 4000 if n < 1000 else 2000, seed) for m in (0.02, 0.05, 0.1)]
                print(seed, n, len(layout.keys), kind, *(f"{p:.3f}/{f:.3f}" for p, f in found), sep="\t", flush=True)


if __name__ == "__main__":
    for number in sys.argv[1:] or ["1"]:
        _print_coverage(int(number))
        _print_false_passes(int(number))
