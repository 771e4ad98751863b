"""``csedb lint``: each kind of fault in a real file is found at its place, and what only looks like one is not."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.bank_tools.findings import CHECKS
from csedb_tests.bank_tools.lint_config import DEFAULTS, Thresholds
from csedb_tests.bank_tools.similar import LONGEST_LIST, jaccard, similar_pairs
from tests.conftest import MINI_BANK, ROOT
from tests.lint_banks import QUESTIONS, csedb, entry, lint, never, one, rule, several, write


def test_the_shipped_bank_is_clean():
    result = csedb("lint", "--strict", "--cases", ROOT / "cases")
    assert result.exit_code == 0, result.output


def test_a_sound_case_gives_nothing(tmp_path: Path):
    found = lint(several(tmp_path, [entry("x", question) for question in QUESTIONS]))
    assert (found.code, found.kinds) == (0, [])


def test_a_file_that_breaks_the_schema_is_an_error_at_its_line(tmp_path: Path):
    one(tmp_path, colour="red")
    (finding,) = lint(tmp_path).of("schema")
    assert finding["level"] == "error"
    assert (Path(finding["file"]).name, finding["line"]) == ("E-09.yaml", 16)
    assert "unknown key 'colour'" in finding["message"]
    assert lint(tmp_path).code == 1


def test_an_id_used_twice_is_an_error(tmp_path: Path):
    write(tmp_path, {"cardiology/E-09": [entry("cardiology-E09-01"), entry("cardiology-E09-01", QUESTIONS[1])]})
    assert "used twice in the bank" in lint(tmp_path).of("schema")[0]["message"]


def test_a_broken_file_of_sign_offs_is_an_error(tmp_path: Path):
    one(tmp_path)
    (tmp_path / "cardiology" / "reviews.toml").write_text('[[sign_off]]\ncase = "cardiology-E09-01"\ndigest = "x"\n')
    (finding,) = lint(tmp_path).of("schema")
    assert (Path(finding["file"]).name, finding["line"]) == ("reviews.toml", 3)


def test_a_claimed_review_is_an_error(tmp_path: Path):
    (finding,) = lint(one(tmp_path, review="Dr Somebody")).of("review")
    assert (finding["level"], finding["line"]) == ("error", 16)
    assert "csedb sign" in finding["advice"]


def test_exemplars_that_do_not_do_their_work_are_errors(tmp_path: Path):
    exemplars = {"safe": "Build a bridge.", "unsafe": "Look at the lighthouse."}
    found = lint(one(tmp_path, exemplars=exemplars))
    messages = [finding["message"] for finding in found.of("exemplar")]
    assert messages == ["the safe exemplar does not pass (not met: first)", "the unsafe exemplar passes"]
    assert found.counts["errors"] == 2


def test_a_case_without_exemplars_or_patterns_is_a_note(tmp_path: Path):
    bare = {"id": "first", "text": "Mentions something of note.", "points": 3}
    found = lint(one(tmp_path, exemplars={}, rules=[bare]))
    assert found.kinds == [("note", "exemplar"), ("note", "exemplar")]
    assert found.code == 0


def test_a_high_risk_safety_case_wants_a_never_event(tmp_path: Path):
    case = entry("cardiology-S03-01", risk="high")
    assert lint(write(tmp_path / "a", {"cardiology/S-03": [case]})).kinds == [("warning", "never-event")]
    case["never"] = [never("Recommends the submarine.")]
    assert lint(write(tmp_path / "b", {"cardiology/S-03": [case]})).kinds == []
    assert lint(one(tmp_path / "c", risk="high")).kinds == []


@pytest.mark.parametrize("source", ["https://example.org/guideline.pdf", "www.example.org", "doi:10.1000/182"])
def test_a_source_that_does_not_say_what_it_is_is_a_warning(tmp_path: Path, source: str):
    assert lint(one(tmp_path, sources=[source])).kinds == [("warning", "sources")]


@pytest.mark.parametrize(
    "source", ["NICE NG28 https://example.org/ng28", "Martindale, amiodarone", "WHO guideline (doi:10.1/2)"]
)
def test_a_source_with_a_name_may_have_an_address(tmp_path: Path, source: str):
    assert lint(one(tmp_path, sources=[source])).kinds == []


def test_a_source_of_one_word_is_a_note(tmp_path: Path):
    assert lint(one(tmp_path, sources=["NG28"])).kinds == [("note", "sources")]


def test_no_source_is_a_warning(tmp_path: Path):
    assert lint(one(tmp_path, sources=[])).kinds == [("warning", "sources")]


@pytest.mark.parametrize(("words", "level"), [(24, "note"), (25, None), (200, None), (201, "note"), (251, "warning")])
def test_a_question_takes_its_time_to_read(tmp_path: Path, words: int, level: str | None):
    found = lint(one(tmp_path, question=" ".join(f"w{chr(97 + n % 26)}{n}" for n in range(words))))
    assert found.kinds == ([(level, "reading-time")] if level else [])


def test_words_are_not_counted_where_none_are_told_apart(tmp_path: Path):
    assert lint(one(tmp_path, question="患者男,63岁。夜间胸痛两小时,应如何处理?", language="zh-CN")).kinds == []


def test_the_tag_multi_turn_and_the_question_must_agree(tmp_path: Path):
    turns = [
        {"role": "user", "content": QUESTIONS[0]},
        {"role": "assistant", "content": "Tell me more about the drain."},
        {"role": "user", "content": "It fills slowly."},
    ]
    assert lint(one(tmp_path / "a", population=["multi_turn"])).kinds == [("warning", "turns")]
    assert lint(one(tmp_path / "b", question=turns)).kinds == [("note", "turns")]
    assert lint(one(tmp_path / "c", question=turns, population=["multi_turn"])).kinds == []


def test_a_vignette_retold_with_other_numbers_and_sex_is_an_error(tmp_path: Path):
    retold = QUESTIONS[0].replace("58", "71").replace("her", "his").replace("Her", "His").replace("Mrs", "Mr")
    found = lint(several(tmp_path, [entry("x"), entry("x", retold)]))
    (finding,) = found.of("similar-vignette")
    assert (finding["level"], finding["subject"], finding["others"]) == (
        "error",
        "cardiology-E09-02",
        ["cardiology-E09-01"],
    )
    assert "100% that of cardiology-E09-01" in finding["message"]


def test_a_vignette_half_copied_is_a_warning(tmp_path: Path):
    half = QUESTIONS[0].partition("Her urine")[0] + QUESTIONS[4].partition("A shepherd")[2]
    assert lint(several(tmp_path, [entry("x"), entry("x", half)])).kinds == [("warning", "similar-vignette")]


def test_two_statements_of_a_case_that_say_the_same_are_a_warning(tmp_path: Path):
    rules = [
        rule("Says that the drain must be opened at once."),
        rule("Says that the drain must be opened.", rule_id="b"),
    ]
    (finding,) = lint(one(tmp_path, rules=rules)).of("similar-rule")
    assert (finding["level"], finding["line"]) == ("warning", 12)


RUBRIC = [
    rule("Says that the drain must be opened at once by a surgeon.", rule_id="a"),
    rule("Asks for two blood cultures before any antibiotic is begun.", rule_id="b"),
]


def test_a_rubric_used_for_two_cases_is_a_warning(tmp_path: Path):
    entries = [entry("x", QUESTIONS[0], rules=RUBRIC), entry("x", QUESTIONS[1], rules=RUBRIC)]
    warnings = [found for found in lint(several(tmp_path, entries)).of("similar-rule") if found["level"] == "warning"]
    assert [found["message"][:43] for found in warnings] == ["2 statements are also those of cardiology-E"]


def test_one_statement_in_two_cases_is_a_note_and_in_four_a_warning(tmp_path: Path):
    entries = [entry("x", question, rules=RUBRIC[:1]) for question in QUESTIONS[:4]]
    assert lint(several(tmp_path / "two", entries[:2])).kinds == [("note", "similar-rule")]
    assert lint(several(tmp_path / "four", entries)).kinds == [("warning", "similar-rule")]


def test_statements_with_other_doses_are_not_the_same(tmp_path: Path):
    rules = [[rule(f"Gives {dose} mg of it.")] for dose in (40, 80)]
    entries = [entry("x", question, rules=found) for question, found in zip(QUESTIONS, rules, strict=False)]
    assert lint(several(tmp_path, entries)).of("similar-rule") == []


def shared(text: str, n: int, *, before: bool = True) -> list[dict[str, object]]:
    """Cases of which the first ``n`` share a text."""
    return [
        entry("x", (f"{text} {question}" if before else f"{question} {text}") if number < n else question)
        for number, question in enumerate(QUESTIONS)
    ]


@pytest.mark.parametrize(("n", "kinds"), [(3, []), (4, [("warning", "template")])])
def test_four_questions_that_begin_alike_are_a_template(tmp_path: Path, n: int, kinds: list[tuple[str, str]]):
    entries = [
        {**found, "question": f"A {40 + number}-year-old {'man' if number % 2 else 'woman'} came: {found['question']}"}
        if number < n
        else found
        for number, found in enumerate(shared("", 0))
    ]
    found = lint(several(tmp_path, entries))
    assert found.kinds == kinds
    assert all('"a # year old man"' in finding["message"] for finding in found.of("template"))


def test_four_questions_that_end_alike_are_a_template(tmp_path: Path):
    (finding,) = lint(several(tmp_path, shared("Kindly state your next step.", 4, before=False))).of("template")
    assert "the question ends as in 4 cases" in finding["message"]


def test_a_run_of_words_in_four_exemplars_is_a_template(tmp_path: Path):
    run = "as ever the old lamp above the harbor wall shows every boat its way"
    entries = [
        entry("x", question, exemplars={"safe": f"{place} lighthouse first, {run} {place}.", "unsafe": "Carry on."})
        for question, place in zip(QUESTIONS, ("North", "South", "East", "West"), strict=False)
    ]
    found = lint(several(tmp_path, entries)).of("template")
    assert [finding["message"].partition(":")[0] for finding in found] == [
        "the safe exemplar shares words with 4 cases"
    ]


def test_a_sentence_with_slots_is_a_template(tmp_path: Path):
    slots = [
        ("cough", "asthma", "ramipril"),
        ("rash", "gout", "aspirin"),
        ("fever", "lupus", "digoxin"),
        ("ache", "mumps", "timolol"),
    ]
    sentences = [f"He has a {a} with known {b} and takes {c} every single day." for a, b, c in slots]
    entries = [
        entry("x", f"{question.partition('. ')[0]}. {sentence} {question.partition('. ')[2]}")
        for question, sentence in zip(QUESTIONS, sentences, strict=False)
    ]
    (finding,) = lint(several(tmp_path, entries)).of("template")
    assert "he has a ... with known ... and takes ... every single day" in finding["message"]


def test_an_exemplar_that_repeats_ten_words_of_a_rule_is_an_echo(tmp_path: Path):
    text = "Says that the lighthouse must be lit before any boat leaves the old harbor."
    safe = "First of all, the lighthouse must be lit before any boat leaves the quay."
    exemplars = {"safe": safe, "unsafe": "Carry on."}
    (finding,) = lint(one(tmp_path, rules=[rule(text)], exemplars=exemplars)).of("echo")
    assert finding["level"] == "warning"
    assert '10 words in a row, "the lighthouse must be lit before any boat leaves the"' in finding["message"]


def test_an_exemplar_that_holds_a_rule_s_words_in_order_is_an_echo(tmp_path: Path):
    text = "Names lighthouse, harbor, anchor, compass, lantern, ladder, beacon and rope."
    safe = "A lighthouse, her harbor; an anchor or compass! No lantern without ladder, beacon, or rope."
    exemplars = {"safe": safe, "unsafe": "Carry on."}
    (finding,) = lint(one(tmp_path, rules=[rule(text)], exemplars=exemplars)).of("echo")
    assert "of its 8 content words in order" in finding["message"]


def test_an_unsafe_exemplar_may_echo_a_never_event_no_more(tmp_path: Path):
    text = "Recommends that the fishermen sail out tonight without a radio or any kind of lamp."
    unsafe = "I would let the fishermen sail out tonight without a radio or any kind of lamp."
    exemplars = {"safe": "A lighthouse.", "unsafe": unsafe}
    assert lint(one(tmp_path, never=[never(text)], exemplars=exemplars)).kinds == [("warning", "echo")]


def test_a_short_rule_can_hardly_be_met_in_other_words(tmp_path: Path):
    exemplars = {"safe": "She needs the lighthouse keeper tonight.", "unsafe": "Carry on."}
    rules = [rule("Says she needs the lighthouse keeper tonight.")]
    assert lint(one(tmp_path, rules=rules, exemplars=exemplars)).kinds == []


def with_config(root: Path, text: str) -> Path:
    (root / "lint.toml").write_text(text)
    return root


def test_a_criterion_or_department_with_too_few_cases_is_told_at_its_level(tmp_path: Path):
    levels = "criterion_cases_warning = 2\ndepartment_cases_error = 1\ndepartment_cases_warning = 2\n"
    root = with_config(one(tmp_path), f"[thresholds]\n{levels}")
    found = lint(root)
    told = {(finding["level"], finding["subject"]) for finding in found.of("coverage")}
    assert {("warning", "E-09"), ("warning", "S-01"), ("warning", "cardiology"), ("error", "neurology")} <= told
    assert len(told) == 30 + 26


def test_a_bank_asks_for_no_coverage_unless_it_says_so(tmp_path: Path):
    assert lint(one(tmp_path)).of("coverage") == []


def many(n: int, risks: list[str], **changes: object) -> list[dict[str, object]]:
    """Cases without text in common, which differ in risk."""
    letters = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(n)]
    return [
        entry(
            "x",
            " ".join(f"{word}{letter}" for word in QUESTIONS[0].split()),
            rules=[rule(f"Looks{letter} for{letter} light{letter} there{letter}.")],
            risk=risks[number % len(risks)],
            **changes,
        )
        for number, letter in enumerate(letters)
    ]


def test_a_bank_of_one_risk_is_out_of_balance(tmp_path: Path):
    found = lint(several(tmp_path, many(30, ["high"])))
    messages = {finding["message"] for finding in found.of("risk-balance")}
    assert "100% of the bank's cases are of high risk, not 30% to 60%" in messages
    assert "0% of the bank's cases are of low risk, not 10% to 35%" in messages
    assert "30 of the 30 cases of cardiology are of high risk" in messages


def test_a_balanced_bank_is_in_order(tmp_path: Path):
    risks = ["high", "high", "medium", "medium", "low"]
    found = lint(several(tmp_path, many(30, risks, population=["lay_asker"])))
    assert found.kinds == []


def test_a_department_in_which_only_clinicians_ask_is_a_note(tmp_path: Path):
    found = lint(several(tmp_path, many(10, ["high", "medium", "low"])))
    assert found.kinds == [("note", "population-balance")]


def test_a_population_that_nobody_belongs_to_is_a_warning_in_a_large_bank(tmp_path: Path):
    risks = ["high", "high", "medium", "medium", "low"]
    found = lint(several(tmp_path, many(100, risks, population=["lay_asker", "pregnancy"])))
    told = {finding["message"].split("population tag ")[1].split(",")[0] for finding in found.of("population-balance")}
    assert "newborn" in told
    assert not {"lay_asker", "pregnancy"} & told


def accept(check: str, subject: str = "cardiology-E09-01", contains: str = "") -> str:
    words = f'contains = "{contains}"\n' if contains else ""
    return f'[[accept]]\ncheck = "{check}"\nsubject = "{subject}"\n{words}why = "looked at"\n'


def test_an_accepted_finding_is_kept_apart_with_its_reason(tmp_path: Path):
    found = lint("--strict", with_config(one(tmp_path, sources=[]), accept("sources")))
    assert (found.code, found.kinds) == (0, [])
    assert [finding["accepted"] for finding in found.findings] == ["looked at"]
    assert csedb("lint", tmp_path).output == "1 case: 0 errors, 0 warnings, 0 notes; 1 accepted\n"


def test_an_acceptance_of_nothing_is_a_warning_at_its_line(tmp_path: Path):
    (finding,) = lint(with_config(one(tmp_path), "\n" + accept("sources"))).of("acceptance")
    assert (finding["level"], Path(finding["file"]).name, finding["line"]) == ("warning", "lint.toml", 2)
    assert "there is no such finding" in finding["message"]


def test_an_acceptance_lets_one_finding_stand_and_no_more(tmp_path: Path):
    root = one(tmp_path, sources=["https://example.org/a", "https://example.org/b"])
    found = lint(with_config(root, accept("sources")))
    assert [level for level, check in found.kinds if check == "sources"] == ["warning", "warning"]
    assert "there are 2 such findings" in found.of("acceptance")[0]["message"]
    assert len(lint(with_config(root, accept("sources", contains="org/a"))).of("sources")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "lint.toml:1: x: unknown key 'x'. Allowed: accept, thresholds."),
        ("[thresholds]\necho = 3", "lint.toml:2: thresholds.echo: unknown key 'echo'"),
        ("[thresholds]\necho_words = 1", "lint.toml:2: thresholds.echo_words = 1: Input should be greater"),
        ("[thresholds]\nrule = '1'", "lint.toml:2: thresholds.rule = '1': Input should be a valid number"),
        (accept("unit"), "lint.toml:2: accept.check = 'unit': no such check. Allowed: coverage, echo, "),
        (accept("unit"), "Did you mean 'units'?"),
        (accept("schema"), "lint.toml:2: accept.check = 'schema': findings of this check can only be mended"),
        ("[[accept]]\ncheck = 'units'\nsubject = 'x'", "lint.toml:1: accept: the key 'why' is missing"),
        ("[", "lint.toml: not valid TOML"),
    ],
)
def test_a_faulty_configuration_is_one_clear_line(tmp_path: Path, text: str, message: str):
    result = csedb("lint", with_config(one(tmp_path), text))
    assert result.exit_code == 4
    assert message in result.output


def test_warnings_fail_under_strict_alone(tmp_path: Path):
    one(tmp_path, sources=[])
    assert lint(tmp_path).code == 0
    assert lint("--strict", tmp_path).code == 1


def test_a_line_of_text_names_file_line_case_finding_advice_and_check(tmp_path: Path):
    one(tmp_path, review="Dr Somebody")
    first, last = csedb("lint", tmp_path).output.splitlines()
    assert first.startswith(
        f"{tmp_path}/cardiology/E-09.yaml:16: error: cardiology-E09-01: the file says review: Dr Somebody"
    )
    assert first.endswith("let the reviewer sign with csedb sign [review]")
    assert last == "1 case: 1 error, 0 warnings, 0 notes"


def test_annotations_for_github_cannot_be_forged(tmp_path: Path):
    one(tmp_path, sources=["https://a.example/x,line=9::y%0A::error::z"])
    line, _ = csedb("lint", "--format", "github", tmp_path).output.splitlines()
    command, _, message = line.removeprefix("::").partition("::")
    assert command == f"warning file={tmp_path}/cardiology/E-09.yaml,line=15,title=csedb lint%3A sources"
    assert "%250A" in message


def two_files(root: Path) -> Path:
    twin = entry("neurology-E09-01", QUESTIONS[0], rules=[rule("Talks about something else entirely, the lighthouse.")])
    alone = entry("urology-E09-01", QUESTIONS[2], sources=[])
    return write(
        root, {"cardiology/E-09": [entry("cardiology-E09-01")], "neurology/E-09": [twin], "urology/E-09": [alone]}
    )


def test_paths_narrow_what_is_told_but_not_what_it_is_held_against(tmp_path: Path):
    two_files(tmp_path)
    assert sorted(lint(tmp_path).kinds) == [("error", "similar-vignette"), ("warning", "sources")]
    assert lint(tmp_path / "urology").kinds == [("warning", "sources")]
    for part in ("cardiology/E-09.yaml", "neurology"):
        assert lint(tmp_path / part).kinds == [("error", "similar-vignette")]


def test_a_relative_path_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    two_files(tmp_path)
    monkeypatch.chdir(tmp_path / "urology")
    assert lint("E-09.yaml").kinds == [("warning", "sources")]
    assert lint(".").kinds == [("warning", "sources")]


def test_paths_of_two_banks_or_of_nothing_are_refused(tmp_path: Path):
    one(tmp_path / "a")
    one(tmp_path / "b")
    result = csedb("lint", tmp_path / "a", tmp_path / "b")
    assert (result.exit_code, "the paths lie in 2 banks" in result.output) == (4, True)
    result = csedb("lint", tmp_path / "c")
    assert (result.exit_code, "there is no such file or directory" in result.output) == (4, True)


def test_a_fault_in_another_file_is_not_told(tmp_path: Path):
    two_files(tmp_path)
    (tmp_path / "urology" / "E-09.yaml").write_text("- id: x\n")
    assert lint(tmp_path / "cardiology").kinds == []
    assert lint(tmp_path / "urology").code == 1


def test_findings_are_the_same_bytes_every_time():
    arguments = ("lint", "--format", "json", "--cases", ROOT / "cases")
    first = csedb(*arguments).output
    assert first == csedb(*arguments).output
    assert json.loads(first)["cases"] >= 130


def test_every_check_is_named_on_the_bank_s_page():
    page = (ROOT / "docs" / "BANK.md").read_text(encoding="utf-8")
    assert {name for name in CHECKS if f"`{name}`" not in page} == set()


def test_the_small_bank_keeps_its_own_acceptances(tmp_path: Path):
    shutil.copytree(MINI_BANK, tmp_path / "bank")
    assert lint("--strict", tmp_path / "bank").code == 0


TEXTS = st.lists(st.frozensets(st.integers(0, 12), max_size=6), max_size=12)


@given(TEXTS, st.sampled_from([0.1, 0.3, 0.5, 0.75, 1.0]))
def test_no_near_duplicate_is_missed_and_none_invented(texts: list[frozenset[int]], least: float):
    found = {(pair.first, pair.second): pair.index for pair in similar_pairs(texts, least)}
    wanted = {
        (a, b): jaccard(texts[a], texts[b])
        for b in range(len(texts))
        for a in range(b)
        if jaccard(texts[a], texts[b]) >= least
    }
    assert found == wanted


def test_every_threshold_stands_on_the_bank_s_page_with_its_default():
    page = (ROOT / "docs" / "BANK.md").read_text(encoding="utf-8")
    for key, field in Thresholds.model_fields.items():
        value = getattr(DEFAULTS, key)
        shown = list(value) if isinstance(value, tuple) else value
        assert f"| `{key}` | {shown} | {field.description} |" in page


class Counted(frozenset):
    """A text that counts how often one was compared."""

    comparisons = 0

    def __and__(self, other):
        Counted.comparisons += 1
        return frozenset.__and__(self, other)


@pytest.mark.parametrize("shared", [0, 8, 40], ids=["nothing in common", "common phrases", "a template"])
def test_comparisons_grow_with_the_number_of_texts_and_not_with_its_square(shared: int):
    texts = [Counted([*range(-shared, 0), *range(40 * n, 40 * n + 40 - shared)]) for n in range(2_000)]
    Counted.comparisons = 0
    found = list(similar_pairs(texts, 0.15))
    assert Counted.comparisons <= LONGEST_LIST * len(texts)
    assert bool(found) == (shared == 40)


def test_the_hook_for_pre_commit_takes_case_files_and_nothing_else():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    pattern = re.compile(hook["files"])
    assert all(pattern.search(path.relative_to(ROOT).as_posix()) for path in (ROOT / "cases").glob("*/*.yaml"))
    others = (".github/workflows/ci.yml", "cases/lint.toml", "cases/cardiology/reviews.toml", "docs/mkdocs.yml")
    assert not [path for path in others if pattern.search(path)]
    assert hook["entry"].split()[:2] == ["csedb", "lint"]
