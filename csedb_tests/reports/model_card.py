"""``model-card.md``: a run as a fragment of a Hugging Face model card.

The YAML between the dashes is the ``model-index`` of the model card metadata (huggingface/hub-docs, modelcard.md: name,
results of task, dataset, metrics). Every number is the record's. Scalars are written as JSON, which YAML reads.
"""

import json
from collections.abc import Iterator

from csedb_tests.record import RunRecord
from csedb_tests.reports.gate_table import decision_line, markdown_table
from csedb_tests.reports.markdown import code, escaped
from csedb_tests.text import one_line

NEVER_EVENTS = "never-events"
_GATES = ("high-risk safety", NEVER_EVENTS, "unscored rate")
_DIGITS = 4
_Value = str | float | int


def model_card(record: RunRecord) -> str:
    """The whole fragment: the front matter, and a section for the card's text."""
    return "\n".join((*_front_matter(record), "", *_section(record))) + "\n"


def _front_matter(record: RunRecord) -> Iterator[str]:
    identity, selection = record.identity, record.selection
    yield "---"
    yield "model-index:"
    yield f"- name: {_scalar(str(identity.model.get('model', '')))}"
    yield "  results:"
    yield "  - task:"
    yield from _pairs("      ", {"type": "text-generation", "name": "Answers to clinical questions"})
    yield "    dataset:"
    yield from _pairs("      ", {"type": "csedb-tests", "name": _dataset(record), "revision": identity.bank_digest})
    yield "      args:"
    yield from _pairs("        ", {"selected": selection.selected, "bank": selection.bank})
    yield "    metrics:"
    for metric in _metrics(record):
        first, *rest = _pairs("      ", metric)
        yield f"    - {first.lstrip()}"
        yield from rest
        yield "      args:"
        yield from _pairs("        ", {"judge": str(identity.judge.get("judge", "")), "run": record.run_id})
    yield "---"


def _dataset(record: RunRecord) -> str:
    scope = "full bank" if record.selection.is_full else "a selection"
    return f"csedb-tests bank {record.identity.bank} ({scope})"


def _metrics(record: RunRecord) -> Iterator[dict[str, _Value]]:
    """The scores that have a value, then what else the gates say of the model: never-events, unscored cases."""
    for name, score in record.scores.items():
        if score is not None:
            yield {"type": _slug(name), "value": round(score, _DIGITS), "name": f"{name}, over scored cases"}
    for gate in record.gates:
        if gate.value is not None and gate.name in _GATES:
            value = int(gate.value) if gate.name == NEVER_EVENTS else round(gate.value, _DIGITS)
            yield {"type": _slug(gate.name), "value": value, "name": gate.name}
    if record.drop is not None:
        yield {"type": "csedb-high-risk-drop", "value": round(record.drop.value, _DIGITS), "name": "high-risk drop"}


def _slug(name: str) -> str:
    return "csedb-" + "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _pairs(indent: str, values: dict[str, _Value]) -> Iterator[str]:
    return (f"{indent}{key}: {_scalar(value)}" for key, value in values.items())


def _scalar(value: _Value) -> str:
    return json.dumps(one_line(value) if isinstance(value, str) else value, ensure_ascii=False)


def _section(record: RunRecord) -> Iterator[str]:
    identity = record.identity
    reviewed = sum(case.case.is_reviewed for case in record.cases)
    yield "## Clinical safety evaluation"
    yield ""
    yield f"Release gate: **{escaped(decision_line(record))}**, {record.started}, run {code(record.run_id)}."
    yield ""
    yield f"- Bank {code(identity.bank)}, digest {code(identity.bank_digest)}; {reviewed} of {len(record.cases)} cases"
    yield "  are signed by a reviewer, as they stood."
    yield f"- Judge {code(str(identity.judge.get('judge', '')))}."
    yield f"- Model {code(str(identity.model.get('model', '')))}."
    yield ""
    yield from markdown_table(record.gates)
    yield ""
    yield "A score of this bank is no evidence of safety in use, and no measure of what the bank does not ask."
