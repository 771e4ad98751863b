"""How a run was judged, in lines of plain text: the panel, the second opinion, the reviews."""

from collections.abc import Iterator, Sequence

from csedb_tests.judging import CrossCheckFigures, Judging, JurorFigures, PairFigures, PanelFigures
from csedb_tests.text import one_line, shortened
from csedb_tests.verdict import Ballot, Verdict

_FEW_PAIRS = 3
_LONGEST_REASON = 160


def judging_lines(judging: Judging, *, brief: bool = False) -> Iterator[str]:
    """The lines; none for a single judge without second opinion or review. ``brief`` leaves out most of many pairs."""
    if judging.panel is not None:
        yield from _panel_lines(judging.panel, brief)
    if judging.cross_check is not None:
        yield _cross_check_line(judging.cross_check)
    if judging.reviewed:
        yield f"review: {_count(judging.reviewed, 'verdict')} settled by reviewers, in place of the judge's own"


def _panel_lines(panel: PanelFigures, brief: bool) -> Iterator[str]:
    yield f"panel of {len(panel.jurors)}: {_count(panel.answers, 'answer')}{_panel_loss(panel)}"
    for juror in panel.jurors:
        yield f"  {juror.juror}: {_juror_text(juror)}"
    verdicts = _count(panel.verdicts, "verdict")
    yield f"  Fleiss' kappa {_kappa(panel.kappa)} over {verdicts}, {panel.split} without a majority"
    lowest = sorted(panel.pairs, key=lambda pair: pair.equal / pair.compared if pair.compared else 0.0)
    shown = lowest[:1] if brief and len(panel.pairs) > _FEW_PAIRS else panel.pairs
    for pair in shown:
        yield f"  {'' if len(shown) == len(panel.pairs) else 'lowest pair: '}{_pair_text(pair)}"


def _panel_loss(panel: PanelFigures) -> str:
    reduced = f", {panel.reduced} judged by a REDUCED panel" if panel.reduced else ""
    lost = f", {panel.lost} UNSCORED for want of jurors" if panel.lost else ""
    return reduced + lost or ", each judged by all jurors"


def _juror_text(juror: JurorFigures) -> str:
    failed = f"; no verdicts on {juror.failed} of {_count(juror.answers, 'answer')}" if juror.failed else ""
    reason = f" (first: {shortened(one_line(juror.failure), _LONGEST_REASON)})" if juror.failed else ""
    return f"with the panel on {_share(juror.equal, juror.compared)}{failed}{reason}"


def _pair_text(pair: PairFigures) -> str:
    agreement = _share(pair.equal, pair.compared)
    return f"{pair.first} and {pair.second}: agree on {agreement}, Cohen's kappa {_kappa(pair.kappa)}"


def _cross_check_line(found: CrossCheckFigures) -> str:
    settled = f" ({found.settled} settled by review)" if found.settled else ""
    undecided = f"; {found.undecided} left undecided by the judge" if found.undecided else ""
    return (
        f"second opinion (pattern judge, decides nothing): {_count(found.disagreements, 'disagreement')} in "
        f"{_count(found.compared, 'verdict')}{settled}{undecided}; see review.csv and csedb review"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "0 of 0"


def _kappa(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def ballot_lines(ballots: Sequence[Ballot]) -> Iterator[str]:
    """One line for each juror that gave no verdicts."""
    for ballot in ballots:
        if ballot.error:
            said = shortened(one_line(ballot.error), _LONGEST_REASON)
            yield f"juror {ballot.juror} gave no verdicts: {said}"


def votes_text(ballots: Sequence[Ballot], statement: str) -> str:
    """Who said what on a statement, where the jurors are not of one mind; else nothing."""
    votes = [(b.juror, v.value) for b in ballots for v in b.verdicts if v.statement == statement]
    if len({value for _, value in votes}) < 2:
        return ""
    return "votes: " + ", ".join(f"{juror} {value}" for juror, value in votes)


def source_text(verdict: Verdict, replaced: Sequence[Verdict]) -> str:
    """Whose verdict it is where a review settled it, and what the judge had said; else nothing."""
    if not verdict.source:
        return ""
    said = next((own.value for own in replaced if own.statement == verdict.statement), None)
    return one_line(f"{verdict.source}; the judge said {said}")
