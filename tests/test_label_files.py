"""Labelled files: what is read, and every fault as one line that says where and what to do."""

import gzip
import json
from pathlib import Path

import pytest

from csedb_tests.config_errors import ConfigError
from csedb_tests.qualification.label_options import LabelOptions, parse_label_options
from csedb_tests.qualification.labels import LabelFile, read_labels

PLAIN = "id,answer,statement,rater_a,rater_b\n1,Take it.,Advises it.,met,not_met\n2,Leave it.,Advises it.,not_met,\n"


def options(raters=None, columns=(), ignored=None, labels=()) -> LabelOptions:
    return parse_label_options(raters, columns, ignored, labels)


def read(path: Path, text: str, given: LabelOptions | None = None) -> LabelFile:
    path.write_text(text, encoding="utf-8")
    return read_labels(path, given or LabelOptions())


def test_a_csv_file_gives_its_items_and_a_blank_cell_is_a_rater_who_said_nothing(tmp_path: Path):
    file = read(tmp_path / "l.csv", PLAIN)
    assert file.raters == ("rater_a", "rater_b")
    first, second = file.items
    assert (first.id, first.answer, first.statement, first.question) == ("1", "Take it.", "Advises it.", "")
    assert first.labels == {"rater_a": True, "rater_b": False}
    assert second.labels == {"rater_a": False}


def test_json_lines_say_the_same(tmp_path: Path):
    rows = [
        {
            "id": "1",
            "answer": "Take it.",
            "statement": "Advises it.",
            "labels": {"rater_a": "met", "rater_b": "not_met"},
        },
        {"id": "2", "answer": "Leave it.", "statement": "Advises it.", "labels": {"rater_a": "not_met"}},
    ]
    lines = read(tmp_path / "l.jsonl", "\n".join(map(json.dumps, rows)))
    table = read(tmp_path / "l.csv", PLAIN)
    assert (lines.items, lines.raters) == (table.items, table.raters)


@pytest.mark.parametrize("name", ["l.csv.gz", "l.jsonl.gz"])
def test_a_packed_file_is_read_as_it_is(tmp_path: Path, name: str):
    row = {"answer": "A", "statement": "S", "labels": {"x": "met"}}
    text = json.dumps(row) if "jsonl" in name else "answer,statement,rater_x\nA,S,met\n"
    (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    assert read_labels(tmp_path / name, LabelOptions()).items[0].statement == "S"


def test_a_foreign_file_is_read_by_naming_its_columns_raters_and_words(tmp_path: Path):
    text = ',Q,answer,claim,vote,l0,l1\n0,Why?,Yes,"One, two",x,Entailment,Neutral\n'
    text += "1,Why?,Yes,Three,x,Contradiction,Neutral\n"
    given = options(
        "l0,l1", ["question=Q", "statement=claim"], ",vote", ["met=Entailment", "not_met=Neutral,Contradiction"]
    )
    file = read(tmp_path / "l.csv", text, given)
    assert [item.id for item in file.items] == ["2", "3"]  # the line, where there is no id
    assert file.items[0].statement == "One, two"
    assert [item.labels for item in file.items] == [{"l0": True, "l1": False}, {"l0": False, "l1": False}]


def test_json_raters_may_be_narrowed(tmp_path: Path):
    row = {"answer": "A", "statement": "S", "labels": {"x": "met", "machine": "maybe"}}
    assert read(tmp_path / "l.jsonl", json.dumps(row), options("x")).items[0].labels == {"x": True}


HEAD = "id,answer,statement,rater_a\n"
ROW = '{"answer": "A", "statement": "S", "labels": {"a": "met"}}'


@pytest.mark.parametrize(
    ("name", "text", "given", "parts"),
    [
        ("l.csv", "", {}, ("l.csv:1:", "no column 'answer'")),
        ("l.csv", HEAD, {}, ("the labelled file is empty",)),
        ("l.csv", "answr,statement,rater_a\n", {}, ("l.csv:1:", "'answr'", "--column answer=COLUMN")),
        ("l.csv", "answer,statement\nA,S\n", {}, ("no column of a rater", "rater_NAME", "--raters")),
        ("l.csv", HEAD, {"raters": "a"}, ("l.csv:1: --raters: no column 'a'", "'rater_a'")),
        ("l.csv", "answer,statement,rater_a,x\n", {}, ("unknown column 'x'", "--ignore 'x'")),
        ("l.csv", "answer,answer,rater_a\n", {}, ("column 'answer' stands twice",)),
        ("l.csv", HEAD + "1,A,S\n", {}, ("l.csv:2: 3 cells, but the header has 4 columns",)),
        ("l.csv", HEAD + "1,A,S,mett\n", {}, ("l.csv:2: rater_a = 'mett'", "Did you mean 'met'?", "--label met=mett")),
        ("l.csv", HEAD + "1,A,S,\n", {}, ("l.csv:2: no rater labelled this statement",)),
        ("l.csv", HEAD + "1, ,S,met\n", {}, ("l.csv:2: the answer is empty",)),
        ("l.csv", HEAD + "1,A,S,met\n1,A,S,met\n", {}, ("l.csv:3: id '1' stands at", "l.csv:2")),
        ("l.csv", HEAD + '1,A,"S,met\n', {}, ("l.csv:2: not valid CSV",)),
        ("l.csv", HEAD, {"columns": ["criterion=topic"]}, ("no column 'topic' for the criterion",)),
        ("l.txt", "x", {}, (".csv or .jsonl",)),
        ("l.jsonl", "", {}, ("the labelled file is empty",)),
        ("l.jsonl", '{"answer": "A"}', {}, ("l.jsonl:1: 'statement' must be a text",)),
        ("l.jsonl", ROW[:-1] + ', "rater": 1}', {}, ("l.jsonl:1: unknown key 'rater'",)),
        ("l.jsonl", ROW.replace('"met"', "true"), {}, ("l.jsonl:1: labels.a must be a text, not True",)),
        ("l.jsonl", ROW, {"raters": "b"}, ("l.jsonl:1: no rater labelled",)),
        ("l.jsonl", ROW, {"raters": "a,b"}, ("l.jsonl: rater 'b' gave no label",)),
        ("l.csv.gz", "no gzip", {}, ("not a whole gzip file",)),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, name: str, text: str, given: dict, parts: tuple[str, ...]):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / name, text, options(**given))
    message = str(caught.value)
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot read the labelled file: No such file"):
        read_labels(tmp_path / "l.csv", LabelOptions())


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"columns": ["claim=statement"]}, "--column: 'claim' is not known. Allowed: id, question, answer, statement"),
        ({"columns": ["statement"]}, "--column: 'statement' must read like 'statement=...'"),
        ({"columns": ["id=a", "id=b"]}, "--column: 'id' is given twice"),
        ({"labels": ["mett=x"]}, "--label: 'mett' is not known. Allowed: met, not_met. Did you mean 'met'?"),
        ({"labels": ["met=x", "not_met=x"]}, "--label: 'x' cannot stand for met and for not_met"),
        ({"labels": ["not_met=met"]}, "--label: 'met' cannot stand for met and for not_met"),
        ({"raters": "a,a"}, "--raters: 'a,a' must name raters, each once"),
    ],
)
def test_a_wrong_option_is_one_line(given: dict, part: str):
    with pytest.raises(ConfigError) as caught:
        options(**given)
    assert part in str(caught.value)
