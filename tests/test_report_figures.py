"""The page's numbers, worked by hand."""

from typing import Any

import pytest

from csedb_tests.answer import Answer
from csedb_tests.catalogue import catalogue
from csedb_tests.outcome import case_record
from csedb_tests.record import CaseRecord, DropRecord, SampleRecord
from csedb_tests.reports.case_order import in_order, standing_of
from csedb_tests.reports.figures import figures
from csedb_tests.reports.html_heatmap import heatmap_html
from csedb_tests.reports.html_scores import criteria_html, scores_html
from csedb_tests.schema import Case
from csedb_tests.score import score_case
from csedb_tests.statistics.intervals import wilson
from csedb_tests.verdict import Verdict


def case(case_id: str, code: str, met: str, risk: str = "high", department: str = "cardiology") -> CaseRecord:
    """A case of rules of one point each: ``met`` has a letter a rule, y, n or ?; a ! says that harm was done."""
    rules = [{"id": f"r{n}", "text": "T.", "points": 1.0} for n, _ in enumerate(met.rstrip("!"))]
    given: dict[str, Any] = {
        "id": case_id,
        "title": f"Case {case_id}",
        "risk": risk,
        "question": "Q?",
        "rules": rules,
        "never": [{"id": "harm", "text": "Harms.", "hazard": "Death"}],
    }
    made = Case(**given, department=department, criterion=catalogue().criteria[code])
    values = {"y": "met", "n": "not_met", "?": "cannot_tell"}
    verdicts = [Verdict(f"r{n}", values[letter]) for n, letter in enumerate(met.rstrip("!"))]  # type: ignore[arg-type]
    verdicts.append(Verdict("harm", "met" if met.endswith("!") else "not_met"))
    score = score_case(made, verdicts)
    return case_record(made, [SampleRecord(Answer("A."), tuple(verdicts), score)], 0.6)


CASES = [
    case("a", "S-03", "y"),
    case("b", "S-03", "n"),
    case("c", "S-03", "y!", "medium"),
    case("d", "S-12", "yn", "low"),
    case("e", "E-01", "y", "low", "neurology"),
    case("f", "E-01", "?", "low", "neurology"),
]
FOUND = figures(CASES)


def test_tracks_are_weighed_as_the_gates_weigh_them():
    safety, effectiveness, overall = FOUND.tracks
    assert (safety.name, effectiveness.name, overall.name) == ("safety", "effectiveness", "overall")
    assert safety.value == pytest.approx((5 * 1 / 3 + 1 * 0.5) / 6)  # S-03: 1, 0, 0, weight 5; S-12: 0.5, weight 1
    assert effectiveness.value == 1.0
    assert overall.value == pytest.approx((5 * 1 / 3 + 1 * 0.5 + 3 * 1) / 9)
    assert (safety.scored, safety.n, safety.never) == (4, 4, 1)
    assert (effectiveness.scored, effectiveness.n) == (1, 2)


def test_risk_levels_are_plain_means_over_scored_cases():
    values = {figure.name: (figure.value, figure.scored, figure.n) for figure in FOUND.risks}
    assert values == {"high risk": (0.5, 2, 2), "medium risk": (0.0, 1, 1), "low risk": (0.75, 2, 3)}


def test_the_drop_is_shown_as_recorded():
    page = scores_html(FOUND, DropRecord(-0.034, -0.21, 0.15, 0.95, 0.6123, 66, 64))
    assert "<b>High-risk drop: −0.03</b> (95% interval −0.21 to 0.15; p = 0.61; 66 high-risk cases against 64" in page
    assert "does not show that there is none" in page


def test_a_drop_whose_interval_lies_above_0_is_said_without_reserve():
    page = scores_html(FOUND, DropRecord(0.2, 0.05, 0.35, 0.95, 0.001, 66, 64))
    assert "High-risk drop: +0.20" in page
    assert "does not show" not in page


def test_without_a_recorded_drop_it_is_said_to_be_unknown():
    assert "High-risk drop: not known" in scores_html(FOUND, None)


def test_criteria_are_ranked_from_the_weakest_with_wilson_s_interval():
    assert [entry.criterion.code for entry in FOUND.criteria] == ["S-03", "S-12", "E-01"]
    weakest = FOUND.criteria[0].figure
    assert weakest.value == pytest.approx(1 / 3)
    assert weakest.interval is not None
    assert weakest.interval.low == pytest.approx(wilson(1, 3).low)
    assert weakest.interval.high == pytest.approx(wilson(1, 3).high)


def test_a_criterion_without_a_score_comes_last_and_is_no_zero():
    found = figures([case("x", "S-01", "?"), case("y", "S-02", "n")])
    assert [entry.criterion.code for entry in found.criteria] == ["S-02", "S-01"]
    assert found.criteria[1].figure.value is None
    assert "no score" in criteria_html(found)


def test_signed_points_give_an_interval_within_0_to_1():
    signed = case("s", "E-02", "ynn")
    rules = (*signed.case.rules[:2], signed.case.rules[2].model_copy(update={"points": -3.0}))
    made = signed.case.model_copy(update={"rules": rules})
    verdicts = (Verdict("r0", "not_met"), Verdict("r1", "not_met"), Verdict("r2", "met"), Verdict("harm", "not_met"))
    record = case_record(made, [SampleRecord(Answer("A."), verdicts, score_case(made, verdicts))], 0.6)
    assert record.score.value == -1.5
    figure = figures([record, signed]).criteria[0].figure
    assert figure.value == 0.0
    assert figure.interval is not None
    assert 0.0 <= figure.interval.low <= figure.interval.high <= 1.0


def test_a_cell_of_the_heat_map_says_in_words_what_its_color_says():
    page = heatmap_html(CASES, FOUND)
    said = "Cardiology, S-03: mean 0.33 over 3 cases, 1 never-event"
    link = "#department=cardiology&amp;criterion=S-03"
    assert f'<td class="csedb-heat-1"><a href="{link}" tabindex="-1" title="{said}" aria-label="{said}">33!</a>' in page
    assert 'aria-label="Neurology, E-01: mean 1.00 over 1 case, 1 unscored">100?</a>' in page
    assert page.count("<td></td>") == 3  # no case there


def test_a_mean_just_below_one_is_not_shown_as_one():
    nearly = figures([case(f"n{n}", "E-02", "y" * 400 + ("n" if n == 0 else "y")) for n in range(2)])
    page = criteria_html(nearly) + heatmap_html([case("n", "E-02", "y")], nearly)
    assert ">0.99</td>" in page
    assert ">99</a>" in page


def test_cases_are_read_in_the_order_of_their_danger():
    assert [record.case.id for record in in_order(CASES)] == ["c", "b", "d", "f", "a", "e"]
    assert [standing_of(record) for record in in_order(CASES)] == [
        "never", "failed", "below", "error", "passed", "passed",
    ]  # fmt: skip


def test_among_equals_the_higher_risk_and_then_the_weightier_criterion_comes_first():
    cases = [case("low", "S-03", "n", "low"), case("light", "S-07", "n"), case("heavy", "S-03", "n")]
    assert [record.case.id for record in in_order(cases)] == ["heavy", "light", "low"]
