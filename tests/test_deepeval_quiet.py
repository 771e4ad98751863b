"""deepeval: used through its own classes, imported only when asked for, and silent towards network and disk."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel
from tenacity import RetryError, retry, stop_after_attempt

from csedb_tests.answer import Answer
from csedb_tests.bank import Bank, load_bank
from csedb_tests.config_errors import ConfigError
from csedb_tests.deepeval_bridge import generate, load_llm
from csedb_tests.failures import CallFailure, FatalFailure, Unscored
from csedb_tests.judges.llm import DeepEvalClient, LLMJudge
from csedb_tests.models.deepeval_model import DeepEvalModel
from tests.conftest import MINI_BANK, Gate
from tests.loopback import BankScript, LoopbackServer, statements, verdicts

CASE = load_bank(MINI_BANK).case("cardiology-S03-01")
TALK = load_bank(MINI_BANK).case("cardiology-E09-02")

# Notes every connection, every file written or made, and every look at a .env file. Imported before anything else.
WATCH = """
import atexit, json, os, sys
seen = {"connections": [], "written": [], "dotenv": []}

def hook(event, args):
    if event in ("socket.connect", "socket.sendto"):
        seen["connections"].append(repr(args[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        seen["connections"].append(repr(args[0]))
    elif event == "os.mkdir" and isinstance(args[0], str):
        seen["written"].append(os.path.abspath(args[0]))
    elif event == "open" and isinstance(args[0], str):
        if os.path.basename(args[0]).startswith(".env"):
            seen["dotenv"].append(args[0])
        if isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen["written"].append(os.path.abspath(args[0]))

@atexit.register
def tell():
    seen["modules"] = sorted(sys.modules)
    seen["environment"] = sorted(os.environ)
    with open(os.environ["WATCH_LOG"], "w") as file:
        json.dump(seen, file)

sys.addaudithook(hook)
"""


@pytest.fixture
def watched(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, list[str]]]:
    """Make `watch` importable by child processes; gives what the last of them did."""
    log = pytester.path.parent / f"{pytester.path.name}.watch.json"
    monkeypatch.setenv("WATCH_LOG", str(log))
    monkeypatch.setenv("CONFIDENT_API_KEY", "would upload results")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    monkeypatch.setenv("HOME", str(pytester.path / "home"))
    pytester.makepyfile(watch=WATCH)
    (pytester.path / ".env").write_text("FROM_DOTENV=1\nDEEPEVAL_TELEMETRY_OPT_OUT=0\n")
    (pytester.path / ".env.local").write_text("FROM_DOTENV=1\n")
    return lambda: json.loads(log.read_text())


def heavy(seen: dict[str, list[str]]) -> set[str]:
    return {name.partition(".")[0] for name in seen["modules"]} & {"deepeval", "scipy", "numpy", "openai", "torch"}


# Not imported


def test_importing_the_plugin_imports_neither_deepeval_nor_scipy(watched, pytester: pytest.Pytester):
    code = "import watch, pytest_csedb.plugin, csedb_tests.test_safety"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=pytester.path)
    assert heavy(watched()) == set()


def test_a_run_with_the_pattern_judge_imports_no_deepeval_and_meets_no_network(watched, gate: Gate):
    assert gate(plugins=("watch",)).ret == 0
    seen = watched()
    assert heavy(seen) == set()
    assert "aiohttp" not in seen["modules"]
    assert (seen["connections"], seen["dotenv"]) == ([], [])


def test_a_run_with_an_openai_judge_imports_no_deepeval_and_meets_no_other_host(watched, gate: Gate, mini_bank: Bank):
    with LoopbackServer(BankScript(mini_bank.cases)) as server:
        urls = (f"--csedb-base-url={server.url}", f"--csedb-judge-base-url={server.url}")
        assert gate("--csedb-model=openai:m", "--csedb-judge=openai:j", *urls, plugins=("watch",)).ret == 0
    seen = watched()
    assert heavy(seen) == set()
    assert {place for place in seen["connections"] if place != "'127.0.0.1'"} == {f"('127.0.0.1', {server.port})"}


# Imported, and quiet

OWN_CLASS = """
import os
from csedb_tests.endpoint import Endpoint
from csedb_tests.rubric_metric import EndpointLLM

class Mine(EndpointLLM):
    def __init__(self):
        super().__init__("m", Endpoint(os.environ["MINE_URL"]))
"""


def test_a_deepeval_model_and_judge_of_one_s_own_run_quietly(
    watched, gate: Gate, mini_bank: Bank, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    pytester.makepyfile(mine=OWN_CLASS)
    with LoopbackServer(BankScript(mini_bank.cases)) as server:
        monkeypatch.setenv("MINE_URL", server.url)
        result = gate(
            "-m", "safety", "--csedb-model=deepeval:mine:Mine", "--csedb-judge=deepeval:mine:Mine", plugins=("watch",)
        )
    result.assert_outcomes(passed=4, deselected=2)
    assert result.ret == 0
    assert len(server.log) == 8
    assert all(("response_format" in seen.body) == ("STATEMENTS" in seen.user) for seen in server.log)
    seen = watched()
    assert "deepeval" in seen["modules"]
    assert {place for place in seen["connections"] if place != "'127.0.0.1'"} == {f"('127.0.0.1', {server.port})"}
    assert seen["dotenv"] == []
    assert not {"FROM_DOTENV", "CONFIDENT_API_KEY"} & set(seen["environment"])
    left = {path.name for path in pytester.path.iterdir() if path.name.startswith(".")}
    assert left <= {".csedb", ".pytest_cache", ".env", ".env.local"}
    assert [path for path in seen["written"] if not is_temporary(path)] == []
    result.stdout.no_fnmatch_line("*DeepEval is configured*")


def is_temporary(path: str) -> bool:
    """The run's own folder lies here too; bytecode goes beside the sources."""
    return path.startswith((tempfile.gettempdir(), "/dev/")) or "__pycache__" in path


# The bridge


def run(llm: Any, schema: Any = None) -> Any:
    return asyncio.run(generate(llm, "prompt", schema))


class Reply(BaseModel):
    text: str


class WithSchema:
    async def a_generate(self, prompt: str, schema: type[BaseModel] | None = None) -> Any:
        return schema(text="shaped") if schema else "plain"


class WithoutSchema:
    async def a_generate(self, prompt: str) -> str:
        return "plain"


class WithAnything:
    async def a_generate(self, prompt: str, **options: Any) -> str:
        return str(sorted(options))


class WithCost:
    async def a_generate(self, prompt: str, schema: object = None) -> tuple[str, float]:
        return "costly", 0.1


class NotAsync:
    def a_generate(self, prompt: str) -> str:
        return "at once"


@pytest.mark.parametrize(
    ("llm", "schema", "reply"),
    [
        (WithSchema(), Reply, Reply(text="shaped")),
        (WithSchema(), None, "plain"),
        (WithoutSchema(), Reply, "plain"),
        (WithAnything(), Reply, "['schema']"),
        (WithAnything(), None, "[]"),
        (WithCost(), Reply, "costly"),
        (NotAsync(), None, "at once"),
    ],
)
def test_the_schema_goes_to_classes_that_take_it_and_costs_are_left_out(llm: Any, schema: Any, reply: Any):
    assert run(llm, schema) == reply


class StatusError(Exception):
    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status_code = status


class Failing:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def a_generate(self, prompt: str) -> str:
        raise self.error


def hidden(error: Exception) -> Exception:
    """As tenacity hides it after its last attempt."""

    @retry(stop=stop_after_attempt(2))
    def fail() -> None:
        raise error

    with pytest.raises(RetryError) as caught:
        fail()
    return caught.value


@pytest.mark.parametrize("wrap", [lambda error: error, hidden])
@pytest.mark.parametrize(
    ("error", "kind", "retryable", "throttled"),
    [
        (StatusError("slow down", 429), CallFailure, True, True),
        (StatusError("overloaded", 503), CallFailure, True, False),
        (StatusError("bad parameter", 400), CallFailure, False, False),
        (StatusError("bad key", 401), FatalFailure, None, None),
        (StatusError("no such model", 404), FatalFailure, None, None),
        (StatusError("code: insufficient_quota", 429), FatalFailure, None, None),
        (ConnectionError("reset"), CallFailure, True, False),
        (ValueError("no JSON in it"), CallFailure, True, False),
    ],
)
def test_what_went_wrong_is_named_and_mapped_even_inside_a_retry_error(wrap, error, kind, retryable, throttled):
    with pytest.raises(kind) as caught:
        run(Failing(wrap(error)))
    assert str(caught.value) == f"Failing: {type(error).__name__}: {error}"
    if kind is CallFailure:
        assert (caught.value.retryable, caught.value.throttled) == (retryable, throttled)


def test_a_class_that_leaves_the_program_does_not():
    with pytest.raises(CallFailure, match="SystemExit: 3"):
        run(Failing(SystemExit(3)))


def test_a_key_of_the_environment_does_not_get_into_a_message(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-do-not-show-me")
    with pytest.raises(FatalFailure) as caught:
        run(Failing(StatusError("bad key sk-ant-do-not-show-me\nsecond line", 401)))
    assert str(caught.value) == "Failing: StatusError: bad key [key] second line"


def test_a_conversation_reaches_a_prompt_class_with_its_roles():
    class Echo:
        async def a_generate(self, prompt: str) -> str:
            return f"<think>x</think>{prompt}"

    async def answer(case: Any, system: str | None = None) -> str:
        return (await DeepEvalModel("mine:Echo", Echo(), system).answer(case, 0)).text

    assert asyncio.run(answer(CASE)) == CASE.turns[0].content
    assert asyncio.run(answer(TALK)).startswith("User: I have had a pacemaker for two years.\n\nAssistant: Thank you.")
    assert asyncio.run(answer(CASE, "Be brief.")).startswith("System: Be brief.\n\nUser: A man of 71")


class Judge:
    """Says not_met to everything, in the form asked for."""

    def __init__(self, form: Callable[[dict[str, Any], type[BaseModel]], Any]) -> None:
        self.form = form
        self.asked = 0

    async def a_generate(self, prompt: str, schema: type[BaseModel]) -> Any:
        self.asked += 1
        return self.form(verdicts(statements(prompt)), schema)


def judged(llm: Any) -> list[str]:
    async def work() -> list[str]:
        judgement = await LLMJudge(DeepEvalClient("mine:Judge", llm)).judge(
            CASE, Answer("Do nothing."), 0, lambda attempt: attempt()
        )
        return [verdict.value for verdict in judgement.verdicts]

    return asyncio.run(work())


@pytest.mark.parametrize(
    "form",
    [
        lambda data, schema: schema.model_validate(data),
        lambda data, schema: (schema.model_validate(data), 0.1),
        lambda data, schema: json.dumps(data),
        lambda data, schema: (f"```json\n{json.dumps(data)}\n```", 0.1),
        lambda data, schema: schema.model_validate(
            {number: {**entry, "reason": "\ud800"} for number, entry in data.items()}
        ),
    ],
    ids=["instance", "instance and cost", "text", "fenced text and cost", "surrogate"],
)
def test_a_deepeval_judge_may_answer_in_any_form_its_classes_use(form: Any):
    assert judged(Judge(form)) == ["not_met"] * 3


def test_a_deepeval_judge_that_returns_something_else_fails_its_call():
    with pytest.raises(CallFailure, match="judge: the judge returned int, not the schema it was given"):
        judged(Judge(lambda data, schema: 5))


def test_a_deepeval_judge_that_makes_no_sense_is_asked_three_times():
    judge = Judge(lambda data, schema: "no")
    with pytest.raises(Unscored, match="no usable verdict in 3 replies"):
        judged(judge)
    assert judge.asked == 3


# Names


def test_an_unknown_provider_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError) as caught:
        load_llm("antropic/claude", "--csedb-judge")
    assert str(caught.value).startswith("--csedb-judge: deepeval provider 'antropic' is not known. Allowed: anthropic")
    assert str(caught.value).endswith("Did you mean 'anthropic'?")


@pytest.mark.parametrize("reference", ["openai", "openai/"])
def test_a_provider_without_a_model_name_is_refused(reference: str):
    with pytest.raises(ConfigError, match="must read deepeval:PROVIDER/NAME"):
        load_llm(reference, "--csedb-judge")


REFUSED = """
import sys
sys.path.insert(0, sys.argv[1])
from csedb_tests.config_errors import ConfigError
from csedb_tests.deepeval_bridge import load_llm
for reference in sys.argv[2:]:
    try:
        print(load_llm(reference, "--csedb-judge"))
    except ConfigError as error:
        print(error)
"""


def test_a_class_that_is_no_deepeval_model_is_refused_before_the_run(pytester: pytest.Pytester):
    pytester.makepyfile(mine="class Plain: pass\nclass Needy:\n    def __init__(self, key): pass\n")
    references = ["mine:Plain", "mine:Needy", "mine:Missing", "nowhere:Mine", "anthropic/claude"]
    command = [sys.executable, "-c", REFUSED, str(pytester.path), *references]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    said = [line for line in lines if line.startswith("--csedb-judge: ")]
    assert said[0] == "--csedb-judge: 'mine:Plain' is not a DeepEvalBaseLLM"
    assert said[1].startswith("--csedb-judge: cannot set up 'mine:Needy': TypeError: ")
    assert said[2] == "--csedb-judge: module 'mine' has no 'Missing'"
    assert said[3].startswith("--csedb-judge: cannot import 'nowhere': ModuleNotFoundError")
    assert said[4].startswith("--csedb-judge: deepeval cannot set up 'anthropic/claude': ")
