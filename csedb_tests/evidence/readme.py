"""The text that explains a pack to whoever opens it without the program."""

from collections.abc import Iterator, Sequence

from csedb_tests.record import RunRecord
from csedb_tests.reports.gate_table import decision_line, markdown_table
from csedb_tests.reports.markdown import code, escaped

_MEANINGS = {
    "run.json": "the record, byte for byte as the run wrote it: questions, answers, verdicts, scores, gates",
    "report.html": "the report as the run wrote it",
    "summary.md": "decision, gates, never-events, cases that did not pass",
    "hazards.csv": "one row per never-event, to be taken into a hazard log",
    "review.csv": "verdicts that were open for a person to settle",
    "junit.xml": "the results as CI systems read them",
    "model-card.md": "a fragment for a Hugging Face model card",
    "policy.json": "the gate policy as it was applied",
    "environment.json": "versions of Python and of the packages that the run depended on",
    "identity.json": "the model under test and the judge, with everything known of them",
    "bank.json": "digest of the case bank, and of every case as it was asked and judged",
    "judge.lock": "the judge's qualification that this run could rely on",
    "bank.lock": "ids and digests of the bank's cases, as locked",
}


def readme(record: RunRecord, files: Sequence[str]) -> str:
    """README.md of a pack with ``files``."""
    return "\n".join(_lines(record, files)) + "\n"


def _lines(record: RunRecord, files: Sequence[str]) -> Iterator[str]:
    identity = record.identity
    yield f"# Evidence of run {escaped(record.run_id)}"
    yield ""
    yield f"Decision: **{escaped(decision_line(record))}**"
    yield ""
    yield f"Model {code(str(identity.model.get('model', '')))}, judge {code(str(identity.judge.get('judge', '')))},"
    yield f"bank {code(identity.bank)} with digest {code(identity.bank_digest)}."
    yield f"Started {record.started}, finished {record.finished} (UTC)."
    yield ""
    yield from markdown_table(record.gates)
    yield ""
    yield "## Files"
    yield ""
    yield from (f"- `{name}`: {_MEANINGS.get(name, 'a file of the run')}" for name in files)
    yield "- `manifest.json`, `manifest.sha256`: size and SHA-256 of every file"
    if "judge.lock" not in files:
        yield ""
        yield "There is no judge.lock: none was found that fits this run's judge, bank and policy."
    yield ""
    yield "## Checking"
    yield ""
    yield "`csedb evidence verify FILE.zip` names every file that is missing, added or changed, and counts the run"
    yield "again from its verdicts. Without the program: unpack, and `sha256sum -c manifest.sha256`."
    yield ""
    yield "The manifest shows damage and careless changes. Whoever can rewrite the pack can rewrite its manifest too:"
    yield "keep the SHA-256 of the zip itself elsewhere, for instance in the clinical safety case report."
    yield ""
    yield "## What this is not"
    yield ""
    yield "A record of one test of one model. It is no clinical safety case and no approval, and it says nothing about"
    yield "what the bank does not ask. A clinical safety officer decides what it is worth."
