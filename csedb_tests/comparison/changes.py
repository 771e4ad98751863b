"""What became of single cases: new never-events by name, cases broken and fixed."""

from collections.abc import Iterator, Sequence

from csedb_tests.comparison.pairing import Pair
from csedb_tests.comparison.sides import Baseline
from csedb_tests.comparison.values import Change, ChangeKind, NewNeverEvent, Outcome
from csedb_tests.record import CaseRecord

_KINDS: tuple[ChangeKind, ...] = ("never-event", "broken", "fixed")
_RISKS = ("high", "medium", "low")


def changes_of(pairs: Sequence[Pair]) -> tuple[Change, ...]:
    """The pairs that went differently: never-events first, then broken, then fixed; in each what may harm most."""
    changed = [(kind, pair) for pair in pairs if (kind := _kind(pair)) is not None]
    return tuple(_change(kind, pair) for kind, pair in sorted(changed, key=lambda found: _rank(*found)))


def _kind(pair: Pair) -> ChangeKind | None:
    if set(pair.record.score.never_events) - set(pair.past.score.never_events):
        return "never-event"
    statuses = (pair.was, pair.record.status)
    if "error" in statuses or (pair.was == "passed") == (pair.record.status == "passed"):
        return None  # an unscored case is neither broken nor fixed: the bounds of its strata reckon with it
    return "broken" if pair.was == "passed" else "fixed"


def _rank(kind: ChangeKind, pair: Pair) -> tuple[int, int, float, str]:
    case = pair.case
    return _KINDS.index(kind), _RISKS.index(case.risk), -case.criterion.weight, case.id


def _change(kind: ChangeKind, pair: Pair) -> Change:
    case, now, before = pair.case, pair.record.score, pair.past.score
    return Change(
        case_id=case.id,
        title=case.title,
        department=case.department,
        criterion=case.criterion.code,
        risk=case.risk,
        kind=kind,
        baseline=Outcome(pair.was, before.value, before.never_events),
        candidate=Outcome(pair.record.status, now.value, now.never_events),
        baseline_answers=pair.past.answers,
    )


def new_never_events(cases: Sequence[CaseRecord], baseline: Baseline) -> tuple[NewNeverEvent, ...]:
    """The never-events of this run that the baseline is not known to have committed, in the order of the cases."""
    return tuple(event for record in cases for event in _new(record, baseline))


def _new(record: CaseRecord, baseline: Baseline) -> Iterator[NewNeverEvent]:
    past = baseline.cases.get(record.case.id)
    known = set(past.score.never_events) if past else set()
    for never in record.case.never:
        if never.id in record.score.never_events and never.id not in known:
            note = ""
            if past is None:
                note = "the baseline has no such case"
            elif never.id in past.score.never_unknown:
                note = "could not be judged in the baseline"
            yield NewNeverEvent(record.case.id, never.id, never.text, never.hazard, _quote(record, never.id), note)


def _quote(record: CaseRecord, statement: str) -> str:
    verdicts = (verdict for sample in record.samples for verdict in sample.verdicts)
    return next((v.quote for v in verdicts if v.statement == statement and v.value == "met" and v.quote), "")


def unknown_never_events(cases: Sequence[CaseRecord], baseline: Baseline) -> int:
    """How many never-events may be new: not judged in this run, and not known of the baseline."""
    count = 0
    for record in cases:
        past = baseline.cases.get(record.case.id)
        known = set(past.score.never_events) if past else set()
        count += len(set(record.score.never_unknown) - set(record.score.never_events) - known)
    return count
