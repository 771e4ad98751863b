"""A qualification as text for the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from csedb_tests.qualification.figures import ExemplarReport, Outcome, Rate
from csedb_tests.qualification.label_figures import Kappa, LabelReport, Measure
from csedb_tests.qualification.report import QualificationReport
from csedb_tests.qualification.stress import Flips, StressReport
from csedb_tests.statistics.agreement import ClassF1
from csedb_tests.statistics.intervals import Interval
from csedb_tests.text import one_line, shortened

MOST_LISTED = 20
_LONGEST = 160


def plan_line(exemplars: int, statements: int, trials: int, calls: int, *, paid: bool) -> str:
    """What is about to be judged and how many calls that is, said before the first of them."""
    parts = [(exemplars, "exemplars"), (statements, "labelled statements"), (trials, "stress trials")]
    what = ", ".join(f"{count:,} {name}" for count, name in parts if count)
    if not paid:
        return f"to judge: {what}; no calls"
    return f"to judge: {what}; {calls:,} calls (what the store holds is not asked again), more if a reply is unusable"


def qualification_lines(report: QualificationReport) -> Iterator[str]:
    """The whole report."""
    yield f"judge: {_identity(report.judge)}"
    yield f"bank: {report.bank}, {report.cases} cases ({report.bank_digest[:12]})"
    if report.warning:
        yield f"WARNING: {report.warning}"
    yield from _exemplar_lines(report.exemplars)
    for labels in report.labels:
        yield from _label_lines(labels)
    if report.stress is not None:
        yield from _stress_lines(report.stress, report.stressed)
    yield ""
    yield from _verdict_lines(report)


def _verdict_lines(report: QualificationReport) -> Iterator[str]:
    scope = "on this bank" if report.is_whole else f"on this selection of {report.cases} cases"
    if report.is_qualified:
        yield f"the judge QUALIFIES {scope}"
    else:
        yield f"the judge does NOT QUALIFY {scope}: {'; '.join(report.shortfalls)}"
    if str(report.judge.get("judge", "")).startswith("pattern:"):
        yield "Patterns are written with the exemplars in sight: what they do on other answers is in docs/JUDGES.md."


def _identity(judge: Mapping[str, object]) -> str:
    rest = ", ".join(f"{key} {value}" for key, value in judge.items() if key != "judge" and isinstance(value, str))
    return one_line(f"{judge.get('judge', 'unnamed')}{f' ({rest})' if rest else ''}")


def _exemplar_lines(report: ExemplarReport) -> Iterator[str]:
    overall = report.overall
    yield ""
    yield from _columns(
        [
            ("exemplars", "right", "rate", "95% interval", "unscored"),
            ("unsafe, must not pass (sensitivity)", *_rate_cells(overall.sensitivity)),
            ("safe, must pass (specificity)", *_rate_cells(overall.specificity)),
        ]
    )
    if report.by_criterion:
        yield ""
        rows = [(code, _short(f.sensitivity), _short(f.specificity)) for code, f in report.by_criterion.items()]
        yield from _columns([("criterion", "unsafe right", "safe right"), *rows])
    yield from _listed("judged wrongly", [f"{_name(o)}: {o.status}" for o in report.wrong])
    yield from _listed("not judged", [f"{_name(o)}: {o.error}" for o in report.unscored])


def _name(outcome: Outcome) -> str:
    return f"{outcome.case}.{outcome.kind}"


def _rate_cells(rate: Rate) -> tuple[str, ...]:
    return (f"{rate.hits} of {rate.n}", _number(rate.value), _span(rate.interval), str(rate.unscored))


def _short(rate: Rate) -> str:
    return str(rate) if rate.n else "-"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield ""
    yield f"{title} ({len(lines)}):"
    for line in lines[:MOST_LISTED]:
        yield f"  {shortened(one_line(line), _LONGEST)}"
    if len(lines) > MOST_LISTED:
        yield f"  and {len(lines) - MOST_LISTED} more (--json holds all)"


# Labels


def _label_lines(report: LabelReport) -> Iterator[str]:
    yield ""
    yield f"labels {report.name}: {report.items} statements, {len(report.raters)} raters, {report.unscored} unscored"
    for reason, count in list(report.reasons.items())[:3]:
        yield f"  {count} unscored: {shortened(one_line(reason), _LONGEST)}"
    if report.unscored == report.items:
        yield "  The judge could tell none of these statements: the figures below are about the raters alone."
        yield "  (The pattern judge knows a statement only by the patterns that a bank writes for it.)"
    yield from _columns([("", "value", "95% interval", "n"), *_measure_rows(report)])
    if report.f1.pairs:
        yield f"  met: {_class(report.f1.met)}; not met: {_class(report.f1.not_met)}"
    if report.by_criterion:
        yield ""
        rows = [
            (code, _number(found.f1.macro), str(found.f1.pairs), str(found.items), str(found.unscored))
            for code, found in report.by_criterion.items()
        ]
        yield from _columns([("criterion", "macro-F1", "pairs", "statements", "unscored"), *rows])


def _measure_rows(report: LabelReport) -> Iterator[tuple[str, ...]]:
    yield ("macro-F1, judge against raters", *_measure_cells(report.macro))
    for rater, measure in report.raters.items():
        yield (f"macro-F1, {one_line(rater)} against other raters", *_measure_cells(measure))
    for kappa in (*report.with_judge, *report.between_raters):
        yield (_kappa_name(kappa), *_measure_cells(kappa.kappa))
    yield ("Fleiss' kappa, raters", *_measure_cells(report.fleiss))


def _kappa_name(kappa: Kappa) -> str:
    return one_line(f"Cohen's kappa, {kappa.first} and {kappa.second}")


def _measure_cells(measure: Measure) -> tuple[str, ...]:
    return (_number(measure.value), _span(measure.interval), str(measure.n))


def _class(figures: ClassF1) -> str:
    precision, recall, f1 = map(_number, (figures.precision, figures.recall, figures.f1))
    return f"precision {precision}, recall {recall}, F1 {f1}"


# Stress


def _stress_lines(report: StressReport, answers: int) -> Iterator[str]:
    yield ""
    yield f"stress, on {answers} answers"
    yield from _columns(
        [
            ("", "verdicts changed", "95% interval", "answers changed", "95% interval", "unscored"),
            ("statements in other orders", *_flip_cells(report.position)),
            ("answer padded with neutral text", *_flip_cells(report.verbosity)),
            ("asked again", *_flip_cells(report.repeats)),
        ]
    )
    rate = report.contradictions
    yield f"called met, and its negation too: {_of(rate)} ({_span(rate.interval)}); {rate.unscored} negations unscored"
    yield "  other orders: a verdict should depend on the answer, not on where a statement stands in the list"
    yield "  padding: politeness and length say nothing; padding also changes the order, so compare with the line above"
    yield "  asked again: the same request; what changes here is chance, and bounds how far one verdict can be trusted"
    yield "  negation: nobody can do a thing and not do it; a judge that says so agrees with whatever it is shown"


def _flip_cells(flips: Flips) -> tuple[str, ...]:
    statements, answers = flips.statements, flips.answers
    unscored = f"{statements.unscored} and {answers.unscored}" if statements.unscored or answers.unscored else "0"
    return (_of(statements), _span(statements.interval), _of(answers), _span(answers.interval), unscored)


def _of(rate: Rate) -> str:
    return f"{rate.hits} of {rate.n}" + ("" if rate.value is None else f" = {rate.value:.3f}")


# Numbers and columns


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _span(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
