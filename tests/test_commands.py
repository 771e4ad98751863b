"""``csedb explain``."""

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
