"""Which cases a run holds: expressions over a case's fields, and seeded stratified samples."""

import ast
import hashlib
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csedb_tests.config_errors import ConfigError, nearest
from csedb_tests.schema import Case
from csedb_tests.settings import Settings

FIELDS: Mapping[str, Callable[[Case], Any]] = {
    "id": lambda case: case.id,
    "title": lambda case: case.title,
    "track": lambda case: case.track,
    "department": lambda case: case.department,
    "criterion": lambda case: case.criterion.code,
    "weight": lambda case: case.criterion.weight,
    "scoring": lambda case: case.criterion.scoring,
    "risk": lambda case: case.risk,
    "population": lambda case: case.population,
    "language": lambda case: case.language,
    "review": lambda case: case.review,
    "rules": lambda case: len(case.rules),
    "never": lambda case: len(case.never),
    "turns": lambda case: len(case.turns),
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
}
_LONGEST = 2000


def selector(expression: str) -> Callable[[Case], bool]:
    """A test for cases, from an expression such as ``weight >= 4 and department in ('cardiology', 'urology')``.

    Known are the `FIELDS`, texts, numbers, tuples, comparisons, ``in``, ``and``, ``or``, ``not``. Nothing is executed.
    Raises ConfigError.
    """
    try:
        if len(expression) > _LONGEST:
            raise SyntaxError(f"longer than {_LONGEST} characters")
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"--csedb-select: {expression!r:.80} is not an expression: {error}") from None
    evaluate = _compiled(tree)

    def holds(case: Case) -> bool:
        try:
            return bool(evaluate(case))
        except TypeError as error:
            raise ConfigError(f"--csedb-select: {expression!r:.80} cannot be applied: {error}") from None

    return holds


def _compiled(node: ast.expr) -> Callable[[Case], Any]:
    match node:
        case ast.Constant(value=str() | int() | float() as value):
            return lambda _: value
        case ast.Name(id=name):
            return _field(name)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            compiled = [_compiled(part) for part in parts]
            return lambda item: tuple(part(item) for part in compiled)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _compiled(operand)
            return lambda item: not inner(item)
        case ast.BoolOp(op=op, values=values):
            parts_ = [_compiled(value) for value in values]
            combine = all if isinstance(op, ast.And) else any
            return lambda item: combine(part(item) for part in parts_)
        case ast.Compare():
            return _comparison(node)
    raise ConfigError(
        f"--csedb-select: {ast.unparse(node)!r:.80} is not allowed; use fields, texts, numbers, comparisons, "
        "in, and, or, not"
    )


def _field(name: str) -> Callable[[Case], Any]:
    if name not in FIELDS:
        raise ConfigError(
            f"--csedb-select: unknown field {name!r}. Allowed: {', '.join(FIELDS)}.{nearest(name, FIELDS)}"
        )
    return FIELDS[name]


def _comparison(node: ast.Compare) -> Callable[[Case], bool]:
    operands = [_compiled(operand) for operand in (node.left, *node.comparators)]
    for op in node.ops:
        if type(op) not in _COMPARE:
            raise ConfigError(f"--csedb-select: {ast.unparse(node)!r:.80} uses a comparison that is not allowed")
    compares = [_COMPARE[type(op)] for op in node.ops]

    def holds(item: Case) -> bool:
        values = [operand(item) for operand in operands]
        return all(compare(a, b) for compare, a, b in zip(compares, values, values[1:], strict=False))

    return holds


def sample(cases: Iterable[Case], size: int, seed: int) -> frozenset[str]:
    """The ids of ``size`` cases, stratified by criterion and risk.

    Every stratum gets its share by largest remainder, at least as even as whole cases allow; inside a stratum the
    order is that of a seeded digest of the id, so the choice depends on neither file order nor process.
    """
    strata: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in cases:
        strata[case.criterion.code, case.risk].append(case.id)
    chosen: set[str] = set()
    for key, share in _shares({key: len(ids) for key, ids in strata.items()}, size).items():
        chosen.update(sorted(strata[key], key=lambda case_id: _rank(seed, case_id))[:share])
    return frozenset(chosen)


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``index`` (from 1) of ``total`` parts of a selection."""

    index: int
    total: int

    def __str__(self) -> str:
        return f"{self.index}/{self.total}"

    def of(self, case_ids: Iterable[str]) -> frozenset[str]:
        """The ids of this part: parts differ by one case at most, and depend on the ids alone."""
        ordered = sorted(set(case_ids), key=lambda case_id: _rank(0, case_id))
        return frozenset(ordered[self.index - 1 :: self.total])


def parse_shard(text: str) -> Shard:
    """``2/4`` as a shard. Raises ConfigError."""
    index, total = map(int, text.split("/"))
    if index > total:
        raise ConfigError(f"--csedb-shard: {text!r} asks for part {index} of {total}")
    return Shard(index, total)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Case ids: those ``planned`` for the whole selection, and those to run here, all of them without a shard."""

    planned: frozenset[str]
    here: frozenset[str]


def choose(cases: Iterable[Case], settings: Settings) -> Chosen:
    """What ``reviewed_only``, ``select``, ``sample``, ``shard`` leave of the cases, in this order.

    Raises ConfigError.
    """
    kept = [case for case in cases if case.is_reviewed or not settings.reviewed_only]
    if settings.select is not None:
        kept = list(filter(selector(settings.select), kept))
    planned = frozenset(case.id for case in kept)
    if settings.sample is not None:
        planned = sample(kept, settings.sample, settings.sample_seed)
    shard = parse_shard(settings.shard) if settings.shard is not None else None
    return Chosen(planned, shard.of(planned) if shard else planned)


def _rank(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}\0{text}".encode()).hexdigest()


def _shares(sizes: Mapping[tuple[str, str], int], total: int) -> dict[tuple[str, str], int]:
    everything = sum(sizes.values())
    if total >= everything:
        return dict(sizes)
    exact = {key: total * size / everything for key, size in sizes.items()}
    shares = {key: int(value) for key, value in exact.items()}
    by_remainder: Sequence[tuple[str, str]] = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares
