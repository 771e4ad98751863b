"""Models under test: what is sent, what is made of the answer, what a user reads when it goes wrong."""

import asyncio
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from csedb_tests.answer import Answer
from csedb_tests.bank import Bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.endpoint import Endpoint
from csedb_tests.failures import CallFailure, FatalFailure, Unscored
from csedb_tests.judges.recorded import load_verdicts
from csedb_tests.models.base import Model
from csedb_tests.models.exemplar import ExemplarModel
from csedb_tests.models.function import FunctionModel, load_function
from csedb_tests.models.openai import OpenAIModel, Sampling
from csedb_tests.models.recorded import load_recorded
from csedb_tests.schema import Case
from tests.conftest import Gate
from tests.loopback import LoopbackServer, Reply, completion


@pytest.fixture
def case(mini_bank: Bank) -> Case:
    return mini_bank.case("cardiology-S03-01")


@pytest.fixture
def talk(mini_bank: Bank) -> Case:
    return mini_bank.case("cardiology-E09-02")


def answer(model: Model, case: Case, sample: int = 0) -> Answer:
    async def run() -> Answer:
        try:
            return await model.answer(case, sample)
        finally:
            await model.close()

    return asyncio.run(run())


def request(talk: Case, sample: int = 0, **options: Any) -> dict[str, Any]:
    """What an endpoint receives."""
    with LoopbackServer(lambda _: completion("yes")) as server:
        answer(OpenAIModel("org/name", Endpoint(server.url), **options), talk, sample)
    (seen,) = server.log
    assert seen.path == "/v1/chat/completions"
    return seen.body


# openai:


def test_a_conversation_is_sent_turn_by_turn_and_nothing_is_added(talk: Case):
    assert request(talk) == {
        "model": "org/name",
        "messages": [{"role": turn.role, "content": turn.content} for turn in talk.turns],
    }


def test_a_system_prompt_comes_first(talk: Case):
    messages = request(talk, system_prompt="Be brief.")["messages"]
    assert messages[0] == {"role": "system", "content": "Be brief."}
    assert len(messages) == len(talk.turns) + 1


def test_sampling_parameters_are_sent_as_set_and_the_seed_moves_with_the_sample(case: Case):
    body = request(case, 2, sampling=Sampling(temperature=0.0, top_p=0.5, max_tokens=900, seed=7))
    assert {key: body[key] for key in ("temperature", "top_p", "max_tokens", "seed")} == {
        "temperature": 0.0,
        "top_p": 0.5,
        "max_tokens": 900,
        "seed": 9,
    }


def test_reasoning_in_the_text_is_kept_from_the_judge(case: Case):
    with LoopbackServer(lambda _: completion("<think>Give verapamil?</think>\n\nDo not give it.")) as server:
        found = answer(OpenAIModel("m", Endpoint(server.url)), case)
    assert found.text == "Do not give it."
    assert found.reasoning == "<think>Give verapamil?</think>"


def test_everything_that_could_change_an_answer_is_in_the_identity():
    plain = OpenAIModel("m", Endpoint("http://host/v1"))
    others = [
        OpenAIModel("n", plain.endpoint),
        OpenAIModel("m", Endpoint("http://other/v1")),
        OpenAIModel("m", plain.endpoint, Sampling(temperature=0.0)),
        OpenAIModel("m", plain.endpoint, system_prompt="Be brief."),
        OpenAIModel("m", plain.endpoint, revision="2"),
        OpenAIModel("m", plain.endpoint, accept_truncated=True),
    ]
    assert len({str(model.identity) for model in [plain, *others]}) == 7


def test_an_identity_and_a_repr_never_hold_the_key():
    model = OpenAIModel("m", Endpoint("http://host/v1", "sk-secret-secret"))
    assert "sk-secret" not in f"{model.identity} {model!r}"


# python:


def model_of(function: Any) -> FunctionModel:
    return FunctionModel("mine:answer", function)


async def coroutine(conversation: list[dict[str, str]]) -> str:
    return conversation[-1]["content"].upper()


@pytest.mark.parametrize("function", [coroutine, lambda c: c[-1]["content"].upper(), partial(coroutine)])
def test_a_function_of_any_kind_answers(case: Case, function: Any):
    assert answer(model_of(function), case).text == case.turns[-1].content.upper()


def raising(error: BaseException) -> Any:
    def function(_: object) -> str:
        raise error

    return function


async def raises_in_a_coroutine(_: object) -> str:
    raise KeyError("k")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raising(ValueError("two\nlines")), "mine:answer raised ValueError: two lines"),
        (raising(TimeoutError("slow")), "mine:answer raised TimeoutError: slow"),
        (raising(SystemExit(3)), "mine:answer raised SystemExit: 3"),
        (raising(StopIteration()), "mine:answer raised RuntimeError: StopIteration"),
        (raises_in_a_coroutine, "mine:answer raised KeyError: 'k'"),
        (lambda _: None, "mine:answer returned NoneType, not a text"),
        (lambda _: b"bytes", "mine:answer returned bytes, not a text"),
        (lambda: "no arguments", "mine:answer raised TypeError: "),
    ],
)
def test_a_function_that_fails_costs_its_case_and_says_why(case: Case, function: Any, words: str):
    with pytest.raises(CallFailure) as caught:
        answer(model_of(function), case)
    assert str(caught.value).startswith(words)


def test_a_function_may_say_that_it_is_worth_a_retry_or_the_end(case: Case):
    with pytest.raises(CallFailure) as caught:
        answer(model_of(raising(CallFailure("busy", retryable=True))), case)
    assert caught.value.retryable
    with pytest.raises(FatalFailure):
        answer(model_of(raising(FatalFailure("no key"))), case)


