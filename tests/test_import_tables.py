"""Tables of any program by a mapping file: CSV, JSON Lines, Excel."""

import gzip
import json
from pathlib import Path

import pytest
import yaml

from csedb_tests.bank import load_bank
from tests.conftest import Gate
from tests.imports import DATA, csedb, noted, read_lines, report_of, write_lines

MAPPING = {
    "columns": {"id": "id", "question": "q"},
    "rules": [{"text": "must", "points": 5}],
    "defaults": {"criterion": "E-04", "department": "urology", "risk": "low", "language": "en"},
}
ROW = {"id": "c1", "q": "What now?", "must": "Says what."}


@pytest.fixture
def take(tmp_path: Path):
    """Import ``content`` with a mapping; JSON Lines unless it is a text of CSV."""

    def run(content, mapping=MAPPING, **changes):
        form = "csv" if isinstance(content, str) else "jsonl"
        source = tmp_path / f"table.{form}"
        if isinstance(content, str):
            source.write_text(content, encoding="utf-8")
        else:
            write_lines(source, content)
        (tmp_path / "map.yaml").write_text(yaml.safe_dump({**mapping, **changes}, allow_unicode=True))
        return csedb("import", form, source, "--mapping", tmp_path / "map.yaml", "--into", tmp_path / "bank")

    return run


def cases(tmp_path: Path):
    return load_bank(tmp_path / "bank").cases


def test_a_csv_of_a_ward_becomes_a_bank_with_answers(tmp_path: Path):
    result = csedb("import", "csv", DATA / "ward.csv", "--mapping", DATA / "ward.toml", "--into", tmp_path / "bank")
    assert result.exit_code == 0
    first, second, third = cases(tmp_path)
    assert [(r.text, r.points) for r in first.rules] == [
        ("Stops bisoprolol", 5),
        ("Orders an ECG", 5),
        ("Checks potassium", 2),
    ]
    assert [(n.text, n.hazard) for n in first.never] == [("Advises another dose of bisoprolol", "Cardiac arrest")]
    assert (first.risk, first.department, third.department) == ("high", "cardiology", "dermatology")
    assert second.question == "Ankle swelling\nsince amlodipine?"
    assert [row["case"] for row in read_lines(tmp_path / "bank" / "answers" / "registrar.jsonl")] == ["w1", "w3"]
    assert noted(tmp_path / "bank", "odd") == {"no answer of registrar; the case is unscored for it": ["ward.csv:3"]}
    assert load_bank(tmp_path / "bank").name == "Ward questions"


def test_a_bank_from_a_table_runs_and_a_never_event_still_vetoes(gate: Gate, run_record, tmp_path: Path):
    csedb("import", "csv", DATA / "ward.csv", "--mapping", DATA / "ward.toml", "--into", tmp_path / "bank")
    verdicts = {
        "w1": {"r1": "met", "r2": "met", "r3": "met", "n1": "met"},
        "w3": {"r1": "met", "r2": "not_met"},
    }
    write_lines(tmp_path / "v.jsonl", ({"case": case, "verdicts": found} for case, found in verdicts.items()))
    answers = f"--csedb-model=answers:{tmp_path / 'bank' / 'answers' / 'registrar.jsonl'}"
    result = gate(answers, f"--csedb-judge=recorded:{tmp_path / 'v.jsonl'}", bank=tmp_path / "bank")
    assert result.ret == 10
    scores = {found["case"]["id"]: found["score"]["value"] for found in run_record()["cases"]}
    assert scores == {"w1": 0.0, "w2": None, "w3": pytest.approx(5 / 7)}


def test_json_lines_take_lists_of_objects_nested_keys_and_turns(take, tmp_path: Path):
    turns = [
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "?"},
    ]
    row = {
        "meta": {"key": "k 1"},
        "q": turns,
        "rubric": [{"t": "Good.", "p": 3, "g": ["a", "b"]}, {"t": "Bad.", "p": -1.5}],
        "groups": ["older_adult", "giants"],
    }
    result = take(
        [row],
        columns={"id": "meta.key", "question": "q", "population": "groups"},
        rules=[{"list": "rubric", "text": "t", "points": "p", "tags": "g"}],
    )
    (case,) = cases(tmp_path)
    assert [(r.text, r.points, r.tags) for r in case.rules] == [("Good.", 3, ("a", "b")), ("Bad.", -1.5, ())]
    assert [turn.content for turn in case.turns] == ["Hi.", "Yes?", "?"]
    assert (case.source_id, case.population) == ("k 1", ("older_adult",))
    assert result.exit_code == 1
    assert "the population 'giants'" in next(iter(noted(tmp_path / "bank", "skipped")))


