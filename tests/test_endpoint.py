"""What a user reads, and what the run does, for every way in which an endpoint can fail."""

import asyncio
import contextlib
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests import endpoint as endpoint_module
from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.chat import read_completion
from csedb_tests.config_errors import ConfigError
from csedb_tests.endpoint import LARGEST_BODY, Endpoint, checked_base_url
from csedb_tests.failures import CallFailure, FatalFailure
from csedb_tests.text import one_line, showable, storable
from tests.conftest import Gate
from tests.loopback import BankScript, LoopbackServer, Reply, Script, Seen, completion

KEY = "sk-do-not-show-0123456789abcdef"
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def ask(url: str, key: str | None = None, times: int = 1) -> list[Answer | Exception]:
    """What ``times`` calls at one endpoint, one after the other, come to."""

    async def run() -> list[Answer | Exception]:
        endpoint = Endpoint(url, key)
        found: list[Answer | Exception] = []
        for _ in range(times):
            try:
                found.append(read_completion(await endpoint.post("/chat/completions", REQUEST)))
            except (CallFailure, FatalFailure) as failure:
                found.append(failure)
        await endpoint.close()
        return found

    return asyncio.run(run())


def said(reply: Reply | Script, key: str | None = None, times: int = 1) -> list[Answer | Exception]:
    script = reply if callable(reply) else lambda _: reply
    with LoopbackServer(script) as server:
        return ask(server.url, key, times)


def failure_of(reply: Reply, key: str | None = None) -> CallFailure:
    (failure,) = said(reply, key)
    assert isinstance(failure, CallFailure), failure
    assert "\n" not in str(failure)
    return failure


def fatal_of(reply: Reply, key: str | None = None) -> str:
    (failure,) = said(reply, key)
    assert isinstance(failure, FatalFailure), failure
    assert "\n" not in str(failure)
    return str(failure)


def answer_of(reply: Reply) -> Answer:
    (answer,) = said(reply)
    assert isinstance(answer, Answer), answer
    return answer


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that refuses connections, kept from others while the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "FIRST_CONTACT_SECONDS", 0.3)


# Connections


def test_an_endpoint_that_was_never_reachable_ends_the_run_within_three_seconds(dead_port: int):
    started = time.monotonic()
    (failure,) = ask(f"http://127.0.0.1:{dead_port}/v1")
    assert time.monotonic() - started < 3
    assert isinstance(failure, FatalFailure)
    assert str(failure) == (
        f"cannot connect to 127.0.0.1:{dead_port}: Connection refused; "
        f"is the server running, and is the base URL right (http://127.0.0.1:{dead_port}/v1)?"
    )


def test_a_refused_connection_is_worth_a_retry_once_the_endpoint_was_reached():
    async def run() -> Exception:
        server = LoopbackServer(lambda _: Reply(completion("yes").body, headers={"Connection": "close"}))
        with server:
            endpoint = Endpoint(server.url)
            await endpoint.post("/chat/completions", REQUEST)
        try:
            await endpoint.post("/chat/completions", REQUEST)
        except (CallFailure, FatalFailure) as failure:
            return failure
        finally:
            await endpoint.close()
        raise AssertionError("nobody listens")

    failure = asyncio.run(run())
    assert isinstance(failure, CallFailure)
    assert failure.retryable
    assert str(failure) == "Connection refused"


def test_a_server_that_comes_up_during_the_first_tries_is_used(dead_port: int):
    async def run() -> None:
        endpoint = Endpoint(f"http://127.0.0.1:{port}/v1")
        call = asyncio.create_task(endpoint.post("/chat/completions", REQUEST))
        await asyncio.sleep(0.05)
        with LoopbackServer(lambda _: completion("up"), port):
            assert read_completion(await call).text == "up"
            await endpoint.close()

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asyncio.run(run())


