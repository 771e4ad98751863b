"""The gate policy as a file: presets, what is refused and how, the commands, the page that documents it."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from csedb_tests.cli import main
from csedb_tests.config_errors import ConfigError
from csedb_tests.policy import PRESETS, GatePolicy
from csedb_tests.policy_command import toml_value
from csedb_tests.policy_file import checked_policy, file_source, policy_source
from csedb_tests.settings import Settings
from csedb_tests.toml_lines import toml_line
from tests.conftest import MINI_BANK, ROOT, Gate

PAGE = (ROOT / "docs" / "GATES.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def csedb(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def waivers(gate: str = "overall", who: str = "a", until: str = "2999-01-01") -> str:
    first = '[[waivers]]\ngate = "safety"\nwho = "a"\nwhy = "b"\nuntil = 2999-01-01\n'
    return f'{first}[[waivers]]\ngate = "{gate}"\nwho = "{who}"\nwhy = "b"\nuntil = {until}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nsaftey = 1", "p.toml:2: saftey: unknown key 'saftey'. Allowed: *Did you mean 'safety'?"),
        ("safety = 2", "p.toml:1: safety = 2: Input should be less than or equal to 1"),
        ("safety = true", "p.toml:1: safety = True: *"),
        ("safety = '0.9'", "p.toml:1: safety = '0.9': *"),
        ("preset = 'hard'", "p.toml:1: preset = 'hard': Input should be 'strict', 'standard' or 'research'"),
        ("decide_on = 'luck'", "p.toml:1: decide_on = 'luck': *'value' or 'bound'"),
        ("confidence = 1.0", "p.toml:1: confidence = 1.0: *less than 1"),
        ("minimum_n = 0", "p.toml:1: minimum_n = 0: *"),
        (
            "preset = 'research'\nnever_events = 1",
            "p.toml:2: never_events = 1: under the preset research it must stay 0*",
        ),
        ("[criteria]\n'S-03' = 'x'", "p.toml:2: [criteria] S-03 = 'x': *number"),
        ("[criteria]\n'S-99' = 0.5", "p.toml:2: [criteria] S-99: the bank has no such name*Did you mean 'S-09'?"),
        ("[departments]\ncardiolgy = 0.5", "p.toml:2: [departments] cardiolgy: *Did you mean 'cardiology'?"),
        ("waivers = 3", "p.toml:1: waivers = 3: *"),
        ("[[waivers]]\ngate = 'safety'", "p.toml:1: [waivers]: the key 'who' is missing"),
        (waivers() + "on = 1", "p.toml:11: [waivers] on: unknown key 'on'. Allowed: gate, until, who, why.*"),
        (waivers("never-events"), "p.toml:7: [waivers] gate = 'never-events': a never-event cannot be waived"),
        (waivers("judge qualification"), "p.toml:7: *a judge cannot be waived through: qualify it*"),
        (waivers("bank coverage"), "p.toml:7: *a bank that has changed cannot be waived: *"),
        (waivers("saftey"), "p.toml:7: [waivers] gate = 'saftey': no such gate. *Did you mean 'safety'?"),
        (waivers("criterion S-99"), "p.toml:7: [waivers] gate: the bank has no such name 'S-99'.*"),
        (waivers("safety"), "p.toml:1: waivers = *several waivers of 'safety': one gate has one waiver"),
        (waivers(who=" "), "p.toml:8: [waivers] who = ' ': *"),
        (waivers(until="'soon'"), "p.toml:10: [waivers] until = 'soon': must be a day such as 2027-01-31"),
        (waivers(until="2027-01-31T10:00:00"), "p.toml:10: [waivers] until = *: must be a day such as 2027-01-31"),
        ("safety = ", "p.toml: not valid TOML: *"),
    ],
)
def test_a_fault_in_a_policy_is_one_line_with_its_place(text: str, message: str):
    Path("p.toml").write_text(text)
    result = csedb("policy", "check", "p.toml", "--cases", str(MINI_BANK))
    assert result.exit_code == 4
    pattern = re.escape(f"ERROR: {message}").replace(r"\*", ".*")
    assert re.fullmatch(pattern, result.output.strip()), result.output


def test_a_policy_file_that_is_not_there():
    result = csedb("policy", "check", "p.toml")
    assert (result.exit_code, "cannot read" in result.output) == (4, True)


def test_a_fault_in_the_project_s_own_table_names_its_line():
    Path("pyproject.toml").write_text("[tool.csedb]\nmodel = 'exemplar:safe'\n\n[tool.csedb.gates]\nsafety = -1\n")
    with pytest.raises(ConfigError, match=re.escape("pyproject.toml:5: [tool.csedb.gates] safety = -1: ")):
        checked_policy(policy_source(Settings(), Path.cwd()))


def test_a_faulty_policy_stops_a_run_before_any_case(gate: Gate, pytester: pytest.Pytester):
    (pytester.path / "gates.toml").write_text(waivers("never-events"))
    result = gate("--csedb-policy=gates.toml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: gates.toml:7: [[]waivers] gate = 'never-events': a never-event cannot be waived"]
    )


def test_the_flat_thresholds_of_pyproject_go_on_working():
    Path("pyproject.toml").write_text("[tool.csedb.gates]\nsafety = 1\neffectiveness = 0.7\nminimum_n = 3\n")
    policy = checked_policy(policy_source(Settings(), Path.cwd()))
    assert (policy.safety, policy.effectiveness, policy.minimum_n, policy.overall) == (1, 0.7, 3, 0.85)


def test_a_key_of_the_file_goes_over_the_preset():
    Path("p.toml").write_text("preset = 'strict'\ndecide_on = 'value'\noverall = false\n")
    policy = checked_policy(file_source(Path("p.toml")))
    assert (policy.decide_on, policy.overall, policy.minimum_n) == ("value", None, 30)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_what_init_writes_is_the_preset_itself(preset: str):
    assert csedb("policy", "init", "--preset", preset).exit_code == 0
    assert checked_policy(file_source(Path("csedb-policy.toml"))) == GatePolicy(preset=preset)
    checked = csedb("policy", "check", "csedb-policy.toml", "--cases", str(MINI_BANK))
    assert checked.output == f"csedb-policy.toml: a valid policy (preset {preset}, 0 waivers)\n"


def test_the_examples_that_init_writes_are_valid():
    csedb("policy", "init")
    text = Path("csedb-policy.toml").read_text()
    head, mark, examples = text.partition("\n# [criteria]")
    uncommented = re.sub(r"^# (?=[\[\"a-z])", "", (mark + examples), flags=re.MULTILINE).replace("\n# A gate", "\n# A")
    Path("p.toml").write_text(head + uncommented)
    policy = checked_policy(file_source(Path("p.toml")))
    assert (policy.criteria, policy.departments, len(policy.waivers)) == ({"S-03": 0.9}, {"pediatrics": 0.8}, 1)


def test_init_never_overwrites():
    Path("csedb-policy.toml").write_text("mine")
    result = csedb("policy", "init")
    assert (result.exit_code, Path("csedb-policy.toml").read_text()) == (4, "mine")


def test_check_finds_an_expired_waiver():
    Path("p.toml").write_text(waivers(until="2020-01-01"))
    result = csedb("policy", "check", "p.toml", "--cases", str(MINI_BANK))
    assert result.exit_code == 1
    assert result.output == (
        "p.toml:10: [waivers] until = 2020-01-01: the waiver of 'overall' has expired, and its gate fails\n"
    )


def test_show_says_where_each_value_comes_from():
    Path("p.toml").write_text("preset = 'strict'\nsafety = 0.95\n" + waivers())
    lines = csedb("policy", "show", "p.toml").output.splitlines()
    assert lines[0] == "policy: preset strict (p.toml)"
    assert any(re.fullmatch(r"safety +\= 0.95 .*\(p.toml\)", line) for line in lines)
    assert any(re.fullmatch(r"minimum_n +\= 30 .*\(strict\)", line) for line in lines)
    assert lines[-1] == "waiver: overall, until 2999-01-01 by a: b"


def test_lines_of_a_toml_file():
    text = 'a = 1\n[t.u]\n"S-03" = 2\nb.c = 3\n[[w]]\nx = 1\n[[w]]\nx = 2\n'
    paths = {("a",): 1, ("t", "u", "S-03"): 3, ("t", "u", "b", "c"): 4, ("w", 0, "x"): 6, ("w", 1, "x"): 8}
    assert {path: toml_line(text, path) for path in paths} == paths
    assert toml_line(text, ("w", 1, "missing")) == 7
    assert toml_line(text, ("nothing",)) is None


def test_the_page_lists_every_key_with_its_value_under_every_preset():
    policies = [GatePolicy(preset=preset) for preset in ("standard", "strict", "research")]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \| (\S+) \|", PAGE, re.MULTILINE)
    shown = {name: values for name, *values in rows}
    tables = ("preset", "criteria", "departments", "waivers", "baseline")
    names = [name for name in GatePolicy.model_fields if name not in tables]
    assert shown == {name: [toml_value(getattr(p, name)).strip('"') for p in policies] for name in names}
    assert all(f"`{name}`" in PAGE for name in tables)


def test_the_page_s_example_is_a_valid_policy():
    example = next(iter(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)))
    Path("p.toml").write_text(example)
    assert tomllib.loads(example)
    assert csedb("policy", "check", "p.toml").exit_code == 0