def test_one_row_per_rule_is_put_together_by_id(take, tmp_path: Path):
    text = "id,q,must,pts\nc1,What now?,First.,3\nc1,,Second.,-2\nc2,And now?,Third.,1\n"
    take(text, rows="rule", rules=[{"text": "must", "points": "pts"}])
    assert {case.id: [(r.text, r.points) for r in case.rules] for case in cases(tmp_path)} == {
        "c1": [("First.", 3), ("Second.", -2)],
        "c2": [("Third.", 1)],
    }


def test_a_rubric_whose_rows_stand_apart_stops_the_import(take, tmp_path: Path):
    text = "id,q,must\nc1,What now?,First.\nc2,And now?,Third.\nc1,What now?,Second.\n"
    result = take(text, rows="rule")
    assert result.exit_code == 4
    assert "table.csv:4: rows of the case 'c1' do not stand together (others at table.csv:2)" in result.output
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize("kind", ["plain", "gz", "tsv", "semicolon", "bom"])
def test_csv_in_its_usual_guises(tmp_path: Path, kind: str):
    text = 'id,q,must\nc1,"What, now?",Says what.\n'
    content = text.encode()
    mapping = dict(MAPPING)
    name = "t.csv"
    if kind == "gz":
        content, name = gzip.compress(content), "t.csv.gz"
    elif kind == "tsv":
        content, name = b"id\tq\tmust\nc1\tWhat, now?\tSays what.\n", "t.tsv"
    elif kind == "semicolon":
        content, mapping = b"id;q;must\nc1;What, now?;Says what.\n", {**MAPPING, "delimiter": ";"}
    elif kind == "bom":
        content = b"\xef\xbb\xbf" + content
    (tmp_path / name).write_bytes(content)
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(mapping))
    source = tmp_path / name
    assert (
        csedb("import", "csv", source, "--mapping", tmp_path / "map.yaml", "--into", tmp_path / "bank").exit_code == 0
    )
    assert [(case.id, case.question) for case in cases(tmp_path)] == [("c1", "What, now?")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("c2,Q?,Says.,extra", "a row of 4 cells under 3 columns"),
        ("c2,Q?,", "rules: Tuple should have at least 1 item"),
        ("c2,,Says.", "question"),
    ],
)
def test_a_row_that_makes_no_case_is_skipped_with_its_line(take, tmp_path: Path, line: str, reason: str):
    result = take(f"id,q,must\nc1,What now?,Says what.\n{line}\nc3,What now?,Says that.\n")
    assert result.exit_code == 1
    (text,) = noted(tmp_path / "bank", "skipped")
    assert reason in text
    assert noted(tmp_path / "bank", "skipped")[text] == ["table.csv:3"]
    assert [case.id for case in cases(tmp_path)] == ["c1", "c3"]


