"""``csedb new``, ``csedb show`` and ``csedb coverage``."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from csedb_tests.bank import load_bank
from csedb_tests.catalogue import catalogue
from tests.conftest import MINI_BANK
from tests.lint_banks import csedb, entry, lint, one, write


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(MINI_BANK, tmp_path / "bank")


@pytest.mark.parametrize(
    ("asked", "case_id", "file"),
    [
        ("cardiology-S03", "cardiology-S03-02", "cardiology/S-03.yaml"),
        ("cardiology-S03-02", "cardiology-S03-02", "cardiology/S-03.yaml"),
        ("cardiology-E-09", "cardiology-E09-03", "cardiology/E-09.yaml"),
        ("obstetrics_gynecology-S16", "obstetrics_gynecology-S16-01", "obstetrics_gynecology/S-16.yaml"),
    ],
)
def test_new_begins_a_case_under_the_next_number(bank: Path, asked: str, case_id: str, file: str):
    before = (bank / file).read_text() if (bank / file).exists() else ""
    result = csedb("new", asked, "--cases", bank)
    line = before.count("\n") + 1
    assert result.output == f"bank/{file}:{line}: {case_id}; csedb lint bank/{file} says what to fill in\n"
    assert (bank / file).read_text().startswith(before + f"- id: {case_id}\n")
    assert load_bank(bank).case(case_id).risk == "high"


def test_lint_says_of_a_new_case_what_to_fill_in_and_nothing_else(bank: Path):
    csedb("new", "cardiology-S03", "--cases", bank)
    csedb("new", "cardiology-S04", "--cases", bank)
    found = lint("bank/cardiology/S-03.yaml")
    assert set(found.kinds) == {("error", "unfilled")}
    assert [finding["message"].split(" is ")[0] for finding in found.findings] == [
        "title", "question", "rules.1.text", "rules.2.text", "never.1.text", "never.1.hazard",
        "exemplars.safe", "exemplars.unsafe", "sources.1",
    ]  # fmt: skip
    assert found.code == 1


def test_a_file_without_a_line_break_at_its_end_is_mended(bank: Path):
    file = bank / "cardiology" / "S-03.yaml"
    file.write_text(file.read_text().rstrip("\n"))
    assert csedb("new", "cardiology-S03", "--cases", bank).exit_code == 0
    assert len(load_bank(bank).cases) == 7


def test_a_number_that_the_lock_knows_is_never_used_again(bank: Path):
    csedb("new", "cardiology-S03", "--cases", bank)
    csedb("lock", "--cases", bank, "--bank-lock", bank / "bank.lock")
    shutil.copy(MINI_BANK / "cardiology" / "S-03.yaml", bank / "cardiology" / "S-03.yaml")
    assert "cardiology-S03-03;" in csedb("new", "cardiology-S03", "--cases", bank).output


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("cardiology-S03-07", "the next case of this file is cardiology-S03-02"),
        ("cardiology-S03-01", "the next case of this file is cardiology-S03-02"),
        ("cardiolgy-S03", "unknown department 'cardiolgy'; did you mean 'cardiology'?"),
        ("cardiology-S30", "unknown criterion 'S30'; did you mean"),
        ("cardiology", "unknown criterion ''; write department, criterion and, if you like, the number"),
        ("../../x-S03", "unknown department '../../x'; write department"),
    ],
)
def test_a_case_that_cannot_be_begun_changes_nothing(bank: Path, asked: str, message: str):
    before = {path: path.read_bytes() for path in bank.rglob("*") if path.is_file()}
    result = csedb("new", asked, "--cases", bank)
    assert result.exit_code == 4
    assert message in result.output
    assert {path: path.read_bytes() for path in bank.rglob("*") if path.is_file()} == before


def test_show_tells_everything_that_a_reviewer_judges(bank: Path):
    text = csedb("show", "cardiology-S03-01", "--cases", bank).output
    case = load_bank(bank).case("cardiology-S03-01")
    flat = " ".join(text.split())
    wanted = [
        case.id,
        case.title,
        "risk high",
        "older_adult",
        *case.sources,
        "REVIEW unreviewed",
        "hazard: Cardiogenic",
    ]
    wanted += [f"[{rule.points:g}] {rule.id}: {rule.text}" for rule in case.rules]
    wanted += [" ".join(str(text).split()) for text in (case.question, case.exemplars.safe, case.exemplars.unsafe)]
    assert [piece for piece in wanted if piece not in flat] == []
    assert "@avoid" not in text


def test_show_tells_patterns_when_asked_and_turns_apart(bank: Path):
    assert "pattern: @avoid & verapamil" in csedb("show", "cardiology-S03-01", "--patterns", "--cases", bank).output
    text = csedb("show", "cardiology-E09-02", "--cases", bank).output
    assert re.findall(r"\[(User|Assistant)\]", text) == ["User", "Assistant", "User"]


def test_show_lets_no_control_character_reach_the_terminal(tmp_path: Path):
    one(tmp_path, sources=["A book of \u202egnp.exe pages"])
    text = csedb("show", "cardiology-E09-01", "--cases", tmp_path).output
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_show_names_the_nearest_case(bank: Path):
    result = csedb("show", "cardiology-S03-1", "--cases", bank)
    assert (result.exit_code, "did you mean 'cardiology-S03-01'" in result.output) == (4, True)


def test_coverage_counts_cells_totals_risks_and_gaps(bank: Path):
    text = csedb("coverage", "--cases", bank).output
    assert text.startswith("bank csedb-tests: 6 cases, 5 of 780 cells filled\n")
    assert re.search(r"^cardiology  +\.   \.   1   \. .* 1$", text, re.MULTILINE)
    assert re.search(r"^all +6 +3/2/1 +50%/33%/16% +0 signed \(0%\)$", text, re.MULTILINE)
    assert re.search(r"^lay_asker +3 +50%$", text, re.MULTILINE)
    assert "cardiology has only 2 of 30 criteria: S-03, E-09\n" in text
    assert "departments without a case: respiratory_medicine, " in text


def test_coverage_tells_what_is_signed(bank: Path):
    csedb("sign", "cardiology-S03-01", "--reviewer", "A", "--cases", bank, typed="y\n")
    text = csedb("coverage", "--cases", bank).output
    assert re.search(r"^all +6 .* 1 signed \(16%\)$", text, re.MULTILINE)
    assert re.search(r"^S-03 +1 .* 1 signed \(100%\)$", text, re.MULTILINE)


def test_every_department_fits_its_line_in_a_terminal(bank: Path):
    text = csedb("coverage", "--cases", bank).output
    matrix = [line for line in text.partition("departments and criteria")[0].splitlines() if line]
    assert max(map(len, matrix)) <= 100
    assert all(sum(line.startswith(f"{name} ") for line in matrix) == 2 for name in catalogue().departments)


class Page(HTMLParser):
    """Tags that were closed in order, every attribute, and the rows of each table."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        self.cell = tag in ("td", "th")
        if self.cell:
            self.rows[-1].append("")
        if tag != "meta":
            self.open.append(tag)

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.cell = False


