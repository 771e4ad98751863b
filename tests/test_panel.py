"""A panel of judges: majorities, ties, jurors that fail, and nothing that hangs on the order of names."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.cli import main
from csedb_tests.config_errors import ConfigError
from csedb_tests.endpoint import Endpoint
from csedb_tests.failures import CallFailure
from csedb_tests.judges.base import Judge, Judgement
from csedb_tests.judges.llm import EndpointClient, LLMJudge
from csedb_tests.judges.panel import make_panel, name_of
from csedb_tests.settings import load_settings
from csedb_tests.sources import build_judge
from csedb_tests.verdict import VERDICT_VALUES, Verdict
from tests.conftest import Gate
from tests.jurors import (
    CASES,
    VERAPAMIL,
    Jury,
    babbling,
    broken,
    gullible,
    only_sample,
    panel,
    run_of,
    verdict_on,
)
from tests.loopback import LoopbackServer, Reply, Seen

# Votes and majorities


@pytest.mark.parametrize(
    ("votes", "value"),
    [
        (("met", "met"), "met"),
        (("met", "not_met"), "cannot_tell"),
        (("met", "met", "not_met"), "met"),
        (("not_met", "met", "not_met"), "not_met"),
        (("met", "met", "cannot_tell"), "met"),
        (("met", "not_met", "cannot_tell"), "cannot_tell"),
        (("cannot_tell", "cannot_tell", "met"), "cannot_tell"),
        (("met", "met", "met", "not_met", "not_met"), "met"),
        (("met", "met", "not_met", "not_met", "cannot_tell"), "cannot_tell"),
        (("met", "met", "not_met", "not_met"), "cannot_tell"),
    ],
)
def test_a_strict_majority_decides_and_a_tie_decides_nothing(tmp_path: Path, votes: tuple[str, ...], value: str):
    jury = Jury({f"j{i}": {"alternative": vote} for i, vote in enumerate(votes)})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel(*jury.jurors))
    assert verdict_on(record, "alternative").value == value
    assert verdict_on(record, "withhold-verapamil").value == "met"
    case = record.cases[0]
    assert (case.status == "error") == (value == "cannot_tell")
    assert [v.value for b in only_sample(record).ballots for v in b.verdicts if v.statement == "alternative"] == list(
        votes
    )


def test_a_tie_is_unscored_and_says_how_the_votes_fell(tmp_path: Path):
    jury = Jury({"a": {"alternative": "met"}, "b": {"alternative": "not_met"}})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel("a", "b"))
    assert "alternative: no majority of 2 jurors (1 met, 1 not_met)" in record.cases[0].error
    assert record.exit_code == 12


def test_a_met_verdict_of_a_panel_keeps_a_quote_of_the_majority(tmp_path: Path):
    jury = Jury({"a": {}, "b": {"withhold-verapamil": "not_met"}, "c": {}})
    with LoopbackServer(jury) as server:
        found = verdict_on(run_of(tmp_path, server.url, panel("a", "b", "c")), "withhold-verapamil")
    assert found.value == "met"
    assert found.quote
    assert found.reason == "2 of 3 jurors: by pattern"


Ballots = st.lists(st.none() | st.sampled_from(VERDICT_VALUES), min_size=2, max_size=7)


def convened(votes: Sequence[str | None]) -> Judgement:
    """The judgement of a panel whose jurors give these verdicts on every statement, None being a failed call."""
    jurors = [LLMJudge(EndpointClient(f"j{i}", Endpoint("http://localhost/v1"))) for i in range(len(votes))]
    by_name = {name_of(juror): vote for juror, vote in zip(jurors, votes, strict=True)}

    async def ask(juror: Judge) -> Judgement:
        vote = by_name[name_of(juror)]
        if vote is None:
            raise CallFailure("no reply")
        return Judgement(tuple(Verdict(s.id, vote) for s in CASES[0].statements))  # type: ignore[arg-type]

    return asyncio.run(make_panel(jurors[::-1]).convene(CASES[0], ask))


@given(Ballots)
def test_a_verdict_needs_more_than_half_of_those_who_answered_and_these_more_than_half_of_the_panel(votes):
    judgement, answered = convened(votes), [vote for vote in votes if vote is not None]
    if 2 * len(answered) <= len(votes):
        assert judgement.verdicts == ()
        assert f"{len(answered)} of {len(votes)} jurors gave verdicts" in judgement.error
        return
    winners = [value for value, count in Counter(answered).items() if 2 * count > len(answered)]
    assert {verdict.value for verdict in judgement.verdicts} == set(winners or ["cannot_tell"])
    assert len(judgement.verdicts) == len(CASES[0].statements)


@given(Ballots, st.randoms(use_true_random=False))
def test_the_order_of_votes_changes_no_verdict(votes, chance):
    shuffled = list(votes)
    chance.shuffle(shuffled)
    assert [v.value for v in convened(votes).verdicts] == [v.value for v in convened(shuffled).verdicts]


# Jurors that fail


@pytest.mark.parametrize(
    ("failing", "reason"),
    [(broken, "HTTP 500"), (babbling, "not JSON"), (gullible, "canary")],
    ids=["transport", "unparseable", "canary"],
)
def test_a_failed_juror_makes_the_panel_smaller_and_that_is_seen(tmp_path: Path, failing, reason):
    jury = Jury({"a": {}, "b": failing, "c": {}})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
    ballots = {ballot.juror.split()[0]: ballot for ballot in only_sample(record).ballots}
    assert reason in ballots["openai:b"].error
    assert ballots["openai:a"].verdicts
    assert record.cases[0].status == "passed"
    found = record.judging.panel
    assert found is not None
    assert (found.answers, found.reduced, found.lost) == (1, 1, 0)
    assert [(juror.juror.split()[0], juror.failed) for juror in found.jurors] == [
        ("openai:a", 0),
        ("openai:b", 1),
        ("openai:c", 0),
    ]


def test_of_a_smaller_panel_both_must_agree(tmp_path: Path):
    jury = Jury({"a": {}, "b": broken, "c": {"alternative": "not_met"}})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
    assert verdict_on(record, "alternative").value == "cannot_tell"
    assert record.cases[0].status == "error"


@pytest.mark.parametrize(
    ("jurors", "reason"),
    [
        ({"a": {}, "b": broken}, "1 of 2 jurors gave verdicts, 2 are needed (openai:b at "),
        ({"a": {}, "b": broken, "c": babbling}, "1 of 3 jurors gave verdicts, 2 are needed (openai:b at "),
        ({"a": {}, "b": {}, "c": broken, "d": broken}, "2 of 4 jurors gave verdicts, 3 are needed (openai:c at "),
        ({"a": broken, "b": broken, "c": broken}, "0 of 3 jurors gave verdicts, 2 are needed (openai:a at "),
    ],
    ids=["1 of 2", "1 of 3", "2 of 4", "0 of 3"],
)
def test_too_few_jurors_leave_the_case_unscored_and_name_who_failed(tmp_path: Path, jurors, reason):
    with LoopbackServer(Jury(jurors)) as server:
        record = run_of(tmp_path, server.url, panel(*jurors))
    assert record.cases[0].status == "error"
    assert record.cases[0].error.startswith(reason)
    assert only_sample(record).verdicts == ()
    assert record.judging.panel is not None
    assert (record.judging.panel.reduced, record.judging.panel.lost) == (0, 1)


def test_a_refused_key_of_one_juror_stops_the_run_and_loses_no_other_verdict(tmp_path: Path):
    def refuse(seen: Seen) -> Reply:
        return Reply({"error": "bad key"}, 401)

    jury = Jury({"a": {}, "b": refuse, "c": {}})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
        assert "refuses the API key" in record.problems[0]
        assert record.cases[0].status == "error"
        jury.jurors["b"] = {}
        jury.asked.clear()
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
    assert record.cases[0].status == "passed"
    assert jury.asked == ["b"]


def test_a_spent_budget_is_no_failed_juror(tmp_path: Path):
    with LoopbackServer(Jury({"a": {}, "b": {}, "c": {}})) as server:
        record = run_of(tmp_path, server.url, panel("a", "b", "c"), budget="2 calls", concurrency=1)
    assert record.cases[0].ran is False
    assert "budget" in record.cases[0].error
    assert record.judging.panel is None


# Nothing paid for is lost


def test_a_second_run_asks_nobody_whatever_the_order_of_names(tmp_path: Path):
    jury = Jury({"a": {}, "b": {"alternative": "not_met"}, "c": {}})
    with LoopbackServer(jury) as server:
        first = run_of(tmp_path, server.url, panel("a", "b", "c"))
        assert sorted(jury.asked) == ["a", "b", "c"]
        again = run_of(tmp_path, server.url, "panel:openai:c,openai:a,openai:b")
        assert sorted(jury.asked) == ["a", "b", "c"]
    assert again.cases == first.cases
    assert again.identity.judge == first.identity.judge


def test_a_juror_added_later_is_the_only_one_asked(tmp_path: Path):
    jury = Jury({"a": {}, "b": {}, "c": {"alternative": "not_met"}})
    with LoopbackServer(jury) as server:
        run_of(tmp_path, server.url, "openai:a")
        run_of(tmp_path, server.url, panel("a", "b"))
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
    assert jury.asked == ["a", "b", "c"]
    assert verdict_on(record, "alternative").value == "met"


def test_only_the_juror_that_failed_is_asked_again(tmp_path: Path):
    jury = Jury({"a": {}, "b": broken, "c": broken})
    with LoopbackServer(jury) as server:
        assert run_of(tmp_path, server.url, panel("a", "b", "c")).cases[0].status == "error"
        jury.jurors["b"] = {}
        jury.asked.clear()
        assert run_of(tmp_path, server.url, panel("a", "b", "c")).cases[0].status == "passed"
    assert sorted(jury.asked) == ["b", "c"]


def test_offline_the_stored_verdicts_of_a_majority_are_enough(gate: Gate):
    jury = Jury({"a": {}, "b": {}, "c": {}})
    with LoopbackServer(jury) as server:
        options = [f"--csedb-judge-base-url={server.url}"]
        gate(*options, "--csedb-judge=panel:openai:a,openai:b", "-k", VERAPAMIL)
        result = gate(*options, "--csedb-judge=panel:openai:a,openai:b,openai:c", "-k", VERAPAMIL, "--csedb-offline")
    assert result.ret == 0
    assert jury.asked == ["a", "b"]
    result.stdout.fnmatch_lines(["*1 judged by a REDUCED panel", "*offline, and the store holds no verdict of 127*"])


# The figures of a run


def test_agreement_is_counted_by_juror_by_pair_and_over_all(tmp_path: Path):
    """Three statements: a says met, met, not; b met, not, not; c met, met, met (majority: met, met, not).

    a and b agree on 2 of 3: expected (2/3 x 1/3 + 1/3 x 2/3) = 4/9, kappa (6/9 - 4/9) / (5/9) = 0.4.
    a and c agree on 2 of 3: expected 2/3 x 1 + 1/3 x 0 = 2/3, kappa 0. b and c: observed 1/3 = expected, kappa 0.
    Fleiss: rows (3, 0), (2, 1), (1, 2): observed (1 + 1/3 + 1/3) / 3 = 5/9; shares 2/3 and 1/3, expected 5/9: kappa 0.
    """
    jury = Jury({"a": {}, "b": {"alternative": "not_met"}, "c": {"gives-verapamil": "met"}})
    with LoopbackServer(jury) as server:
        record = run_of(tmp_path, server.url, panel("a", "b", "c"))
    found = record.judging.panel
    assert found is not None
    assert [(juror.equal, juror.compared) for juror in found.jurors] == [(3, 3), (2, 3), (2, 3)]
    assert [(pair.equal, pair.compared) for pair in found.pairs] == [(2, 3), (2, 3), (1, 3)]
    assert [pair.kappa for pair in found.pairs] == pytest.approx([0.4, 0.0, 0.0])
    assert found.kappa == pytest.approx(0.0)
    assert (found.verdicts, found.split) == (3, 0)


# From the command line to the reports


def options(url: str, *names: str) -> list[str]:
    return [f"--csedb-judge-base-url={url}", "--csedb-retries=0", *(f"--csedb-judge=openai:{name}" for name in names)]


def only_once_good(jury: Jury, case_words: str):
    """A juror that fails on the one case whose question holds ``case_words``."""

    def reply(seen: Seen) -> Reply:
        return broken(seen) if case_words in seen.user else jury._voted(seen, {})

    return reply


def test_a_whole_run_says_who_judged_and_workers_change_nothing(gate: Gate, run_record, pytester: pytest.Pytester):
    jury = Jury({"a": {}, "b": {}, "c": {}})
    jury.jurors["c"] = only_once_good(jury, "verapamil")
    with LoopbackServer(jury) as server:
        result = gate(*options(server.url, "a", "b", "c"))
        record = run_record()
        calls = len(jury.asked)
        gate(*options(server.url, "c", "b", "a"), "-n", "2", "--csedb-fresh")
        with_workers = run_record()
    assert result.ret == 0
    assert calls == 3 * len(CASES)
    assert len(jury.asked) == 2 * calls
    for part in ("cases", "judging", "decision"):
        assert with_workers[part] == record[part]
    of_the_model = [gate for gate in record["gates"] if gate["name"] != "judge qualification"]
    assert [gate for gate in with_workers["gates"] if gate["name"] != "judge qualification"] == of_the_model
    assert with_workers["identity"]["judge"] == record["identity"]["judge"]
    result.stdout.fnmatch_lines(
        [
            "csedb: model exemplar:safe*, judge panel of openai:a at *, openai:b at *, openai:c at *",
            f"csedb: network: 127.0.0.1:{server.port}; *",
            "panel of 3: 6 answers, 1 judged by a REDUCED panel",
            "  openai:c at *: with the panel on * (100.0%); no verdicts on 1 of 6 answers (first: judge: *HTTP 500*",
            "  Fleiss' kappa 1.000 over * verdicts, 0 without a majority",
            "  openai:a at * and openai:b at *: agree on * (100.0%), Cohen's kappa 1.000",
        ]
    )
    reports = pytester.path / "reports" / "run"
    assert "1 judged by a REDUCED panel" in (reports / "summary.md").read_text()
    assert "1 judged by a REDUCED panel" in (reports / "report.html").read_text()


def test_a_divided_panel_shows_the_votes_in_the_case_s_text(gate: Gate):
    jury = Jury({"a": {}, "b": {"withhold-verapamil": "not_met"}, "c": {"withhold-verapamil": "not_met"}, "d": broken})
    with LoopbackServer(jury) as server:
        result = gate(*options(server.url, "a", "b", "c", "d"), "-k", VERAPAMIL)
    result.stdout.fnmatch_lines(
        [
            "VERDICTS",
            "    juror openai:d at * gave no verdicts: *HTTP 500*",
            "    NOT MET  withhold-verapamil: *",
            "        2 of 3 jurors: says b",
            "        votes: openai:a at * met, openai:b at * not_met, openai:c at * not_met",
        ]
    )
    assert result.ret == 10


# Naming the jurors


def settings_from(tmp_path: Path, text: str):
    (tmp_path / "pyproject.toml").write_text(f"[tool.csedb]\n{text}\n")
    return load_settings({}, tmp_path, {})


def test_each_juror_may_have_its_own_address_and_key_and_no_key_goes_elsewhere(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CSEDB_JUDGE_API_KEY", "common-key-0001")
    monkeypatch.setenv("THIRD", "third-key-0003")
    jury = Jury({"a": {}, "b": {}, "c": {}})
    with LoopbackServer(jury) as first, LoopbackServer(jury) as second, LoopbackServer(jury) as third:
        settings = settings_from(
            tmp_path,
            f'judge = ["openai:a", {{ judge = "openai:b", base_url = "{second.url}" }}, '
            f'{{ judge = "openai:c", base_url = "{third.url}", api_key_env = "THIRD" }}]',
        )
        assert settings.judge == f"panel:openai:a,openai:b@{second.url},openai:c@{third.url}#THIRD"
        record = run_of(tmp_path, first.url, None)
        keys = [server.log[0].headers.get("Authorization") for server in (first, second, third)]
    assert record.cases[0].status == "passed"
    assert keys == ["Bearer common-key-0001", None, "Bearer third-key-0003"]
    assert "key" not in json.dumps(record.identity.judge)


def test_the_csedb_command_takes_several_judges_too(tmp_path: Path):
    judges = ["--judge", "openai:a", "--judge", "openai:b"]
    result = CliRunner().invoke(main, ["export", "batch", "--out", "x.jsonl", "--model", "openai:m", *judges])
    assert result.exit_code == 4
    assert "--judge: 'panel:openai:a,openai:b' cannot be asked by batch; only openai:NAME can" in result.output


def test_the_environment_names_a_panel_in_one_text(tmp_path: Path):
    found = load_settings({}, tmp_path, {"CSEDB_JUDGE": "panel:pattern,openai:a,openai:b"})
    assert name_of(build_judge(found, tmp_path, {})).startswith(
        "panel of openai:a at https://api.openai.com/v1, openai:b"
    )


def test_one_judge_in_a_list_is_one_judge(tmp_path: Path):
    assert settings_from(tmp_path, 'judge = ["pattern"]').judge == "pattern"


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (["pattern", "pattern"], "--csedb-judge: 'pattern' is on the panel twice"),
        (["openai:a", "openai:a"], "--csedb-judge: 'openai:a' is on the panel twice"),
        (
            ["openai:a@http://h/v1#A", "openai:a@http://h/v1#B"],
            "--csedb-judge: 'openai:a at http://h/v1' is on the panel",
        ),
        ("panel:openai:a", "--csedb-judge: a panel has 2 to 7 judges, not 1"),
        ([f"openai:{n}" for n in range(8)], "--csedb-judge: a panel has 2 to 7 judges, not 8"),
        ("panel:openai:a,", "--csedb-judge: '' names no known kind of judge"),
        (
            "openai:a,openai:b",
            "--csedb-judge: 'openai:a,openai:b' names several judges: repeat the option, or write panel",
        ),
        (["openai:a", "opnai:b"], "--csedb-judge: 'opnai:b' names no known kind of judge"),
        (
            "openai:a@http://h/v1#sk-secret",
            "--csedb-judge: 'openai:a@http://h/v1#...': what follows # must be the name",
        ),
        ("openai:a@http://u:p@h/v1", "--csedb-judge: the URL must not hold credentials"),
    ],
)
def test_jurors_that_make_no_panel_are_one_clear_line(tmp_path: Path, judge, said: str):
    with pytest.raises(ConfigError) as caught:
        build_judge(load_settings({"judge": judge}, tmp_path, {}), tmp_path, {})
    assert str(caught.value).startswith(said)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("judge = []", "the list names no judge"),
        ("judge = [3]", "judge 1 must be a text or a table"),
        ('judge = [{ judge = "openai:a", base = "x" }]', "judge 1: unknown key 'base'"),
        ('judge = ["pattern", { base_url = "http://h/v1" }]', "judge 2 needs 'judge'"),
        ('judge = [{ judge = "openai:a", api_key_env = "A" }]', "judge 1 needs 'judge', and 'base_url'"),
        ('judge = [{ judge = "openai:a", base_url = 3 }]', "judge 1: base_url must be a text"),
    ],
)
def test_a_list_of_jurors_that_is_wrong_names_file_line_and_place(tmp_path: Path, text: str, said: str):
    with pytest.raises(ConfigError) as caught:
        settings_from(tmp_path, text)
    assert str(caught.value).startswith("pyproject.toml:2: [tool.csedb] judge = ")
    assert said in str(caught.value)


def test_two_recorded_jurors_of_one_name_could_not_be_told_apart(tmp_path: Path):
    line = json.dumps({"case": VERAPAMIL, "verdicts": {}})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "v.jsonl").write_text(line)
    with pytest.raises(ConfigError, match=r"'recorded:v\.jsonl' is on the panel twice"):
        build_judge(load_settings({"judge": "panel:recorded:one/v.jsonl,recorded:two/v.jsonl"}, tmp_path, {}), tmp_path)