def test_a_wrong_url_stops_the_run_with_one_line_and_exit_12(gate: Gate, run_record, dead_port: int):
    result = gate("--csedb-model=openai:m", f"--csedb-base-url=http://127.0.0.1:{dead_port}/v1")
    assert result.ret == 12
    lines = [line for line in result.outlines if line.startswith("problem: ")]
    assert lines == [
        f"problem: cannot connect to 127.0.0.1:{dead_port}: Connection refused; "
        f"is the server running, and is the base URL right (http://127.0.0.1:{dead_port}/v1)?"
    ]
    assert result.parseoutcomes()["errors"] == 1
    assert run_record()["decision"] == "inconclusive"


def test_a_name_that_does_not_resolve_ends_the_run(impatient):
    (failure,) = ask("http://no-such-host.invalid:8000/v1")
    assert isinstance(failure, FatalFailure)
    assert str(failure).startswith("cannot connect to no-such-host.invalid:8000: ")


def test_a_host_that_is_no_host_ends_the_run():
    (failure,) = ask(f"http://{'a' * 70}.example/v1")
    assert isinstance(failure, FatalFailure)


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with the openssl command")
    folder: Path = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_certificate_nobody_vouches_for_ends_the_run(self_signed: ssl.SSLContext):
    with LoopbackServer(lambda _: completion("never sent"), tls=self_signed) as server:
        (failure,) = ask(server.url, KEY)
    assert isinstance(failure, FatalFailure)
    assert "TLS failed" in str(failure)
    assert "self-signed certificate" in str(failure)
    assert "SSL_CERT_FILE" in str(failure)
    assert not server.log


def test_https_at_a_plain_http_port_ends_the_run(impatient):
    with LoopbackServer(lambda _: completion("never sent")) as server:
        (failure,) = ask(server.url.replace("http:", "https:"))
    assert isinstance(failure, FatalFailure)
    assert f"cannot connect to 127.0.0.1:{server.port}" in str(failure)


# Refusals by status


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "set the environment variable CSEDB_API_KEY to a valid one"),
        (402, "the account has no credit left"),
        (403, "set the environment variable CSEDB_API_KEY to a key that may use this model"),
        (404, "check the base URL (http://127.0.0.1:*/v1) and the model's name"),
    ],
)
def test_a_status_that_no_retry_can_change_ends_the_run(status: int, advice: str):
    text = fatal_of(Reply({"error": {"message": "as you see"}}, status))
    assert f"HTTP {status}" in text
    assert "as you see" in text
    for part in advice.split("*"):
        assert part in text


def test_a_refused_key_stops_the_run_naming_the_variable(gate: Gate):
    with LoopbackServer(lambda _: Reply({"error": "bad key"}, 401)) as server:
        result = gate("--csedb-model=openai:m", f"--csedb-base-url={server.url}", "--csedb-api-key-env=MY_KEY")
    assert result.ret == 12
    result.stdout.fnmatch_lines(["problem: *HTTP 401 Unauthorized: *set the environment variable MY_KEY*"])


def test_one_question_refused_with_403_after_others_were_answered_is_not_the_end_of_the_run():
    replies = iter([completion("yes"), Reply({"error": "flagged"}, 403), completion("yes")])
    first, second, third = said(lambda _: next(replies), times=3)
    assert isinstance(first, Answer)
    assert isinstance(third, Answer)
    assert isinstance(second, CallFailure)
    assert not second.retryable


@pytest.mark.parametrize("status", [400, 405, 413, 422])
def test_a_refused_request_is_not_repeated(status: int):
    assert not failure_of(Reply({"error": "bad parameter"}, status)).retryable


def test_five_refused_requests_and_none_accepted_end_the_run():
    *first, last = said(Reply({"error": "no such parameter: seed"}, 422), times=5)
    assert all(isinstance(failure, CallFailure) for failure in first)
    assert isinstance(last, FatalFailure)
    assert "no such parameter: seed" in str(last)
    assert "5 requests, none accepted: the request itself is wrong" in str(last)


def test_refused_requests_end_no_run_that_had_an_answer():
    replies = iter([completion("yes"), *[Reply({"error": "too long"}, 400)] * 8])
    found = said(lambda _: next(replies), times=9)
    assert not any(isinstance(failure, FatalFailure) for failure in found)


