"""The bank's lock: what it notices, its file, and the command that writes and checks it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.bank import Bank, load_bank
from csedb_tests.bank_lock import BankLock, case_digest, lock_of, lock_text, read_bank_lock, write_bank_lock
from csedb_tests.cli import main
from csedb_tests.config_errors import ConfigError
from csedb_tests.coverage import Changes, changes, sentences
from tests.conftest import MINI_BANK, ROOT

S03 = Path("cardiology/S-03.yaml")


@pytest.fixture
def bank_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(MINI_BANK, tmp_path / "bank")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def csedb(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_lock_reads_back_as_it_was_written(mini_bank: Bank, tmp_path: Path):
    lock = lock_of(mini_bank)
    write_bank_lock(lock, tmp_path / "bank.lock")
    assert read_bank_lock(tmp_path / "bank.lock") == BankLock(dict(sorted(lock.digests.items())))
    assert len(lock.digests) == 6
    assert lock_text(lock).splitlines()[3].endswith("  cardiology-E09-01")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("points: 5", "points: 4"),
        ("ejection fraction of 25%", "ejection fraction of 55%"),
        ("risk: high", "risk: low"),
        ("text: Recommends giving", "text: Recommends"),
        ("amiodarone | digoxin", "amiodarone | digoxin | verapamil"),
    ],
    ids=["points", "question", "risk", "never-event", "patterns"],
)
def test_whatever_is_asked_or_judged_is_in_the_digest(bank_copy: Path, old: str, new: str):
    before = load_bank(bank_copy).case("cardiology-S03-01")
    edit(bank_copy / S03, old, new)
    assert case_digest(load_bank(bank_copy).case("cardiology-S03-01")) != case_digest(before)


def test_a_title_is_not_in_the_digest(bank_copy: Path):
    before = load_bank(bank_copy).case("cardiology-S03-01")
    edit(bank_copy / S03, "title: Verapamil", "title: On verapamil")
    assert case_digest(load_bank(bank_copy).case("cardiology-S03-01")) == case_digest(before)


def test_every_shipped_case_has_a_digest_of_its_own():
    digests = lock_of(load_bank(ROOT / "cases")).digests
    assert len(set(digests.values())) == len(digests)


def test_changes_by_hand():
    lock = BankLock({"a": "1", "b": "2", "c": "3", "d": "4"})
    now = BankLock({"a": "1", "b": "9", "e": "4", "f": "7"})
    found = changes(lock, now)
    assert found == Changes(missing=("c",), renamed=(("d", "e"),), changed=("b",), added=("f",))
    assert list(sentences(found)) == [
        "1 locked case is missing: c",
        "1 locked case was renamed: d (now e)",
        "1 locked case has changed: b",
        "1 case is new and not locked: f",
    ]


def test_many_changes_are_one_sentence_that_names_the_first():
    lock = BankLock({f"case-{i}": str(i) for i in range(8)})
    assert list(sentences(changes(lock, BankLock({})))) == [
        "8 locked cases are missing: case-0, case-1, case-2, case-3, case-4 and 3 more"
    ]


LOCKS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123")).map(BankLock)


@given(LOCKS, LOCKS)
def test_every_locked_case_is_either_as_it_was_or_counted_as_lost(lock: BankLock, now: BankLock):
    found = changes(lock, now)
    same = [key for key, digest in lock.digests.items() if now.digests.get(key) == digest]
    assert found.lost == len(lock.digests) - len(same)
    assert bool(found) == (lock.digests != now.digests)


def test_the_command_writes_a_lock_and_says_what_differs(bank_copy: Path):
    written = csedb("lock", "--cases", "bank")
    assert (written.exit_code, written.output.endswith("bank.lock: 6 cases\n")) == (0, True)
    assert csedb("lock", "--check", "--cases", "bank").exit_code == 0
    edit(bank_copy / S03, "cardiology-S03-01", "cardiology-S03-02")
    checked = csedb("lock", "--check", "--cases", "bank")
    assert checked.exit_code == 1
    assert "1 locked case was renamed: cardiology-S03-01 (now cardiology-S03-02)" in checked.output
    anew = csedb("lock", "--cases", "bank")
    assert "1 locked case was renamed" in anew.output
    assert csedb("lock", "--check", "--cases", "bank").exit_code == 0


def test_the_lock_that_lies_in_the_bank_is_used_where_the_project_has_none(bank_copy: Path):
    csedb("lock", "--cases", "bank", "--bank-lock", "bank/bank.lock")
    assert csedb("lock", "--check", "--cases", "bank").exit_code == 0
    assert not Path("bank.lock").exists()


def test_there_is_nothing_to_check_without_a_lock(bank_copy: Path):
    result = csedb("lock", "--check", "--cases", "bank")
    assert result.exit_code == 4
    assert "there is no lock to check. Write it with csedb lock" in result.output


ONE = "0123456789abcdef0123456789abcdef  a-1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "bank.lock: not a bank lock: the line 'cases: N' is missing"),
        ("cases: 0\n", "bank.lock: not a bank lock"),
        ("# x\ncases: 2\n" + ONE, "bank.lock:2: says 2 cases, but holds 1"),
        ("cases: 1\n" + ONE + ONE, "bank.lock:3: the case 'a-1' stands here twice"),
        ("cases: 1\n<<<<<<< ours\n" + ONE, "bank.lock:2: '<<<<<<< ours' is not a digest"),
        ("cases: 1\n0123  a-1\n", "bank.lock:2: '0123  a-1' is not a digest"),
    ],
    ids=["empty", "none", "cut", "twice", "conflict", "short digest"],
)
def test_a_broken_lock_is_one_clear_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "bank.lock").write_text(text)
    with pytest.raises(ConfigError) as error:
        read_bank_lock(tmp_path / "bank.lock")
    assert str(error.value).startswith(message)