def test_plain_functions_run_side_by_side_however_few_the_cores(case: Case):
    everybody = threading.Barrier(24)

    def function(_: object) -> str:
        everybody.wait(10)
        return "met"

    async def run() -> list[Answer]:
        model = model_of(function)
        return await asyncio.gather(*(model.answer(case, number) for number in range(24)))

    assert {found.text for found in asyncio.run(run())} == {"met"}


def test_a_function_that_hangs_costs_its_case_and_not_the_run(gate: Gate, pytester: pytest.Pytester):
    pytester.makepyfile(
        mine="""
        import threading
        def answer(conversation):
            if "toddler" in conversation[-1]["content"] or "two-year-old" in conversation[-1]["content"]:
                threading.Event().wait()
            return "Do not give verapamil. Call an ambulance immediately."
        """
    )
    started = time.monotonic()
    result = gate("--csedb-model=python:mine:answer", "--csedb-timeout=0.5", "--csedb-retries=0", "-m", "safety")
    assert time.monotonic() - started < 20
    result.stdout.fnmatch_lines(["unscored: no reply within 0.5 s"])
    assert result.parseoutcomes()["errors"] == 1


def test_a_lone_surrogate_from_a_function_is_made_storable(case: Case):
    assert answer(model_of(lambda _: "a\ud800"), case).text == "a\ufffd"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("json", "'python:json' must read python:MODULE:CALLABLE"),
        ("no_such_module:f", "cannot import 'no_such_module': ModuleNotFoundError: No module named 'no_such_module'"),
        ("json:nothing", "module 'json' has no 'nothing'"),
        ("json:JSONDecoder.nothing", "module 'json' has no 'JSONDecoder.nothing'"),
        ("json:__name__", "'json:__name__' is not callable"),
        ("leaves:f", "cannot import 'leaves': SystemExit: 5"),
        ("breaks:f", "cannot import 'breaks': SyntaxError: "),
    ],
)
def test_a_reference_to_no_function_is_refused_before_the_run(
    reference: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(5)\n")
    (tmp_path / "breaks.py").write_text("def f(:\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_function(reference)
    assert str(caught.value).startswith(f"--csedb-model: {words}")
    assert "\n" not in str(caught.value)


# answers: and recorded:

ROW_FAULTS = [
    ("", ": the {what} is empty"),
    ("\n\n", ": the {what} is empty"),
    ("{", ":1: not valid JSON: "),
    ("[1]", ":1: a line must be an object with 'case', "),
    ('{"case": "a"}', ":1: '{other}' must be "),
    ('{"case": 5, "answer": "x", "verdicts": {}}', ":1: "),
    ('{"cas": "a"}', ":1: unknown key 'cas'. Allowed: case, "),
    ('{"case": "a", "case": "b"}', ":1: not valid JSON: a key stands twice"),
    ("[" * 100_000, ":1: not valid JSON: "),
]


@pytest.mark.parametrize(
    ("load", "what", "other"),
    [
        (load_recorded, "answers file", "answer"),
        (load_verdicts, "verdicts file", "verdicts"),
    ],
)
@pytest.mark.parametrize(("content", "words"), ROW_FAULTS)
def test_a_faulty_file_is_refused_naming_file_and_line(load, what, other, content, words, tmp_path: Path):
    path = tmp_path / "file.jsonl"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}{words.format(what=what, other=other)}")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("load", [load_recorded, load_verdicts])
def test_a_file_that_cannot_be_read_is_named(load: Any, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"none.jsonl: cannot read the .* file: No such file"):
        load(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"case": "\xe9"}')
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load(tmp_path / "latin.jsonl")


def test_recorded_answers_are_found_by_case_and_sample(case: Case, tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    path.write_text(
        f'\ufeff{{"case": "{case.id}", "answer": "first"}}\r\n\n'
        f'{{"case": "{case.id}", "answer": "<think>x</think>second", "sample": 1, "model": "m"}}\n',
        encoding="utf-8",
    )
    model = load_recorded(path)
    assert [answer(model, case, sample).text for sample in (0, 1)] == ["first", "second"]
    with pytest.raises(Unscored, match=rf"answers.jsonl holds no answer to {case.id} \(answer 3\)"):
        answer(model, case, 2)


def test_two_recorded_answers_to_one_question_are_refused(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"case": "a", "answer": "1"}\n{"case": "a", "answer": "2"}\n')
    with pytest.raises(ConfigError, match=":2: a second answer to 'a', sample 0; number them with 'sample'"):
        load_recorded(path)


def test_another_file_of_the_same_name_is_another_model(tmp_path: Path):
    paths = [tmp_path / name / "answers.jsonl" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f'{{"case": "x", "answer": "{path.parent.name}"}}')
    assert load_recorded(paths[0]).identity != load_recorded(paths[1]).identity


# exemplar:


def test_exemplars_answer_and_a_case_without_one_is_unscored(case: Case):
    assert answer(ExemplarModel("safe"), case).text == case.exemplars.safe
    without = case.model_copy(update={"exemplars": case.exemplars.model_copy(update={"unsafe": None})})
    with pytest.raises(Unscored, match="the case has no unsafe exemplar"):
        answer(ExemplarModel("unsafe"), without)


def test_a_reply_cut_at_the_token_limit_counts_when_the_user_accepts_it(case: Case):
    def model(**options: bool) -> OpenAIModel:
        return OpenAIModel("m", Endpoint(server.url), **options)

    with LoopbackServer(lambda _: Reply(completion("Do not", "length").body)) as server:
        with pytest.raises(CallFailure, match="token limit"):
            answer(model(), case)
        assert answer(model(accept_truncated=True), case).text == "Do not"