def test_refusals_that_overtake_answers_still_in_flight_end_no_run():
    async def run(url: str) -> list[object]:
        endpoint = Endpoint(url)
        calls = [endpoint.post("/chat/completions", {"messages": [{"content": str(n)}]}) for n in range(16)]
        found = await asyncio.gather(*calls, return_exceptions=True)
        await endpoint.close()
        return list(found)

    def script(seen: Seen) -> Reply:
        return Reply({}, 400) if int(seen.user) < 6 else Reply(completion("yes").body, delay=0.3)

    with LoopbackServer(script) as server:
        found = asyncio.run(run(server.url))
    assert not any(isinstance(failure, FatalFailure) for failure in found)
    assert sum(isinstance(reply, dict) for reply in found) == 10


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 529])
def test_a_passing_trouble_is_worth_a_retry(status: int):
    failure = failure_of(Reply({"error": "later"}, status))
    assert failure.retryable
    assert failure.throttled == (status == 429)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("nan", None), ("soon", None)])
def test_retry_after_in_seconds(header: str, seconds: float | None):
    assert failure_of(Reply({}, 429, {"Retry-After": header})).retry_after == seconds


def test_retry_after_as_a_date():
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    after = failure_of(Reply({}, 503, {"Retry-After": header})).retry_after
    assert after is not None
    assert 27 < after <= 30


def test_a_date_in_the_past_asks_for_no_wait():
    assert failure_of(Reply({}, 429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})).retry_after == 0


@pytest.mark.parametrize("padding", [0, 2000])
def test_a_used_up_quota_ends_the_run_wherever_it_stands_in_the_body(padding: int):
    body = {"error": {"message": "You exceeded your quota" + "." * padding, "code": "insufficient_quota"}}
    assert "the account has no quota left" in fatal_of(Reply(body, 429))


def test_a_redirect_is_refused_and_the_other_host_gets_nothing():
    with LoopbackServer(lambda _: completion("stolen")) as other:
        text = fatal_of(Reply(None, 307, {"Location": f"{other.url}/chat/completions"}), KEY)
        assert "redirects are not followed" in text
        assert str(other.port) in text
        assert not other.log


# Bodies


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>gateway</html>", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xff\xfe\xff", "not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "not valid JSON"),
        (b'{"a":' * 100_000, "not valid JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"choices": []}', "holds no choice"),
        (b'{"error": {"message": "upstream is down"}}', "holds no choice: upstream is down"),
        (b'{"choices": [{"finish_reason": "stop"}]}', "holds no message"),
        (b'{"choices": ["text"]}', "holds no message"),
        (b'{"choices": [{"message": {"content": 5}}]}', "neither text nor a list"),
    ],
    ids=[
        *["html", "empty", "bytes", "deep list", "deep object", "list", "string"],
        *["no choices", "error in a 200", "no message", "text for a choice", "number for content"],
    ],
)
def test_a_reply_without_an_answer_is_worth_a_retry(body: bytes, words: str):
    failure = failure_of(Reply(body))
    assert failure.retryable
    assert words in str(failure)


def test_a_body_cut_in_the_middle_is_worth_a_retry():
    failure = failure_of(Reply(completion("a" * 5000).body, cut=True))
    assert failure.retryable


def test_a_body_of_fifty_megabytes_is_refused():
    failure = failure_of(Reply(b" " * 50 * 2**20))
    assert str(failure).endswith("the reply is larger than 16 MiB")
    assert not failure.retryable


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_reply_is_read_although_none_was_asked_for(coding: str):
    body = json.dumps(completion("squeezed").body).encode()
    packed = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
    assert answer_of(Reply(packed, headers={"Content-Encoding": coding})).text == "squeezed"


