"""What the batch commands say, line by line."""

from collections.abc import Iterable, Iterator, Sequence

from csedb_tests.batch import Missing, Request
from csedb_tests.batch_results import Intake

_MOST_SHOWN = 10
_RUN = "run pytest with the same settings; it calls nobody"


def export_lines(missing: Missing, written: Sequence[Request], out: str) -> Iterator[str]:
    """What an export wrote to ``out``, and what to do next."""
    yield f"requests for answers: {_count(written, 'answer')}"
    yield f"requests for verdicts: {_count(written, 'verdicts')}"
    yield from _too_long(missing)
    if len({request.asks for request in written}) > 1:
        yield "the file asks two models; for a service that takes one in a file, export --only answers, then verdicts"
    if written:
        yield f"next: have a batch service work through {out}, then csedb ingest batch RESULTS with the same settings"
    elif missing.answers or missing.verdicts:
        yield "nothing is written: what is missing is what --only leaves out"
    else:
        yield f"nothing is missing: {_RUN}"


def _count(requests: Iterable[Request], kind: str) -> int:
    return sum(request.kind == kind for request in requests)


def _too_long(missing: Missing) -> Iterator[str]:
    if missing.too_long:
        yield f"too long to judge: {missing.too_long} answers, whose cases stay unscored"


def intake_lines(intake: Intake, missing: Missing) -> Iterator[str]:
    """What became of the results, and what to do next."""
    yield f"stored: answers {intake.stored['answer']}, verdicts {intake.stored['verdicts']}"
    yield f"already stored: {intake.already}, duplicates: {intake.duplicates}"
    yield from _listed("unknown custom ids", intake.unknown)
    if intake.unknown:
        yield "  (from other settings, another bank or selection, or about an answer that has changed since)"
    yield from _listed("refused", tuple(intake.refused.values()))
    if intake.unusable:
        yield "  (for unusable verdicts, export with --try 2 and then 3: in another order of statements)"
    yield from _too_long(missing)
    yield f"next: {_next(missing)}"


def _listed(title: str, entries: Sequence[str]) -> Iterator[str]:
    yield f"{title}: {len(entries)}"
    for entry in entries[:_MOST_SHOWN]:
        yield f"  {entry}"
    if len(entries) > _MOST_SHOWN:
        yield f"  ... and {len(entries) - _MOST_SHOWN} more"


def _next(missing: Missing) -> str:
    if not missing.answers and not missing.verdicts:
        return _RUN
    counts = f"answers {len(missing.answers)}, verdicts {len(missing.verdicts)}"
    return f"csedb export batch with the same settings (missing: {counts})"