def page_of(bank: Path, to: Path) -> tuple[str, Page]:
    assert csedb("coverage", "--cases", bank, "--html", to).exit_code == 0
    text, page = to.read_text(), Page()
    page.feed(text)
    assert page.open == []
    return text, page


def test_the_page_says_the_same_and_loads_nothing(bank: Path, tmp_path: Path):
    text, page = page_of(bank, tmp_path / "coverage.html")
    assert "default-src 'none'; style-src 'sha256-" in text
    assert not {name for name, _ in page.attributes} & {"src", "href", "style", "onclick"}
    assert "<script" not in text
    cardiology = [row for row in page.rows if row[0] == "Cardiology"]
    assert cardiology[0] == ["Cardiology", *("1" if code == "S-03" else "0" for code in SAFETY), "1"]
    assert cardiology[1][9:] == ["2", "0", "0", "0", "0", "2"]
    assert cardiology[2] == ["Cardiology", "3", "1 (33%)", "1 (33%)", "1 (33%)", "0 (0%)"]


SAFETY = [code for code in catalogue().criteria if code.startswith("S")]


def test_the_style_is_the_one_that_the_page_allows(bank: Path, tmp_path: Path):
    import base64
    import hashlib

    text, _ = page_of(bank, tmp_path / "coverage.html")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_a_bank_s_own_names_are_escaped(tmp_path: Path):
    write(tmp_path / "b", {"ward/X-01": [entry("ward-1")]})
    (tmp_path / "b" / "bank.yaml").write_text(
        "name: <b>bank\ncriteria: {X-01: {name: '<i>x', track: safety, scoring: binary, weight: 1}}\n"
        "departments: {ward: '<script>ward'}\npopulations: {tag: '<u>t'}\n"
    )
    text, _ = page_of(tmp_path / "b", tmp_path / "coverage.html")
    assert not re.search(r"<(b|i|u|script)>", text)
    assert "&lt;script&gt;ward" in text


def test_a_page_that_cannot_be_written_is_one_clear_line(bank: Path, tmp_path: Path):
    result = csedb("coverage", "--cases", bank, "--html", tmp_path / "none" / "coverage.html")
    assert (result.exit_code, result.output.splitlines()[-1].startswith("ERROR: ")) == (4, True)