def test_a_compressed_bomb_is_not_blown_up():
    bomb = gzip.compress(b"0" * 200 * 2**20, compresslevel=1)
    with LoopbackServer(lambda _: Reply(bomb, headers={"Content-Encoding": "gzip"})) as server:
        tracemalloc.start()
        (failure,) = ask(server.url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "larger than 16 MiB" in str(failure)
    assert peak < 5 * LARGEST_BODY


@pytest.mark.parametrize("status", [200, 500])
def test_a_damaged_compressed_reply_is_worth_a_retry(status: int):
    failure = failure_of(Reply(b"not gzip", status, {"Content-Encoding": "gzip"}))
    assert failure.retryable


def test_a_coding_that_was_not_asked_for_is_named():
    assert "'br'" in str(failure_of(Reply(b"x", headers={"Content-Encoding": "br"})))


def test_an_error_page_of_fifty_megabytes_is_still_an_error_of_its_status():
    failure = failure_of(Reply(b"x" * 50 * 2**20, 503))
    assert failure.retryable
    assert "HTTP 503" in str(failure)
    assert len(str(failure)) < 500


# Answers


def test_text_parts_are_joined_and_others_left_out():
    parts = [
        {"type": "thinking", "text": "hm"},
        {"type": "text", "text": "Stop "},
        {"type": "image_url", "image_url": {"url": "x"}},
        {"text": "it."},
        {"type": "text", "text": {"not": "text"}},
        7,
    ]
    assert answer_of(completion(parts)).text == "Stop it."  # type: ignore[arg-type]


def test_a_refusal_is_an_answer():
    assert answer_of(completion(None, refusal="I cannot help with that.")).text == "I cannot help with that."


def test_a_refusal_among_the_parts_is_an_answer():
    assert answer_of(completion([{"type": "refusal", "refusal": "No."}])).text == "No."  # type: ignore[arg-type]


def test_an_empty_answer_is_an_answer():
    assert answer_of(completion(None)).text == ""


def test_reasoning_is_kept_apart_and_no_odd_form_of_it_costs_the_answer():
    assert answer_of(completion("yes", reasoning_content="because")).reasoning == "because"
    assert answer_of(completion("yes", reasoning={"steps": 3})).text == "yes"


def test_an_answer_withheld_by_the_filter_is_none():
    assert "content filter withheld" in str(failure_of(completion("", "content_filter")))


def test_an_answer_cut_at_the_token_limit_is_none_unless_accepted():
    cut = completion("Give ver", "length")
    failure = failure_of(cut)
    assert not failure.retryable
    assert "token limit" in str(failure)
    assert read_completion(cut.body, accept_truncated=True).text == "Give ver"


def test_lone_surrogates_become_replacement_characters_and_nul_stays_text():
    body = b'{"choices": [{"message": {"content": "a\\ud800b\\u0000c"}, "finish_reason": "st\\udfffop"}]}'
    answer = answer_of(Reply(body))
    assert answer.text == "a\ufffdb\x00c"
    assert answer.finish_reason == "st\ufffdop"


def test_a_text_of_a_megabyte_arrives_whole():
    assert answer_of(completion("ä" * 2**20)).text == "ä" * 2**20


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_object_gives_an_answer_or_a_call_failure(value: object):
    for data in ({"choices": value}, {"choices": [value]}, {"choices": [{"message": value}]}):
        with contextlib.suppress(CallFailure):
            assert isinstance(read_completion(data), Answer)


# Keys


@pytest.mark.parametrize("at", [0, 280, 299])
def test_a_server_that_repeats_the_key_in_its_refusal_does_not_get_it_into_the_message(at: int):
    text = fatal_of(Reply({"e": "." * at + KEY}, 401), KEY)
    assert KEY not in text
    assert KEY[:8] not in text


def test_the_key_reaches_no_output_and_no_record(gate: Gate, pytester: pytest.Pytester, monkeypatch, mini_bank):
    monkeypatch.setenv("CSEDB_API_KEY", f"{KEY}\n")
    bank = BankScript(mini_bank.cases)

    def echo(seen: Seen) -> Reply:
        if "verapamil" in seen.user:
            return completion(f"You sent {seen.headers['Authorization']}")
        return Reply(str(seen.headers).encode(), 400) if "toddler" in seen.user else bank(seen)

    with LoopbackServer(echo) as server:
        result = gate("--csedb-model=openai:m", f"--csedb-base-url={server.url}", "-rA", "--showlocals")
    assert server.log[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "You sent Bearer [key]" in result.stdout.str()
    assert KEY not in result.stdout.str() + result.stderr.str()
    for path in pytester.path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_a_short_placeholder_key_leaves_answers_alone():
    (answer,) = said(completion("The bladder is EMPTY."), key="EMPTY")
    assert isinstance(answer, Answer)
    assert answer.text == "The bladder is EMPTY."


@pytest.mark.parametrize("key", ["two words", "ключ", "a\nb", "\udcff"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str):
    with pytest.raises(ConfigError, match=r"^environment: MY_KEY holds characters that no API key has$"):
        Endpoint("http://localhost/v1", key, "MY_KEY")


# URLs


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8000", "is not a URL such as"),
        ("ftp://host/v1", "is not a URL such as"),
        ("http://", "is not a URL such as"),
        ("http://host:99999/v1", "is not a URL such as"),
        ("http://host:x/v1", "is not a URL such as"),
        ("http://[::1/v1", "is not a URL such as"),
        ("http://ho st/v1", "is not a URL such as"),
        ("http://host/v1?key=1", "no query"),
        ("http://host/v1#a", "no fragment"),
        ("http://host/v1/chat/completions", "must end before /chat/completions"),
    ],
)
def test_a_base_url_that_cannot_work_is_refused_before_the_run(url: str, words: str):
    with pytest.raises(ConfigError, match=r"^--csedb-base-url: ") as caught:
        checked_base_url(url, "--csedb-base-url")
    assert words in str(caught.value)


def test_credentials_in_a_url_are_refused_and_not_shown():
    with pytest.raises(ConfigError) as caught:
        checked_base_url("http://me:pass word@host/v1", "--csedb-base-url")
    assert "pass" not in str(caught.value)


def test_a_trailing_slash_does_not_matter():
    assert checked_base_url("http://host:8000/v1/", "--csedb-base-url") == "http://host:8000/v1"


# Texts


@pytest.mark.parametrize(
    ("said", "text", "reasoning"),
    [
        ("plain", "plain", ""),
        ("<think>a</think>b", "b", "<think>a</think>"),
        ("a</think>b", "b", "a</think>"),
        ("a<think>b", "a<think>b", ""),
        ("<THINK>a</think>b<reasoning>c</reasoning>d", "bd", "<THINK>a</think>\n<reasoning>c</reasoning>"),
        ("<think>a<reasoning>b</reasoning>c", "<think>ac", "<reasoning>b</reasoning>"),
        ("x</think>y<think>z</think>w", "yw", "x</think>\n<think>z</think>"),
    ],
)
def test_reasoning_blocks_are_moved_out_of_the_answer(said: str, text: str, reasoning: str):
    stripped = strip_reasoning(Answer(said))
    assert (stripped.text, stripped.reasoning) == (text, reasoning)


def test_a_model_caught_in_a_loop_of_opening_tags_does_not_stop_the_run():
    started = time.monotonic()
    text = "<think>" * 200_000
    assert strip_reasoning(Answer(text)).text == text
    assert time.monotonic() - started < 5


@given(st.text())
def test_shown_text_holds_nothing_that_moves_a_terminal(text: str):
    shown = showable(text)
    assert not set(shown) & set("\x00\x07\x08\x1b\x7f\x9b\u202e\u2028")
    assert "\r" not in shown.replace("\r\n", "")
    shown.encode()


@given(st.text(st.characters()))
def test_stored_text_can_be_encoded_and_keeps_what_could_be(text: str):
    assert storable(text).encode().decode() == storable(text)
    assert len(storable(text)) == len(text)


@given(st.text())
def test_a_message_is_one_line(text: str):
    assert len(one_line(text).splitlines()) <= 1
