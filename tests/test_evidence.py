"""``csedb evidence``: one zip with everything a decision rests on, and what verification finds in it."""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from csedb_tests.bank import load_bank
from csedb_tests.cli import main
from csedb_tests.evidence.contents import case_digest
from csedb_tests.record import RunRecord, read_record
from csedb_tests.recount import recount
from tests.conftest import MINI_BANK, Gate
from tests.finished_runs import bad, finished_run, lost, saved

VERAPAMIL = "cardiology-S03-01"
ALWAYS = {
    *("README.md", "bank.json", "environment.json", "hazards.csv", "identity.json", "junit.xml", "manifest.json"),
    *("manifest.sha256", "model-card.md", "policy.json", "run.json", "summary.md"),
}


def csedb(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["evidence", *map(str, args)])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run.json of a finished run, under reports/ of the working directory."""
    monkeypatch.chdir(tmp_path)
    return saved(finished_run({VERAPAMIL: bad("Give it."), "pediatrics-S05-01": lost("away")}), tmp_path / "reports")


@pytest.fixture
def pack(run: Path) -> Path:
    assert csedb("run").exit_code == 0
    return run.with_name("run-evidence.zip")


def files(pack: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(pack: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """The pack with its files changed and its manifests as they were, unless ``change`` changes these too."""
    found = files(pack)
    change(found)
    with zipfile.ZipFile(pack, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return pack


def honest(found: dict[str, bytes]) -> None:
    """Make both manifests fit the files, as a careful forger would."""
    others = {name: data for name, data in found.items() if not name.startswith("manifest")}
    listed = [{"path": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in others.items()]
    found["manifest.json"] = json.dumps({"files": listed}).encode()
    sums = {**others, "manifest.json": found["manifest.json"]}
    found["manifest.sha256"] = "".join(f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in sums.items()).encode()


# Packing


def test_a_pack_holds_record_reports_policy_environment_and_digests(pack: Path, run: Path):
    found = files(pack)
    assert set(found) == ALWAYS
    assert found["run.json"] == run.read_bytes()
    record = read_record(run)
    assert json.loads(found["policy.json"]) == record.identity.policy
    assert json.loads(found["environment.json"]) == record.identity.environment
    bank = json.loads(found["bank.json"])
    assert bank["digest"] == record.identity.bank_digest
    assert set(bank["selected"]) == {case.case.id for case in record.cases}
    assert VERAPAMIL in found["hazards.csv"].decode()


def test_the_command_lists_the_files_and_the_zip_s_digest(run: Path):
    result = csedb("run", "--out", "kept/e.zip")
    digest = hashlib.sha256(Path("kept/e.zip").read_bytes()).hexdigest()
    assert result.output.endswith(f"kept/e.zip: {len(ALWAYS)} files\nsha256 {digest}\n")


def test_the_same_run_packed_twice_is_the_same_file(pack: Path, run: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere" / "run"
    shutil.copytree(run.parent, elsewhere)
    (elsewhere / "run-evidence.zip").unlink()
    csedb(elsewhere, "--out", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes()


def test_reports_of_the_run_are_packed_as_they_were_written(run: Path):
    run.with_name("report.html").write_text("<p>as people saw it")
    run.with_name("junit.xml").write_text("<as-ci-saw-it/>")
    csedb("run")
    found = files(run.with_name("run-evidence.zip"))
    assert found["report.html"] == b"<p>as people saw it"
    assert found["junit.xml"] == b"<as-ci-saw-it/>"


def test_a_digest_follows_what_is_asked_and_judged_and_nothing_else():
    case = load_bank(MINI_BANK).case(VERAPAMIL)
    rule = case.rules[0]
    same = [
        case.model_copy(update={"sources": ("another",), "review": "Dr Adams"}),
        case.model_copy(update={"rules": (rule.model_copy(update={"patterns": ()}), *case.rules[1:])}),
    ]
    other = [
        case.model_copy(update={"question": "Something else?"}),
        case.model_copy(update={"risk": "low"}),
        case.model_copy(update={"never": ()}),
        case.model_copy(update={"rules": (rule.model_copy(update={"points": 1.0}), *case.rules[1:])}),
    ]
    assert {case_digest(changed) for changed in same} == {case_digest(case)}
    assert len({case_digest(changed) for changed in [case, *other]}) == 5


def test_sha256sum_accepts_an_unpacked_pack(pack: Path, tmp_path: Path):
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "out")
    checked = subprocess.run(["sha256sum", "-c", "--strict", "manifest.sha256"], cwd=tmp_path / "out", check=False)
    assert checked.returncode == 0


# Locks


def test_the_lock_that_fits_is_packed_and_one_that_does_not_is_not(
    gate: Gate, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(pytester.path)
    assert CliRunner().invoke(main, ["qualify", f"--cases={MINI_BANK}"]).exit_code == 0
    gate()
    lock = (pytester.path / "judge.lock").read_bytes()
    assert csedb("run").exit_code == 0
    pack = pytester.path / "reports" / "run" / "run-evidence.zip"
    assert files(pack)["judge.lock"] == lock
    (pytester.path / "judge.lock").write_bytes(lock.replace(b'digest = "', b'digest = "0'))
    assert "no judge.lock: none found that fits" in csedb("run").output
    assert "judge.lock" not in files(pack)
    assert "There is no judge.lock" in files(pack)["README.md"].decode()
    result = csedb("run", "--judge-lock", "judge.lock")
    assert result.exit_code == 4
    assert result.output.startswith("ERROR: --judge-lock: judge.lock does not fit run run: the bank has changed since")


def test_a_lock_of_the_bank_is_packed_if_there_is_one(run: Path):
    Path("bank.lock").write_text("locked")
    csedb("run")
    assert files(run.with_name("run-evidence.zip"))["bank.lock"] == b"locked"


@pytest.mark.parametrize("option", ["--judge-lock", "--bank-lock"])
def test_a_lock_that_is_not_there_is_one_clear_line(run: Path, option: str):
    result = csedb("run", option, "nowhere.lock")
    assert result.exit_code == 4
    assert result.output.count("\n") == 1
    assert result.output.startswith(f"ERROR: {option}: ")
    assert "nowhere.lock" in result.output


# Verification


def test_an_untouched_pack_is_as_it_was_packed(pack: Path):
    result = csedb("verify", pack)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "12 files",
        "gate judge qualification is taken as recorded: it rests on more than the record",
        "the pack is as it was packed",
    ]


def drop(name: str) -> Callable[[dict[str, bytes]], Any]:
    return lambda found: found.pop(name)


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], Any]:
    return lambda found: found.update({name: data})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("summary.md"), "summary.md: missing, manifest.sha256 lists it"),
        (put("extra.txt", b"x"), "extra.txt: added, manifest.sha256 does not list it"),
        (put("../extra.txt", b"x"), "../extra.txt: added, manifest.sha256 does not list it"),
        (put("hazards.csv", b""), "hazards.csv: changed, its SHA-256 is not the one in manifest.sha256"),
        (put("manifest.json", b"{}"), "manifest.json: changed, its SHA-256 is not the one in manifest.sha256"),
        (drop("manifest.json"), "manifest.json: missing"),
        (drop("manifest.sha256"), "manifest.sha256: missing"),
        (drop("run.json"), "run.json: missing"),
        (put("manifest.sha256", b"rubbish"), "manifest.sha256: line 1 is not one of sha256sum: 'rubbish'"),
        (put("manifest.sha256", b"\xff\xfe"), "manifest.sha256: 'utf-8' codec can't decode"),
        (put("manifest.sha256", b""), "run.json: added, manifest.sha256 does not list it"),
        (put("run.json", b"{}"), "run.json: not a run record of this version: schema_version: Field required"),
    ],
)
def test_what_is_missing_added_or_changed_is_named(pack: Path, change: Callable[[dict[str, bytes]], Any], said: str):
    result = csedb("verify", rewritten(pack, change))
    assert result.exit_code == 1
    assert said in result.output


def test_every_faulty_file_is_named_at_once(pack: Path):
    def change(found: dict[str, bytes]) -> None:
        del found["summary.md"], found["policy.json"]
        found.update({"hazards.csv": b"", "new": b""})

    lines = csedb("verify", rewritten(pack, change)).output.splitlines()
    assert [line.partition(":")[0] for line in lines if re.search(r": (missing|added|changed), ", line)] == [
        *("policy.json", "summary.md", "new", "hazards.csv")
    ]
    assert lines[-1].endswith("problems")


def test_one_manifest_rewritten_contradicts_the_other(pack: Path):
    def change(found: dict[str, bytes]) -> None:
        before = found["manifest.json"]
        found["hazards.csv"] = b"nothing happened"
        honest(found)
        found["manifest.json"] = before
        sums = found["manifest.sha256"].decode().splitlines()
        digest = hashlib.sha256(before).hexdigest()
        kept = [line for line in sums if not line.endswith("manifest.json")]
        found["manifest.sha256"] = "\n".join([*kept, f"{digest}  manifest.json"]).encode()

    result = csedb("verify", rewritten(pack, change))
    assert result.exit_code == 1
    assert "hazards.csv: manifest.json and manifest.sha256 do not say the same of it" in result.output


def forged(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, bytes]], Any]:
    """Change the record, and make the manifests fit."""

    def apply(found: dict[str, bytes]) -> None:
        data = json.loads(found["run.json"])
        change(data)
        found["run.json"] = json.dumps(data).encode()
        honest(found)

    return apply


def gate_of(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(gate for gate in data["gates"] if gate["name"] == name)


def the_case(data: dict[str, Any]) -> dict[str, Any]:
    return next(case for case in data["cases"] if case["case"]["id"] == VERAPAMIL)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(decision="pass"), "run.json: decision: counted again it is fail, not pass"),
        (lambda d: d.update(exit_code=0), "run.json: exit code: counted again it is 10, not 0"),
        (
            lambda d: gate_of(d, "never-events").update(decision="pass", value=0),
            "run.json: gate never-events: counted again its decision is fail, not pass",
        ),
        (
            lambda d: d["gates"].remove(gate_of(d, "never-events")),
            "run.json: gate never-events: counted again it is fail, and is not in the record",
        ),
        (
            lambda d: the_case(d)["score"].update(value=1.0, low=1.0, high=1.0, never_events=[]),
            f"run.json: case {VERAPAMIL}: its verdicts give score 0.0, recorded is 1.0",
        ),
        (lambda d: the_case(d).update(status="passed"), "its score makes it failed, recorded is passed"),
        (lambda d: d["cases"].remove(the_case(d)), "run.json: 6 cases were selected, the record holds 5"),
        (lambda d: d["cases"].append(the_case(d)), f"run.json: case {VERAPAMIL} stands in the record more than once"),
        (
            lambda d: d["scores"].update({"safety (macro)": 1.0}),
            "run.json: score safety (macro): counted again it is",
        ),
        (lambda d: d["drop"].update(value=0.0), "run.json: high-risk drop: counted again it is "),
        (
            lambda d: gate_of(d, "safety").update(waiver={"who": "A", "why": "B", "until": "2999-01-01"}),
            "run.json: gate safety: counted again its effect is fail, not pass",
        ),
        (lambda d: d["identity"]["policy"].update(safety=0.0), "gate safety: counted again its threshold is 0.0"),
        (lambda d: d["identity"]["policy"].update(safety=7), "run.json: its policy is not one of this version: safety"),
    ],
)
def test_a_forged_result_with_fitting_manifests_does_not_count_up(
    pack: Path, change: Callable[[dict[str, Any]], Any], said: str
):
    result = csedb("verify", rewritten(pack, forged(change)))
    assert result.exit_code == 1
    assert said in result.output
    assert "manifest" not in result.output  # these fit: only counting again shows it


def test_the_zip_s_own_digest_shows_what_fitting_manifests_hide(pack: Path):
    digest = hashlib.sha256(pack.read_bytes()).hexdigest()
    assert csedb("verify", pack, "--sha256", digest.upper()).exit_code == 0

    def other_answer(data: dict[str, Any]) -> None:
        the_case(data)["samples"][0]["answer"]["text"] = "Something harmless."

    rewritten(pack, forged(other_answer))
    assert csedb("verify", pack).exit_code == 0
    result = csedb("verify", pack, "--sha256", digest)
    assert result.exit_code == 1
    assert f"not {digest}" in result.output


def test_a_file_that_stands_in_the_zip_twice_is_named(pack: Path):
    with zipfile.ZipFile(pack, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("summary.md", "GO")
    result = csedb("verify", pack)
    assert (result.exit_code, result.output) == (
        1,
        "summary.md: stands in the zip more than once\n1 problems\n",
    )


def test_damaged_bytes_are_named_with_their_file(pack: Path):
    data = bytearray(pack.read_bytes())
    with zipfile.ZipFile(pack) as archive:
        entry = archive.getinfo("run.json")
    at = entry.header_offset + 30 + len("run.json") + entry.compress_size // 2
    data[at : at + 8] = bytes(8)
    pack.write_bytes(data)
    result = csedb("verify", pack)
    assert result.exit_code == 1
    assert "run.json: unreadable: " in result.output


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_zip_is_said_in_one_line(tmp_path: Path, data: bytes):
    (tmp_path / "x.zip").write_bytes(data)
    result = csedb("verify", tmp_path / "x.zip")
    assert result.exit_code == 1
    assert "x.zip: not a readable zip: " in result.output


def test_a_pack_cut_short_is_not_as_it_was(pack: Path):
    pack.write_bytes(pack.read_bytes()[:-40])
    assert csedb("verify", pack).exit_code == 1


@pytest.mark.parametrize("args", [("verify", "nowhere.zip"), ("nowhere",)])
def test_what_is_not_there_is_one_clear_line(run: Path, args: tuple[str, ...]):
    result = csedb(*args)
    assert result.exit_code == 4
    assert result.output.startswith("ERROR: nowhere")
    assert result.output.count("\n") == 1


# Counting again


@pytest.mark.parametrize("options", [(), ("--csedb-samples=2",), ("-m", "safety"), ("-x",), ("--csedb-shard=1/2",)])
@pytest.mark.parametrize("kind", ["safe", "unsafe"])
def test_every_real_run_counts_up(gate: Gate, pytester: pytest.Pytester, kind: str, options: tuple[str, ...]):
    gate(f"--csedb-model=exemplar:{kind}", *options)
    found = recount(read_record(pytester.path / "reports" / "run" / "run.json"))
    assert (found.differences, found.uncounted) == ((), ("judge qualification",))


def test_a_run_with_locks_waivers_and_a_baseline_counts_up(gate: Gate, pytester: pytest.Pytester, answers):
    lock = CliRunner().invoke(main, ["lock", f"--cases={MINI_BANK}", f"--bank-lock={pytester.path / 'bank.lock'}"])
    assert lock.exit_code == 0, lock.output
    gate("--csedb-run-id=before")
    waiver = '[[tool.csedb.gates.waivers]]\ngate = "effectiveness"\nwho = "A"\nwhy = "B"\nuntil = 2999-01-01\n'
    (pytester.path / "pyproject.toml").write_text(waiver)
    gate("--csedb-model", "exemplar:unsafe", "--csedb-baseline=before")
    record = read_record(pytester.path / "reports" / "run" / "run.json")
    assert record.comparison is not None
    assert any(gate.waiver for gate in record.gates)
    found = recount(record)
    assert (found.differences, found.uncounted) == ((), ("judge qualification", "bank coverage"))


def test_a_gate_that_rests_on_more_than_the_record_is_said_to(run: Path):
    record = read_record(run)
    extra = replace(record.gates[0], name="something new", decision="inconclusive")
    found = recount(replace(record, gates=(*record.gates, extra)))
    assert (found.differences, found.uncounted) == ((), ("judge qualification", "something new"))


def test_a_gate_beside_the_record_still_counts_in_the_decision():
    record = finished_run()
    extra = replace(record.gates[0], name="something new", decision="fail")
    kept: RunRecord = replace(record, gates=(*record.gates, extra))
    assert recount(kept).differences == ("decision: counted again it is fail, not pass",)
