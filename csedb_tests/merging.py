"""Putting the shards of a run together: one record, decided over all their cases."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from csedb_tests.assembly import assemble
from csedb_tests.config_errors import ConfigError
from csedb_tests.coverage import joint_coverage
from csedb_tests.policy import GatePolicy
from csedb_tests.qualification.standing import joint_gate, qualification_of
from csedb_tests.record import RunRecord, Selection


def merge(shards: Sequence[RunRecord], run_id: str) -> RunRecord:
    """The record of the whole selection.

    Raises ConfigError when the runs are no shards of one selection, differ in model, judge, bank or policy, hold a case
    twice, or leave one out.
    """
    first = shards[0]
    for shard in shards:
        _check_alike(first, shard)
    _check_complete(shards)
    found = {case.case.id: case for shard in shards for case in shard.cases}
    policy = GatePolicy(**first.identity.policy)
    record = assemble(
        run_id=run_id,
        started=min(shard.started for shard in shards),
        identity=first.identity,
        selection=Selection(len(found), first.selection.bank, _expressions(first)),
        cases=tuple(found[case_id] for case_id in first.selection.planned),
        policy=policy,
        qualification=joint_gate([qualification_of(shard.gates) for shard in shards], policy),
        further_gates=joint_coverage([gate for shard in shards for gate in shard.gates]),
        problems=[problem for shard in shards for problem in shard.problems],
    )
    return replace(record, finished=max(shard.finished for shard in shards))


def _check_alike(first: RunRecord, shard: RunRecord) -> None:
    if not shard.selection.shard:
        raise ConfigError(f"csedb merge: run {shard.run_id} is not a shard (run it with --csedb-shard I/N)")
    _check_same("number of shards", first, shard, _total(first), _total(shard))
    for name in ("model", "judge", "bank_digest", "policy"):
        wanted, found = getattr(first.identity, name), getattr(shard.identity, name)
        _check_same(name.replace("_", " "), first, shard, wanted, found)
    _check_same("selection", first, shard, first.selection.planned, shard.selection.planned)


def _check_same(what: str, first: RunRecord, other: RunRecord, wanted: object, found: object) -> None:
    if wanted != found:
        shown = f": {wanted!r:.120} and {found!r:.120}"
        raise ConfigError(f"csedb merge: runs {first.run_id} and {other.run_id} differ in their {what}{shown}")


def _check_complete(shards: Sequence[RunRecord]) -> None:
    counts = Counter(case.case.id for shard in shards for case in shard.cases)
    twice = sorted(case_id for case_id, count in counts.items() if count > 1)
    if twice:
        raise ConfigError(f"csedb merge: {len(twice)} cases stand in several of the runs, first {twice[0]}")
    missing = [case_id for case_id in shards[0].selection.planned if case_id not in counts]
    if missing:
        here = {_index(shard) for shard in shards}
        absent = [f"{i}/{_total(shards[0])}" for i in range(1, _total(shards[0]) + 1) if i not in here]
        where = f"shard {', '.join(absent)} is not there" if absent else f"first {missing[0]}"
        raise ConfigError(f"csedb merge: {len(missing)} cases of the selection are missing ({where})")


def _index(shard: RunRecord) -> int:
    return int(shard.selection.shard.partition("/")[0])


def _total(shard: RunRecord) -> int:
    return int(shard.selection.shard.partition("/")[2])


def _expressions(first: RunRecord) -> tuple[str, ...]:
    return tuple(text for text in first.selection.expressions if not text.startswith("--csedb-shard"))