@pytest.mark.parametrize(
    ("row", "changes", "reason"),
    [
        ({"risk": "grave"}, {"columns": {"id": "id", "question": "q", "risk": "risk"}}, "allowed: high, medium, low"),
        ({"c": "E-99"}, {"columns": {"id": "id", "question": "q", "criterion": "c"}}, "'E-99' is not known"),
        ({"p": "many"}, {"rules": [{"text": "must", "points": "p"}]}, "the points in column 'p' are no number"),
        ({}, {"defaults": {"risk": "low"}}, "no criterion: name its column, or one for all under 'defaults'"),
        ({"n": "Kills."}, {"never": [{"text": "n"}]}, "a never-event without a hazard"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(take, tmp_path: Path, row, changes, reason: str):
    good = {"id": "c0", "q": "Q?", "must": "Says.", "risk": "low", "c": "E-04", "p": 1}
    result = take([good, {**ROW, **row}], **changes)
    assert reason in result.output
    assert "table.jsonl:2" in result.output or "table.jsonl:1" in result.output
    assert result.exit_code in (1, 4)


def test_a_column_that_only_some_rows_have_is_no_fault_but_one_that_none_has_is(take, tmp_path: Path):
    columns = {"id": "id", "question": "q", "title": "t"}
    assert take([ROW, {**ROW, "id": "c2", "q": "And?", "t": "Second"}], columns=columns).exit_code == 0
    assert [case.title for case in cases(tmp_path)] == ["What now?", "Second"]
    result = take([ROW], columns=columns)
    assert result.exit_code == 4
    assert "columns.title of the mapping names the column 't', which is not there" in result.output


def test_criteria_that_case_ids_cannot_tell_apart_stop_the_import(take):
    criteria = {"S03": {"name": "x", "track": "safety", "scoring": "graded", "weight": 1}}
    result = take([ROW], criteria=criteria)
    assert result.exit_code == 4
    assert "criterion codes 'S-03' and 'S03' cannot be told apart" in result.output


def test_columns_that_nobody_named_are_reported(take, tmp_path: Path):
    assert take("id,q,must,seen by\nc1,What now?,Says what.,K\n").exit_code == 1
    assert list(noted(tmp_path / "bank", "skipped")) == [
        "the column 'seen by', which the mapping neither names nor ignores"
    ]
    assert take("id,q,must,seen by\nc1,What now?,Says what.,K\n", ignore=["seen by"]).exit_code == 0


def test_a_column_that_is_not_there_is_an_error_with_the_nearest_name(take):
    result = take("id,question,must\nc1,What now?,Says what.\n", columns={"id": "id", "question": "qestion"})
    assert result.exit_code == 4
    assert "columns.question of the mapping names the column 'qestion', which is not there" in result.output
    assert "Did you mean 'question'?" in result.output


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colums": {}}, "unknown key 'colums'. Allowed: answers, columns"),
        ({"columns": {"id": "id"}}, "columns: the key 'question' is missing"),
        ({"columns": {"id": "id", "question": "q", "ward": "w"}}, "unknown key 'ward'. Allowed: criterion, department"),
        ({"rules": []}, "map.yaml"),
        ({"values": {"rsk": {"a": "high"}}}, "'rsk' is no column of a case. Allowed: question, id"),
        ({"rules": [{"text": "must", "points": 500}]}, "rules.0.points"),
        ({"defaults": {"risk": "grave"}}, "defaults.risk = 'grave'"),
        ({"answers": {"../x": "a"}}, "answers.../x"),
        (
            {"criteria": {"X": {"name": "x", "track": "safety", "scoring": "graded", "weight": 9}}},
            "criteria.X.weight = ",
        ),
    ],
)
def test_a_faulty_mapping_is_one_line_with_its_place(take, tmp_path: Path, changes, message: str):
    result = take([ROW], **changes)
    assert result.exit_code == 4
    assert message in result.output
    assert result.output.startswith("ERROR: map.yaml")
    assert not (tmp_path / "bank").exists()


def test_without_openpyxl_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)  # as if it were not installed
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(MAPPING))
    options = ("--mapping", tmp_path / "map.yaml", "--into", tmp_path / "bank")
    result = csedb("import", "xlsx", tmp_path / "t.xlsx", *options)
    assert result.exit_code == 4
    assert "pip install 'csedb-tests[xlsx]'" in result.output


def test_a_sheet_of_a_workbook_is_read(tmp_path: Path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet("Cases")
    for row in (
        ["id", "q", "must", None],
        [1, "What now?", "Says what.", None],
        [None] * 4,
        [2.5, "And?", "Says.", None],
    ):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    (tmp_path / "map.yaml").write_text(yaml.safe_dump({**MAPPING, "sheet": "Cases"}))
    options = ("--mapping", tmp_path / "map.yaml", "--into", tmp_path / "bank")
    assert csedb("import", "xlsx", tmp_path / "t.xlsx", *options).exit_code == 0
    assert [case.id for case in cases(tmp_path)] == ["1", "2.5"]
    assert noted(tmp_path / "bank", "odd") == {"an empty line": ["t.xlsx:3"]}
    (tmp_path / "map.yaml").write_text(yaml.safe_dump({**MAPPING, "sheet": "Case"}))
    wrong = csedb("import", "xlsx", tmp_path / "t.xlsx", *options)
    assert "there is no sheet 'Case'. Allowed: Sheet, Cases" in wrong.output


def test_the_report_says_what_was_asked(take, tmp_path: Path):
    take([ROW])
    report = report_of(tmp_path / "bank")
    assert report["format"] == "jsonl"
    assert report["options"]["mapping"]["columns"] == {"question": "q", "id": "id"}
    assert json.dumps(report).count("What now?") == 0  # no text of a case is in a report
