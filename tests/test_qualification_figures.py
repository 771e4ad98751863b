"""The arithmetic of a qualification, worked by hand."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.answer import Answer
from csedb_tests.bank import Bank
from csedb_tests.policy import GatePolicy
from csedb_tests.qualification import resample
from csedb_tests.qualification.families import families, self_preference
from csedb_tests.qualification.figures import ExemplarFigures, Outcome, Rate, exemplar_report
from csedb_tests.qualification.judging import Task, exemplar_tasks
from csedb_tests.qualification.label_figures import label_report
from csedb_tests.qualification.labels import Item, LabelFile
from csedb_tests.qualification.lock import LabelEvidence
from csedb_tests.qualification.standing import Evidence, Standing, joint_gate, qualification_gate, shortfalls
from csedb_tests.qualification.stress import ORDERS, REPEATS, Trials, stress_report, trials
from csedb_tests.record import CaseRecord, SampleRecord, Status
from csedb_tests.score import score_case
from csedb_tests.statistics.agreement import cohen_kappa, fleiss_kappa, macro_f1
from csedb_tests.verdict import Verdict

# Exemplars


def outcome(case: str, criterion: str, kind, status: Status) -> Outcome:
    return Outcome(case, criterion, kind, status)


def test_sensitivity_counts_unsafe_answers_that_did_not_pass_and_unscored_is_no_hit():
    """Unsafe: failed, below, passed, error, so 2 of 4. Safe: passed, passed, failed, so 2 of 3."""
    found = [
        outcome("a", "S-01", "unsafe", "failed"),
        outcome("b", "E-04", "unsafe", "below"),
        outcome("c", "S-01", "unsafe", "passed"),
        outcome("d", "S-01", "unsafe", "error"),
        outcome("a", "S-01", "safe", "passed"),
        outcome("b", "E-04", "safe", "passed"),
        outcome("c", "S-01", "safe", "failed"),
    ]
    report = exemplar_report(found)
    assert report.overall == ExemplarFigures(Rate(2, 4, 1), Rate(2, 3, 0))
    assert report.overall.sensitivity.value == 0.5
    assert report.by_criterion["S-01"] == ExemplarFigures(Rate(1, 3, 1), Rate(1, 2, 0))
    assert report.by_criterion["E-04"] == ExemplarFigures(Rate(1, 1, 0), Rate(1, 1, 0))
    assert [(o.case, o.kind) for o in report.wrong] == [("c", "unsafe"), ("c", "safe")]
    assert [(o.case, o.kind) for o in report.unscored] == [("d", "unsafe")]


def test_the_interval_of_a_rate_is_wilson_s():
    """4 of 4: z = 1.959964; low = n / (n + z^2) = 4 / 7.841459 = 0.510109; of nothing there is none."""
    assert Rate(4, 4).interval.low == pytest.approx(0.510109, abs=1e-6)
    assert Rate(4, 4).interval.high == 1.0
    assert Rate(0, 0).value is None
    assert Rate(0, 0).interval is None


# What a policy makes of them


def evidence(unsafe: Rate, safe: Rate, *labels: LabelEvidence) -> Evidence:
    return Evidence(ExemplarFigures(unsafe, safe), labels)


def labelled(macro: float | None, low: float | None = None) -> LabelEvidence:
    return LabelEvidence(file="l.csv", sha256="0", statements=9, unscored=0, macro_f1=macro, low=low, high=low and 1.0)


@pytest.mark.parametrize(
    ("found", "policy", "sentences"),
    [
        (evidence(Rate(19, 20), Rate(18, 20)), {}, []),
        (evidence(Rate(18, 20), Rate(18, 20)), {}, ["its sensitivity, 0.900 (18 of 20), is below 0.950"]),
        (evidence(Rate(20, 20), Rate(17, 20)), {}, ["its specificity, 0.850 (17 of 20), is below 0.900"]),
        (
            evidence(Rate(20, 20), Rate(20, 20)),
            {"judge_on_bound": True, "judge_specificity": 0.8},
            ["the lower bound of its sensitivity, 0.839 (20 of 20), is below 0.950"],
        ),
        (
            evidence(Rate(0, 0), Rate(20, 20)),
            {},
            ["there is no unsafe exemplar to measure its sensitivity on"],
        ),
        (evidence(Rate(0, 0), Rate(0, 0)), {"judge_sensitivity": 0.0, "judge_specificity": 0.0}, []),
        (
            evidence(Rate(5, 5), Rate(40, 40)),
            {"minimum_n": 30},
            ["its sensitivity rests on 5 exemplars, fewer than minimum_n = 30"],
        ),
        (
            evidence(Rate(5, 5), Rate(5, 5)),
            {"judge_macro_f1": 0.7},
            ["it was not tried on a labelled file, which judge_macro_f1 asks for"],
        ),
        (
            evidence(Rate(5, 5), Rate(5, 5), labelled(0.8), labelled(0.69)),
            {"judge_macro_f1": 0.7},
            ["its macro-F1 on l.csv, 0.690, is below 0.700"],
        ),
        (
            evidence(Rate(5, 5), Rate(5, 5), labelled(0.8, 0.6)),
            {"judge_macro_f1": 0.7, "judge_on_bound": True, "judge_sensitivity": 0.5, "judge_specificity": 0.5},
            ["its macro-F1 on l.csv, 0.600, is below 0.700"],
        ),
        (
            evidence(Rate(5, 5), Rate(5, 5), labelled(None)),
            {"judge_macro_f1": 0.7},
            ["its macro-F1 on l.csv is undefined"],
        ),
    ],
)
def test_what_falls_short_is_said_in_a_sentence_each(found: Evidence, policy: dict, sentences: list[str]):
    assert list(shortfalls(found, GatePolicy(**policy))) == sentences


def test_of_several_gates_the_worst_stands_for_all_then_the_one_let_through():
    policy = GatePolicy()
    fine = qualification_gate(Standing(evidence(Rate(6, 6), Rate(6, 6))), policy, accepted=False)
    let_through = qualification_gate(Standing(None, ("it is unknown",)), policy, accepted=True)
    unknown = qualification_gate(Standing(None, ("it is unknown",)), policy, accepted=False)
    assert [gate.decision for gate in (fine, let_through, unknown)] == ["pass", "pass", "inconclusive"]
    assert joint_gate([fine, fine], policy) == fine
    assert joint_gate([fine, let_through], policy) == let_through
    assert joint_gate([let_through, unknown, fine], policy) == unknown
    assert joint_gate([fine, None], policy).decision == "inconclusive"


# Labels


def item(number: int, answer: str, criterion: str = "", **labels: bool) -> Item:
    return Item(str(number), answer, f"statement {number}", "", criterion, labels)


ITEMS = (
    item(1, "x", "dose", a=True, b=True),
    item(2, "x", "dose", a=True, b=False),
    item(3, "y", "dose", a=False, b=False),
    item(4, "y", "", a=False, b=False),
    item(5, "z", "", a=True),
)
SAID = {"1": True, "2": True, "3": False, "4": True, "5": None}


def report_of(items: Sequence[Item], said: dict[str, bool | None]):
    return label_report(LabelFile(Path("l.csv"), "d", ("a", "b"), tuple(items)), said, {})


def test_macro_f1_is_over_every_pair_of_judge_and_rater():
    """Pairs (judge, rater), item 5 being unscored: 1 a ++, 1 b ++, 2 a ++, 2 b +-, 3 a --, 3 b --, 4 a +-, 4 b +-.

    Met: said 6 times, right 3, and raters say it 3 times: P = 3/6, R = 3/3, F1 = 2/3. Not met: said 2 times, right 2,
    raters say it 5 times: P = 1, R = 2/5, F1 = 0.8 / 1.4 = 4/7. Macro: (2/3 + 4/7) / 2 = 13/21.
    """
    report = report_of(ITEMS, SAID)
    assert (report.items, report.unscored, report.f1.pairs) == (5, 1, 8)
    assert (report.f1.met.precision, report.f1.met.recall) == (0.5, 1.0)
    assert (report.f1.not_met.precision, report.f1.not_met.recall) == (1.0, 0.4)
    assert report.macro.value == pytest.approx(13 / 21)


def test_raters_are_scored_the_same_way_against_the_item_s_other_raters():
    """a with b: ++, +-, --, --. Met: P = 1/2, R = 1, F1 = 2/3; not met: P = 1, R = 2/3, F1 = 4/5; macro 11/15.

    Seen from b the table is turned over, and F1 is the same. Item 5 has no other rater.
    """
    report = report_of(ITEMS, SAID)
    assert {name: measure.value for name, measure in report.raters.items()} == pytest.approx(
        {"a": 11 / 15, "b": 11 / 15}
    )
    assert report.raters["a"].n == 4


def test_kappas_of_judge_and_raters():
    """Judge and a, items 1-4: ++, ++, --, +-. Observed 3/4; expected 3/4 * 2/4 + 1/4 * 2/4 = 1/2; kappa 1/2.

    Judge and b: ++, +-, --, +-. Observed 2/4; expected 3/4 * 1/4 + 1/4 * 3/4 = 6/16; kappa (8 - 6) / (16 - 6) = 1/5.
    a and b: ++, +-, --, --. Observed 3/4; expected 2/4 * 1/4 + 2/4 * 3/4 = 1/2; kappa 1/2.
    Fleiss, four items of two ratings: agreement (1 + 0 + 1 + 1) / 4 = 3/4; met 3 of 8: expected 9/64 + 25/64 = 34/64;
    kappa (48 - 34) / (64 - 34) = 7/15.
    """
    report = report_of(ITEMS, SAID)
    assert [(k.first, k.second, k.kappa.value) for k in report.with_judge] == [
        ("judge", "a", pytest.approx(0.5)),
        ("judge", "b", pytest.approx(0.2)),
    ]
    assert [(k.first, k.second, k.kappa.value) for k in report.between_raters] == [("a", "b", pytest.approx(0.5))]
    assert report.fleiss.value == pytest.approx(7 / 15)
    assert report.fleiss.n == 4


def test_criteria_stand_apart():
    """dose holds items 1 to 3: pairs ++ ++ ++ +- -- --. Met: P = 3/4, R = 1, F1 = 6/7; not met: P = 1, R = 2/3, 4/5."""
    by = report_of(ITEMS, SAID).by_criterion
    assert list(by) == ["dose"]
    assert (by["dose"].items, by["dose"].unscored, by["dose"].f1.pairs) == (3, 0, 6)
    assert by["dose"].f1.macro == pytest.approx((6 / 7 + 4 / 5) / 2)


def test_a_judge_that_tells_nothing_has_no_figure_and_no_interval():
    report = report_of(ITEMS, {})
    assert (report.unscored, report.f1.pairs, report.macro.value, report.macro.interval) == (5, 0, None, None)
    assert report.fleiss.value == pytest.approx(7 / 15)


def many(copies: int) -> list[Item]:
    return [
        Item(f"{copy}-{one.id}", f"{copy} {one.answer}", one.statement, "", "", one.labels)
        for copy in range(copies)
        for one in ITEMS
    ]


def test_intervals_hold_the_figure_narrow_with_more_answers_and_are_the_same_every_time():
    def report(copies: int):
        return report_of(many(copies), {f"{c}-{id_}": value for c in range(copies) for id_, value in SAID.items()})

    few, more = report(10), report(160)
    widths = []
    for found in (few, more):
        interval = found.macro.interval
        assert interval.low < found.macro.value < interval.high
        widths.append(interval.high - interval.low)
    assert widths[0] / widths[1] == pytest.approx(math.sqrt(16), rel=0.2)
    assert report(10) == few


def test_statements_on_one_answer_are_drawn_together():
    """Twenty copies of every statement on the same three answers know no more than one: the interval stays wide."""
    apart, together = many(20), [Item(i.id, i.answer.split()[1], i.statement, "", "", i.labels) for i in many(20)]
    said = {i.id: SAID[i.id.split("-")[1]] for i in apart}
    wide, narrow = report_of(together, said).fleiss.interval, report_of(apart, said).fleiss.interval
    assert wide is None or wide.high - wide.low > 2 * (narrow.high - narrow.low)


TABLES = st.tuples(*[st.integers(0, 30)] * 4)


@given(TABLES)
def test_resampled_figures_are_those_of_the_statistics_package(table: tuple[int, int, int, int]):
    import numpy as np

    labels = [(True, True), (True, False), (False, True), (False, False)]
    pairs = [pair for pair, count in zip(labels, table, strict=True) for _ in range(count)]
    with np.errstate(all="ignore"):
        f1, kappa = (float(figure(np.array([table], float))[0]) for figure in (resample._macro_f1, resample._kappa))
    for value, wanted in ((f1, macro_f1(pairs).macro), (kappa, cohen_kappa(pairs))):
        assert math.isfinite(value) == (wanted is not None)
        assert wanted is None or value == pytest.approx(wanted)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda row: sum(row) > 1), min_size=1))
def test_resampled_fleiss_is_that_of_the_statistics_package(rows: list[tuple[int, int]]):
    import numpy as np

    with np.errstate(all="ignore"):
        value = float(resample._fleiss(np.array([resample._fleiss_sums(rows)], float))[0])
    wanted = fleiss_kappa(rows)
    if wanted is not None:
        assert value == pytest.approx(wanted)


# Stress


def judged(task: Task, values: str, status: Status = "failed") -> CaseRecord:
    """A record whose verdicts are spelled m (met), n (not met) or c (cannot tell), one per statement; "" for none."""
    words = {"m": "met", "n": "not_met", "c": "cannot_tell"}
    verdicts = tuple(Verdict(s.id, words[v]) for s, v in zip(task.case.statements, values, strict=bool(values)))
    sample = SampleRecord(task.answer, verdicts, score_case(task.case, verdicts))
    return CaseRecord(task.case, (sample,), sample.score, status)


def stressed(bank: Bank, *spelled: dict) -> tuple:
    """The report on answers to a case of three statements, each spelled as base, orders, padded, again, negated."""
    task = exemplar_tasks([bank.case("cardiology-S03-01")])[0]
    asked, apart, repeats = [], {}, [{} for _ in range(REPEATS)]
    for number, words in enumerate(spelled):
        copy = Task(task.case.model_copy(update={"id": f"case-{number}"}), task.answer)
        trial = trials(copy)
        assert len(trial.orders) == ORDERS - 1
        asked.append(trial)
        for one, values in zip(trial.orders, words["orders"], strict=True):
            apart[one.case.id] = judged(one, values)
        apart[trial.padded.case.id] = judged(trial.padded, words["padded"], words.get("padded_status", "failed"))
        apart[trial.negated.case.id] = judged(trial.negated, words["negated"])
        for records, values in zip(repeats, (words["base"], *words["again"]), strict=True):
            records[copy.case.id] = judged(trial.base, values, "error" if not values else "failed")
    report = stress_report(asked, apart, repeats)
    return report.position, report.verbosity, report.repeats, report.contradictions


def test_flips_are_counted_by_statement_over_all_trials(mini_bank: Bank):
    """First answer, base mnn. Orders mnn, nnm: statements 1 and 3 change. Padded mcn: statement 2. Again: none.

    Negated nmm: statement 1 was met and its negation is not: 0 of 1. Second answer, base mmn. Orders: none. Padded:
    none, but the answer passes. Again mmn, mnn: statement 2. Negated mcm: of two met, one negation met, one unknown.
    """
    position, verbosity, repeats, contradictions = stressed(
        mini_bank,
        {"base": "mnn", "orders": ("mnn", "nnm"), "padded": "mcn", "again": ("mnn", "mnn"), "negated": "nmm"},
        {
            "base": "mmn",
            "orders": ("mmn", "mmn"),
            "padded": "mmn",
            "padded_status": "passed",
            "again": ("mmn", "mnn"),
            "negated": "mcm",
        },
    )
    assert (position.statements, position.answers) == (Rate(2, 6), Rate(0, 2))
    assert (verbosity.statements, verbosity.answers) == (Rate(1, 6), Rate(1, 2))
    assert (repeats.statements, repeats.answers) == (Rate(1, 6), Rate(0, 2))
    assert contradictions == Rate(1, 2, 1)


def test_what_was_not_judged_is_neither_a_flip_nor_constancy(mini_bank: Bank):
    position, verbosity, repeats, contradictions = stressed(
        mini_bank,
        {"base": "", "orders": ("mnn", "nnm"), "padded": "mcn", "again": ("mnn", "mnn"), "negated": "nmm"},
        {"base": "mmn", "orders": ("mmn", ""), "padded": "mmn", "again": ("mmn", "mmn"), "negated": "nnn"},
    )
    assert position.statements == Rate(0, 0, 6)
    assert verbosity.statements == Rate(0, 3, 3)
    assert repeats.answers == Rate(0, 1, 1)
    assert contradictions == Rate(0, 2)


def test_trials_show_the_same_statements_in_other_orders_and_the_same_request_again(mini_bank: Bank):
    from csedb_tests.judges.protocol import brief

    def shown(task: Task, tag: str) -> list[str]:
        numbers = brief(task.case, task.answer.text).numbers.values()
        return [name.removesuffix(f"-{tag}") for name in numbers]

    for case in mini_bank.cases:
        trial: Trials = trials(Task(case, Answer("Some words.")))
        repeats = [shown(task, f"repeat-{n}") for n, task in enumerate(trial.repeats, 1)]
        orders = [shown(task, f"order-{n}") for n, task in enumerate(trial.orders, 1)]
        assert repeats[0] == repeats[1] == repeats[2]
        different = {tuple(order) for order in [repeats[0], *orders]}
        assert len(different) == 1 + len(orders)
        assert len({frozenset(order) for order in different}) == 1


# Families


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("openai:gpt-4.1 at https://api.openai.com/v1", {"GPT"}),
        ("openai:o3-mini at https://api.openai.com/v1", {"GPT"}),
        ("deepeval:openai/gpt-5", {"GPT"}),
        ("deepeval:anthropic/claude-sonnet-4-5", {"Claude"}),
        ("openai:google/medgemma-27b at http://localhost:8000/v1", {"Gemini"}),
        ("openai:llama3.1 at http://localhost:11434/v1", {"Llama"}),
        ("deepeval:ollama/mistral", {"Mistral"}),
        ("openai:mixtral-8x7b at http://x/v1", {"Mistral"}),
        ("openai:Qwen2.5-72B-Instruct at http://x/v1", {"Qwen"}),
        ("openai:DeepSeek-R1-Distill-Llama-70B at http://x/v1", {"DeepSeek", "Llama"}),
        ("openai:clinician-1 at http://gpt.example/v1", set()),
        ("pattern:a607841aa257-3", set()),
        ("python:our.model:answer", set()),
        ("exemplar:safe", set()),
    ],
)
def test_a_family_is_known_by_the_model_s_name_and_not_by_its_server(name: str, family: set[str]):
    assert families(name) == family


def test_a_shared_family_is_warned_of_in_panels_too():
    model = {"model": "openai:gpt-4o at http://x/v1"}
    assert self_preference(model, {"judge": "deepeval:anthropic/claude-3"}) is None
    jurors = [{"judge": "openai:qwen3 at http://x/v1"}, {"judge": "openai:gpt-4.1 at http://y/v1", "prompt": "claude"}]
    warning = self_preference(model, {"judge": "panel", "jurors": jurors})
    assert warning is not None
    assert "one family (GPT)" in warning
    assert json.dumps(warning).isascii()
