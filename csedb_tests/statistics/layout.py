"""Which case lies in which stratum, and what every stratum weighs."""

import math
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """n cases in h strata (criteria).

    ``index`` (n) gives the stratum of each case, ``sizes`` (h) the cases of each stratum, all at least 1, ``shares``
    (h) its part of the total weight; the shares sum to 1. ``graded`` (h) says which are scored in grades; where nothing
    is known of that, all are. ``keys`` names the strata in the order of their first case.
    """

    keys: tuple[Hashable, ...]
    index: "NDArray[np.intp]"
    sizes: "NDArray[np.float64]"
    shares: "NDArray[np.float64]"
    graded: "NDArray[np.bool_]"

    @property
    def n(self) -> int:
        """The number of cases."""
        return len(self.index)

    @property
    def factors(self) -> "NDArray[np.float64]":
        """Share^2 / size per stratum (h): a weighted mean's variance is the sum of factor x stratum variance."""
        return self.shares**2 / self.sizes

    def sums(self, values: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """The sum of the values in every stratum: (..., n) gives (..., h)."""
        import numpy as np

        order = np.argsort(self.index, kind="stable")
        starts = np.concatenate(([0], np.cumsum(self.sizes)[:-1])).astype(np.intp)
        found: NDArray[np.float64] = np.add.reduceat(values[..., order], starts, axis=-1)
        return found


@dataclass(frozen=True, slots=True)
class Strata:
    """A layout in plain values: the fields of `Layout` as tuples."""

    keys: tuple[Hashable, ...]
    index: tuple[int, ...]
    sizes: tuple[int, ...]
    shares: tuple[float, ...]
    graded: tuple[bool, ...]


def stratify(
    n: int,
    strata: Sequence[Hashable] | None = None,
    weights: Mapping[Hashable, float] | None = None,
    graded: Collection[Hashable] | None = None,
) -> Strata:
    """The layout of ``n`` cases, at least one.

    ``strata`` names the stratum of every case; without it all lie in one. ``weights`` gives every stratum's weight,
    positive; without it all weigh the same. ``graded`` names the strata scored in grades, the others having scores of 0
    and 1 only. Strata without a case are left out, as aggregate scores leave them out.

    Raises ValueError for no case, strata of another length than n, and a weight that is missing, not finite or not
    positive.
    """
    labels = [None] * n if strata is None else list(strata)
    if n == 0 or len(labels) != n:
        raise ValueError(f"strata must name one stratum for each of {n} cases (at least 1), not {len(labels)}")
    sizes = Counter(labels)
    place = {key: i for i, key in enumerate(sizes)}
    weight = [_weight(key, weights) for key in place]
    total = math.fsum(weight)
    return Strata(
        tuple(place),
        tuple(place[label] for label in labels),
        tuple(sizes.values()),
        tuple(w / total for w in weight),
        tuple(graded is None or key in graded for key in place),
    )


def lay_out(
    n: int,
    strata: Sequence[Hashable] | None = None,
    weights: Mapping[Hashable, float] | None = None,
    graded: Collection[Hashable] | None = None,
) -> Layout:
    """The layout of ``n`` cases as arrays, for many samples at a time; arguments and errors as in `stratify`."""
    import numpy as np

    found = stratify(n, strata, weights, graded)
    index, sizes = np.array(found.index, dtype=np.intp), np.array(found.sizes, dtype=np.float64)
    return Layout(found.keys, index, sizes, np.array(found.shares), np.array(found.graded))


def _weight(key: Hashable, weights: Mapping[Hashable, float] | None) -> float:
    if weights is None:
        return 1.0
    if key not in weights:
        raise ValueError(f"stratum {key!r} has no weight; weights has {', '.join(map(repr, weights)) or 'none'}")
    weight = float(weights[key])
    if not 0 < weight < float("inf"):
        raise ValueError(f"the weight of stratum {key!r} must be positive, not {weights[key]!r}")
    return weight


def checked_values(values: Sequence[float], least: float, greatest: float) -> list[float]:
    """The values as floats; ValueError unless all of them are finite and lie from ``least`` to ``greatest``."""
    try:
        checked = [float(value) for value in values]
    except TypeError:
        raise ValueError("values must be a plain list of numbers") from None
    for value in checked:
        if not (math.isfinite(value) and least <= value <= greatest):
            raise ValueError(f"every value must lie between {least:g} and {greatest:g}, not {value:g}")
    return checked


def as_values(values: Sequence[float], least: float, greatest: float) -> "NDArray[np.float64]":
    """The values as an array; ValueError unless all of them are finite and lie from ``least`` to ``greatest``."""
    import numpy as np

    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"values must be a plain list of numbers, not {array.ndim}-dimensional")
    wrong = ~(np.isfinite(array) & (array >= least) & (array <= greatest))
    if wrong.any():
        raise ValueError(f"every value must lie between {least:g} and {greatest:g}, not {array[wrong][0]:g}")
    return array
