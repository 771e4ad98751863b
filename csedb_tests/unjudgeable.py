"""Cases that a judge cannot judge, whatever the answer: said before a run, not only found out by it."""

from csedb_tests.bank import Bank
from csedb_tests.judges.base import Judge
from csedb_tests.judges.offline import OfflineJudge

ADVICE = "name a judge that reads: --csedb-judge openai:NAME, or recorded:FILE.jsonl"


def unjudgeable_warning(bank: Bank, judge: Judge) -> str | None:
    """What to say when the pattern judge meets statements without patterns, as imported banks have them."""
    if not isinstance(judge, OfflineJudge):
        return None
    blind = sum(1 for case in bank.cases if any(not statement.patterns for statement in case.statements))
    if not blind:
        return None
    return (
        f"THE PATTERN JUDGE CANNOT JUDGE {blind} of {len(bank.cases)} cases: they have statements without patterns, on "
        f"which it can only say cannot_tell; {ADVICE}"
    )
