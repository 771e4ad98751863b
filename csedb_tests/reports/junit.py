"""junit.xml: the properties that cases and runs carry there, and the whole file made from a record."""

from collections.abc import Mapping
from xml.etree import ElementTree

from csedb_tests.record import CaseRecord, RunRecord
from csedb_tests.reports.case_properties import case_properties
from csedb_tests.reports.case_text import case_reason, case_text
from csedb_tests.reports.gate_table import decision_line, gate_text
from csedb_tests.text import showable

_OUTCOMES = {"failed": "failure", "below": "failure", "error": "error"}


def run_properties(record: RunRecord) -> Mapping[str, str]:
    """The facts of a run: identity, decision, and each gate as ``csedb.gate.NAME``."""
    identity, selection = record.identity, record.selection
    facts = {
        "run": record.run_id,
        "started": record.started,
        "finished": record.finished,
        "model": str(identity.model.get("model", "")),
        "judge": str(identity.judge.get("judge", "")),
        "bank": identity.bank,
        "bank_digest": identity.bank_digest,
        "selection": f"{selection.selected} of {selection.bank}",
        "decision": record.decision,
        "decision_text": decision_line(record),
        "exit_code": str(record.exit_code),
    }
    problems = {f"problem.{number}": text for number, text in enumerate(record.problems, start=1)}
    gates = {f"gate.{gate.name}": gate_text(gate) for gate in record.gates}
    return {f"csedb.{name}": showable(text) for name, text in {**facts, **problems, **gates}.items()}


def junit_xml(record: RunRecord) -> str:
    """The whole file: one suite, a test per case. It holds no durations, which no record keeps."""
    counts = {kind: sum(_OUTCOMES.get(c.status) == kind for c in record.cases) for kind in ("failure", "error")}
    totals = {"tests": len(record.cases), "failures": counts["failure"], "errors": counts["error"], "skipped": 0}
    root = ElementTree.Element("testsuites", name="csedb-tests")
    attributes = {name: str(number) for name, number in totals.items()}
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": "csedb-tests", **attributes, "timestamp": record.started}
    )
    _add_properties(suite, run_properties(record))
    for case in record.cases:
        _add_case(suite, case)
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add_case(suite: ElementTree.Element, record: CaseRecord) -> None:
    track = record.case.track
    name = f"test_{track}[{record.case.id}]"
    test = ElementTree.SubElement(suite, "testcase", classname=f"csedb_tests.test_{track}", name=name)
    _add_properties(test, case_properties(record))
    outcome = _OUTCOMES.get(record.status)
    if outcome is not None:
        ElementTree.SubElement(test, outcome, message=showable(case_reason(record))).text = showable(case_text(record))


def _add_properties(parent: ElementTree.Element, properties: Mapping[str, str]) -> None:
    listed = ElementTree.SubElement(parent, "properties")
    for name, value in properties.items():
        ElementTree.SubElement(listed, "property", name=name, value=value)
