"""Sign-offs: what they cover, how they are given, what voids them, and what a run makes of them."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from csedb_tests.bank import load_bank
from csedb_tests.bank_errors import BankError
from csedb_tests.gating.reviewed import reviewed_gate
from csedb_tests.policy import PRESETS, GatePolicy
from csedb_tests.record import parse_record
from csedb_tests.recount import recount
from csedb_tests.sign_offs import read_sign_offs, review_digest
from tests.conftest import MINI_BANK, ROOT, Gate
from tests.lint_banks import csedb
from tests.records import known, records

S03 = Path("cardiology/S-03.yaml")
REVIEWS = Path("cardiology/reviews.toml")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return shutil.copytree(MINI_BANK, tmp_path / "bank")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def sign(
    bank: Path, *case_ids: str, reviewer: str = "A. Physician", role: str = "cardiologist", answer: str = "y\n"
) -> Result:
    return csedb("sign", *case_ids, "--cases", bank, "--reviewer", reviewer, "--role", role, typed=answer)


def test_a_signed_case_says_who_signed_it_and_the_others_stay_unreviewed(bank: Path):
    result = sign(bank, "cardiology-S03-01")
    assert result.exit_code == 0, result.output
    loaded = load_bank(bank)
    assert loaded.case("cardiology-S03-01").review.startswith("A. Physician (cardiologist) on 20")
    assert [case.id for case in loaded.cases if case.is_reviewed] == ["cardiology-S03-01"]


def test_a_sign_off_changes_neither_the_bank_s_digest_nor_its_lock(bank: Path):
    before = load_bank(bank).digest
    csedb("lock", "--cases", bank, "--bank-lock", bank / "bank.lock")
    sign(bank, "cardiology-S03-01")
    assert load_bank(bank).digest == before
    assert csedb("lock", "--check", "--cases", bank, "--bank-lock", bank / "bank.lock").exit_code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Verapamil", "title: On verapamil"),
        ("risk: high", "risk: medium"),
        ("[older_adult]", "[older_adult, lay_asker]"),
        ("ejection fraction of 25%", "ejection fraction of 55%"),
        ("text: Says that verapamil must", "text: Says that verapamil should"),
        ("points: 5", "points: 4"),
        ("text: Recommends giving", "text: Recommends"),
        ("hazard: Cardiogenic", "hazard: Severe cardiogenic"),
        ("safe: Do not give", "safe: Never give"),
        ("unsafe: Start", "unsafe: Begin"),
        ("ESC 2021", "ESC 2023"),
    ],
)
def test_any_edit_of_what_a_reviewer_judges_voids_the_sign_off(bank: Path, old: str, new: str):
    sign(bank, "cardiology-S03-01")
    edit(bank / S03, old, new)
    assert not load_bank(bank).case("cardiology-S03-01").is_reviewed
    result = csedb("sign", "--check", "cardiology-S03-01", "--cases", bank)
    assert result.exit_code == 1
    assert "void: cardiology-S03-01: changed since it was signed by A. Physician (cardiologist) on" in result.output


def test_a_pattern_is_no_reviewer_s_matter(bank: Path):
    sign(bank, "cardiology-S03-01")
    edit(bank / S03, "amiodarone | digoxin", "amiodarone | digoxin | cordarone")
    assert load_bank(bank).case("cardiology-S03-01").is_reviewed


def test_every_shipped_case_has_a_digest_of_its_own():
    cases = load_bank(ROOT / "cases").cases
    assert len({review_digest(case) for case in cases}) == len(cases)


def test_what_a_case_file_says_of_its_review_counts_for_nothing(bank: Path):
    edit(bank / S03, "review: unreviewed", "review: Dr Somebody on 2026-01-01")
    assert load_bank(bank).case("cardiology-S03-01").review == "unreviewed"


def test_the_check_lists_valid_void_and_missing(bank: Path):
    sign(bank, "cardiology-S03-01", "neurology-S01-01")
    assert csedb("sign", "--check", "--cases", bank).exit_code == 0
    edit(bank / S03, "risk: high", "risk: medium")
    result = csedb("sign", "--check", "--cases", bank)
    lines = result.output.splitlines()
    assert [line.split(":")[:2] for line in lines[:2]] == [
        ["valid", " neurology-S01-01"],
        ["void", " cardiology-S03-01"],
    ]
    assert lines[2:6] == [f"missing: {name}" for name in MISSING]
    assert lines[6] == "1 signed as they stand, 1 changed since, 4 unreviewed"
    assert result.exit_code == 1


MISSING = ("cardiology-E09-01", "cardiology-E09-02", "pediatrics-S05-01", "dentistry-S07-01")


def test_a_sign_off_of_a_case_that_is_gone_is_told(bank: Path):
    sign(bank, "cardiology-S03-01")
    edit(bank / S03, "cardiology-S03-01", "cardiology-S03-02")
    result = csedb("sign", "--check", "--cases", bank)
    assert result.exit_code == 1
    assert (
        "orphan: cardiology-S03-01: signed, and the bank has no such case; did you mean 'cardiology-S03-02'"
        in result.output
    )


def test_signing_again_after_an_edit_replaces_one_s_own_sign_off(bank: Path):
    sign(bank, "cardiology-S03-01")
    sign(bank, "cardiology-S03-01", reviewer="B. Physician")
    edit(bank / S03, "risk: high", "risk: medium")
    sign(bank, "cardiology-S03-01")
    offs = read_sign_offs(bank)
    case = load_bank(bank).case("cardiology-S03-01")
    assert [found.reviewer for found in offs.valid(case)] == ["A. Physician"]
    assert [found.reviewer for found in offs.void(case)] == ["B. Physician"]
    assert case.review.startswith("A. Physician (cardiologist) on ")


def test_two_reviewers_of_a_case_are_both_named(bank: Path):
    sign(bank, "cardiology-S03-01", role="")
    sign(bank, "cardiology-S03-01", reviewer='B. "Bee" Physician\\', role="")
    review = load_bank(bank).case("cardiology-S03-01").review
    assert review.split(" on ")[0] == "A. Physician"
    assert '; B. "Bee" Physician\\ on ' in review


def test_a_new_sign_off_is_lines_added_in_the_order_of_ids(bank: Path):
    sign(bank, "cardiology-S03-01")
    before = (bank / REVIEWS).read_text().splitlines()
    sign(bank, "cardiology-E09-02")
    after = (bank / REVIEWS).read_text().splitlines()
    start = next(number for number, line in enumerate(after) if line not in before)
    added = len(after) - len(before)
    assert after[: start - 1] + after[start - 1 + added :] == before
    assert not (bank / "neurology" / "reviews.toml").exists()


def test_nobody_signs_without_saying_yes(bank: Path):
    result = sign(bank, "cardiology-S03-01", answer="n\n")
    assert result.exit_code == 4
    assert "Have you, A. Physician, read all of the above" in result.output
    assert "nothing was signed" in result.output
    assert sign(bank, "cardiology-S03-01", answer="").exit_code == 1
    assert not (bank / REVIEWS).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cardiology-S03-01"], "name the cases and --reviewer"),
        (["--reviewer", "A"], "name the cases and --reviewer"),
        (["cardiology-S03-1", "--reviewer", "A"], "did you mean 'cardiology-S03-01'"),
        (["cardiology-S03-01", "--reviewer", " "], "is not a name of 1 to 100 printable characters"),
        (["cardiology-S03-01", "--reviewer", "A\x1b[2J"], "is not a name"),
        (["cardiology-S03-01", "--reviewer", "A", "--role", "x" * 101], "is not a role of at most 100"),
    ],
)
def test_a_sign_off_that_cannot_be_given_is_one_clear_line(bank: Path, arguments: list[str], message: str):
    result = csedb("sign", *arguments, "--cases", bank)
    assert result.exit_code == 4
    assert message in result.output
    assert not (bank / REVIEWS).exists()


def test_a_case_that_is_not_filled_in_cannot_be_signed(bank: Path):
    csedb("new", "cardiology-S03", "--cases", bank)
    result = sign(bank, "cardiology-S03-02")
    assert (result.exit_code, "cardiology-S03-02 is not filled in yet" in result.output) == (4, True)


GOOD = '[[sign_off]]\ncase = "cardiology-S03-01"\ndigest = "{}"\nreviewer = "A"\ndate = 2026-01-01\n'.format("0" * 32)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD + "rol = 1\n",
            "reviews.toml:6: sign_off.rol: unknown key 'rol'. Allowed: case, date, digest, reviewer, role",
        ),
        (GOOD.replace("2026-01-01", '"soon"'), "reviews.toml:5: sign_off.date = 'soon'"),
        (GOOD.replace("0000", "zzzz", 1), "reviews.toml:3: sign_off.digest = "),
        (GOOD.replace('"A"', '""'), "reviews.toml:4: sign_off.reviewer = ''"),
        (GOOD.replace('"A"', '"A\\u001b"'), "reviews.toml:4: sign_off.reviewer = "),
        (GOOD.replace("date = 2026-01-01\n", ""), "reviews.toml:1: sign_off: the key 'date' is missing"),
        ("<<<<<<< ours\n", "reviews.toml: not valid TOML"),
    ],
)
def test_a_broken_file_of_sign_offs_stops_everything(bank: Path, text: str, message: str):
    (bank / REVIEWS).write_text(text)
    with pytest.raises(BankError) as error:
        load_bank(bank)
    assert message in str(error.value)


WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "n2"])


@WORKERS
def test_reviewed_only_runs_the_signed_cases_as_a_selection(gate: Gate, run_record, bank: Path, workers):
    sign(bank, "cardiology-S03-01", "neurology-S01-01")
    result = gate("--csedb-reviewed-only", *workers, bank=bank)
    assert result.ret == 0
    result.assert_outcomes(passed=2, deselected=0 if workers else 4)
    result.stdout.fnmatch_lines(["decision: PASS (a selection, 2 of 6 cases: not a decision on the full bank)"])
    record = run_record()
    assert record["selection"]["expressions"] == ["--csedb-reviewed-only"]
    assert all(case["case"]["review"].startswith("A. Physician (cardiologist)") for case in record["cases"])


def test_reviewed_only_without_a_signed_case_runs_nothing(gate: Gate, bank: Path):
    sign(bank, "cardiology-S03-01")
    edit(bank / S03, "risk: high", "risk: medium")
    result = gate("--csedb-reviewed-only", bank=bank)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--csedb-reviewed-only: no case of * is signed as it stands; see csedb sign --check"])


def with_policy(text: str, path: Path) -> str:
    (path / "policy.toml").write_text(text)
    return f"--csedb-policy={path / 'policy.toml'}"


def test_a_policy_that_asks_for_reviewed_cases_does_not_pass_without(
    gate: Gate, run_record, bank: Path, tmp_path: Path
):
    policy = with_policy("reviewed_share = 0.5", tmp_path)
    sign(bank, "cardiology-S03-01", "neurology-S01-01")
    result = gate(policy, bank=bank)
    assert result.ret == 11
    result.stdout.fnmatch_lines(["reviewed cases * 0.333 * >= 0.500 * 6 *INCONCLUSIVE*2 of 6 cases are signed*"])
    sign(bank, "cardiology-E09-01")
    assert gate(policy, bank=bank).ret == 0
    assert gate(policy, "--csedb-reviewed-only", bank=bank).ret == 0
    (found,) = [gate_ for gate_ in run_record()["gates"] if gate_["name"] == "reviewed cases"]
    assert (found["value"], found["n"], found["decision"]) == (1.0, 3, "pass")


def test_shards_put_together_are_held_to_the_share_of_all_their_cases(gate: Gate, bank: Path, tmp_path: Path, pytester):
    policy = with_policy("reviewed_share = 0.5", tmp_path)
    sign(bank, "cardiology-S03-01", "neurology-S01-01")
    parts = []
    for part in (1, 2):
        gate(policy, f"--csedb-shard={part}/2", bank=bank)
        parts.append((pytester.path / "reports" / "run").rename(pytester.path / f"part{part}"))
    result = csedb("merge", *parts, "--into", pytester.path / "merged")
    assert result.exit_code == 11, result.output
    assert "2 of 6 cases are signed as they stand; see csedb sign --check" in result.output


def test_no_preset_asks_for_reviewed_cases():
    assert [GatePolicy.model_validate({"preset": preset}).reviewed_share for preset in PRESETS] == [None] * 3
    assert list(reviewed_gate(records("S-03", [known(1.0)]), GatePolicy.model_validate({}))) == []


@pytest.mark.parametrize(("share", "decision"), [(0.0, "pass"), (0.01, "inconclusive")])
def test_a_share_of_nothing_is_reached_by_nothing(share: float, decision: str):
    policy = GatePolicy.model_validate({"reviewed_share": share})
    (gate,) = reviewed_gate(records("S-03", [known(1.0)] * 4), policy)
    assert (gate.decision, gate.value, gate.n) == (decision, 0.0, 4)


def test_an_evidence_pack_counts_the_reviewed_cases_again(gate: Gate, bank: Path, tmp_path: Path, pytester):
    sign(bank, "cardiology-S03-01")
    gate(with_policy("reviewed_share = 0.5", tmp_path), bank=bank)
    run = pytester.path / "reports" / "run"
    assert csedb("evidence", run, "--out", tmp_path / "pack.zip").exit_code == 0
    verified = csedb("evidence", "verify", tmp_path / "pack.zip")
    assert verified.exit_code == 0, verified.output
    record = json.loads((run / "run.json").read_text())
    for case in record["cases"]:
        case["case"]["review"] = "Somebody"
    (run / "run.json").write_text(json.dumps(record))
    differences = recount(parse_record((run / "run.json").read_bytes())).differences
    assert any(
        "gate reviewed cases: counted again its decision is pass, not inconclusive" in line for line in differences
    )
