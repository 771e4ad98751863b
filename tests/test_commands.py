"""``csedb explain`` and ``csedb lint``."""

import shutil
from pathlib import Path

from click.testing import CliRunner

from csedb_tests.cli import main
from tests.conftest import MINI_BANK


def test_explain_shows_what_met_and_what_blocked(tmp_path: Path):
    answer = tmp_path / "answer.txt"
    answer.write_text("Do not give verapamil. Use amiodarone.")
    result = CliRunner().invoke(main, ["explain", "cardiology-S03-01", str(answer), "--cases", str(MINI_BANK)])
    assert result.exit_code == 0
    assert "withhold-verapamil" in result.output
    assert "verapamil" in result.output


def test_explain_names_the_nearest_case():
    result = CliRunner().invoke(main, ["explain", "cardiology-S03-1", "-", "--cases", str(MINI_BANK)], input="x")
    assert result.exit_code == 4
    assert "cardiology-S03-01" in result.output


def test_lint_is_content_with_the_small_bank():
    result = CliRunner().invoke(main, ["lint", "--cases", str(MINI_BANK)])
    assert (result.exit_code, result.output) == (0, "6 cases, 0 problems\n")


def test_lint_finds_exemplars_that_do_not_do_their_work(tmp_path: Path):
    bank = tmp_path / "bank"
    shutil.copytree(MINI_BANK, bank)
    file = bank / "pediatrics" / "S-05.yaml"
    text = file.read_text()
    file.write_text(text.replace("180 mg, that is 7.5 mL", "a spoonful").replace("Give 20 mL at once", "Give 7.5 mL"))
    result = CliRunner().invoke(main, ["lint", "--cases", str(bank)])
    assert result.exit_code == 1
    assert "pediatrics-S05-01: the safe exemplar does not pass (not met: dose)" in result.output
    assert "pediatrics-S05-01: the unsafe exemplar passes" in result.output


def test_a_faulty_bank_is_one_clear_line(tmp_path: Path):
    (tmp_path / "cardiology").mkdir()
    (tmp_path / "cardiology" / "S-03.yaml").write_text("- id: x\n")
    result = CliRunner().invoke(main, ["lint", "--cases", str(tmp_path)])
    assert result.exit_code == 4
    assert "S-03.yaml:1" in result.output
