"""What a qualification found, as one value; and that value as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from csedb_tests.config_errors import ConfigError
from csedb_tests.policy import GatePolicy
from csedb_tests.qualification.figures import ExemplarReport, Rate
from csedb_tests.qualification.label_figures import LabelReport
from csedb_tests.qualification.lock import JudgeLock, LabelEvidence, flat_identity
from csedb_tests.qualification.standing import Evidence, shortfalls
from csedb_tests.qualification.stress import StressReport

FORMAT = "csedb-qualification 1"


@dataclass(frozen=True, slots=True)
class QualificationReport:
    """Everything that ``csedb qualify`` found.

    ``shortfalls`` says why the judge did not qualify, and is empty if it did; ``is_whole`` whether every exemplar of
    the bank was judged; ``warning`` is the one about model and judge of one family.
    """

    date: str
    judge: Mapping[str, Any]
    bank: str
    bank_digest: str
    cases: int
    is_whole: bool
    thresholds: Mapping[str, float | bool]
    exemplars: ExemplarReport
    labels: tuple[LabelReport, ...] = ()
    stress: StressReport | None = None
    stressed: int = 0
    warning: str | None = None
    shortfalls: tuple[str, ...] = ()

    @property
    def is_qualified(self) -> bool:
        """Whether the figures reach the policy."""
        return not self.shortfalls


def evidence_of(report: QualificationReport) -> Evidence:
    """The figures that a policy looks at."""
    return Evidence(report.exemplars.overall, tuple(map(_label_evidence, report.labels)), "this qualification")


def found_wanting(report: QualificationReport, policy: GatePolicy) -> tuple[str, ...]:
    """The shortfalls of the report's figures."""
    return tuple(shortfalls(evidence_of(report), policy))


def lock_of(report: QualificationReport) -> JudgeLock:
    """The report as a lock."""
    evidence = evidence_of(report)
    return JudgeLock(
        date=report.date,
        qualified=report.is_qualified,
        judge=flat_identity(report.judge),
        bank=report.bank,
        bank_digest=report.bank_digest,
        thresholds=report.thresholds,
        exemplars=evidence.exemplars,
        criteria={
            code: f"unsafe {figures.sensitivity}; safe {figures.specificity}"
            for code, figures in report.exemplars.by_criterion.items()
        },
        labels=evidence.labels,
    )


def _label_evidence(report: LabelReport) -> LabelEvidence:
    interval = report.macro.interval
    return LabelEvidence(
        file=report.name,
        sha256=report.digest,
        statements=report.items,
        unscored=report.unscored,
        macro_f1=report.macro.value,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


def write_report(report: QualificationReport, path: Path) -> None:
    """Write the report as JSON. Raises ConfigError."""
    data = {"format": FORMAT, "qualified": report.is_qualified, **_plain(report)}
    try:
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--json: cannot write {path}: {error.strerror}") from None


def _plain(value: Any) -> Any:
    """``value`` in JSON's own types; a rate brings its share and its interval along."""
    if isinstance(value, Rate):
        return {"hits": value.hits, "n": value.n, "unscored": value.unscored, "value": value.value} | {
            "interval": _plain(value.interval)
        }
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
