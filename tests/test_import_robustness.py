"""Imports of imperfect files, imports that are killed, imports that come again, and imports of many rows."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csedb_tests.bank import load_bank
from csedb_tests.bank_file import read_document
from csedb_tests.importers.cells import PART_BYTES
from csedb_tests.importers.ids import IdRegistry, legal_id, legal_key
from csedb_tests.importers.languages import guess_language
from csedb_tests.importers.report import ImportReport
from csedb_tests.importers.staging import digests
from csedb_tests.importers.tolerant import array_objects
from csedb_tests.importers.yaml_text import yaml_text
from tests.imports import DATA, csedb, health_row, noted, report_of, write_lines

ROW = json.dumps(health_row(1))


def take(tmp_path: Path, source: Path, *options: object):
    return csedb("import", "healthbench", source, "--into", tmp_path / "bank", *options)


# Imperfect files


@pytest.mark.parametrize(
    ("lines", "kind", "text", "line"),
    [
        (["", ROW], "odd", "an empty line", 1),
        (["\ufeff" + ROW], "odd", "a byte-order mark begins the file", 1),
        ([ROW, ROW.replace("row-1", "row-2").replace('"points": 5', '"points": 5, "points": 5')], "odd", "twice", 2),
        ([ROW, ROW], "skipped", "a case that the source holds already, word for word", 2),
        ([ROW, ROW.replace("number 1", "number 2")], "odd", "another case has the same id", 2),
        ([ROW, ROW.replace("row-1", "row/2")], "mapped", "an id that is none here became another", 2),
        ([ROW, ROW.replace('"prompt_id": "row-1", ', "")], "odd", "a row without a prompt_id", 2),
        ([ROW, ROW.replace("row-1", "row-2").replace("against", "a\\ud800gainst")], "odd", "lone surrogate", 2),
        ([ROW, ROW.replace("row-1", "row-2").replace("[]", "NaN")], "odd", "a bare NaN, which is no JSON", 2),
        ([ROW, "{'prompt_id': 3}"], "skipped", "a line that is not JSON", 2),
        ([ROW, ROW + " x"], "skipped", "a line that goes on after its JSON object", 2),
        ([ROW, "[1]"], "skipped", "a line that is no JSON object but list", 2),
        ([ROW, "[" * 100_000], "skipped", "a line that is not JSON", 2),
        ([ROW, ROW[:-40]], "skipped", "a line that is not JSON", 2),
    ],
)
def test_an_oddity_is_named_with_file_and_line(tmp_path: Path, lines: list[str], kind: str, text: str, line: int):
    result = take(tmp_path, write_lines(tmp_path / "rows.jsonl", lines))
    found = [(what, places) for what, places in noted(tmp_path / "bank", kind).items() if text in what]
    assert [places for _, places in found] == [[f"rows.jsonl:{line}"]]
    assert found[0][0] in result.output
    assert result.exit_code == (1 if kind == "skipped" else 0)
    load_bank(tmp_path / "bank")


def test_two_cases_of_one_id_are_both_kept(tmp_path: Path):
    rows = [health_row(1), health_row(2, prompt_id="row-1")]
    take(tmp_path, write_lines(tmp_path / "rows.jsonl", rows))
    first, second = load_bank(tmp_path / "bank").cases
    assert (first.id, first.source_id, second.source_id) == ("row-1", "row-1", "row-1")
    assert second.id.startswith("row-1.")


def test_a_line_that_is_not_utf_8_is_skipped(tmp_path: Path):
    (tmp_path / "rows.jsonl").write_bytes(ROW.encode() + b"\n" + ROW.encode("ascii").replace(b"cough", b"co\xffgh"))
    take(tmp_path, tmp_path / "rows.jsonl")
    assert noted(tmp_path / "bank", "skipped") == {"a line that is not UTF-8 (byte 0xff)": ["rows.jsonl:2"]}


def test_gzip_is_read_whatever_the_file_is_called(tmp_path: Path):
    (tmp_path / "rows").write_bytes(gzip.compress(ROW.encode()))
    assert take(tmp_path, tmp_path / "rows").exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(ROW.encode() * 50)[:-20], "not a whole gzip file"),
        (b"\x1f\x8bxx", "not a whole gzip file"),
        (ROW.encode("utf-16"), "is not UTF-8 but UTF-16"),
        (b"", "no case could be imported"),
        (b"\n\n", "no case could be imported"),
        (b"[" + ROW.encode(), "ends inside its JSON array"),
        (b"[" + ROW.encode()[:-9], "rows:1: not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "rows").write_bytes(content)
    result = take(tmp_path, tmp_path / "rows")
    assert result.exit_code == 4
    assert message in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_a_source_that_is_not_there_is_one_line(tmp_path: Path):
    assert "there is no such file or directory" in take(tmp_path, tmp_path / "no.jsonl").output


def test_one_json_array_is_read_like_lines(tmp_path: Path):
    rows = [health_row(number) for number in range(3)]
    (tmp_path / "rows.json").write_text(json.dumps(rows, indent=2))
    take(tmp_path, tmp_path / "rows.json")
    assert [case.id for case in load_bank(tmp_path / "bank").cases] == ["row-0", "row-1", "row-2"]


def test_an_array_is_read_across_windows_with_the_right_lines(tmp_path: Path):
    rows = [{"n": number, "text": "x" * random.Random(number).randrange(90_000)} for number in range(30)]
    (tmp_path / "rows.json").write_text("\n[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    found = list(array_objects(tmp_path / "rows.json", ImportReport()))
    assert [one.values for one in found] == rows
    assert [one.place.line for one in found] == list(range(3, 33))


# All or nothing


def test_the_same_source_gives_the_same_bytes(tmp_path: Path):
    take(tmp_path, DATA / "healthbench.jsonl")
    first = digests(tmp_path / "bank"), (tmp_path / "bank" / "import-report.json").read_bytes()
    assert take(tmp_path, DATA / "healthbench.jsonl").exit_code == 0
    assert (digests(tmp_path / "bank"), (tmp_path / "bank" / "import-report.json").read_bytes()) == first
    assert first[0] == report_of(tmp_path / "bank")["files"]


def test_a_second_import_takes_the_place_of_the_first_as_a_whole(tmp_path: Path):
    take(tmp_path, DATA / "healthbench.jsonl")
    csedb("import", "kqa", DATA / "kqa.jsonl", "--into", tmp_path / "bank")
    assert {case.criterion.code for case in load_bank(tmp_path / "bank").cases} == {"kqa"}
    assert not (tmp_path / "bank" / "answers" / "ideal.jsonl").exists()


def test_changes_made_since_the_import_are_not_overwritten_unless_asked(tmp_path: Path):
    take(tmp_path, DATA / "healthbench.jsonl")
    edited = tmp_path / "bank" / "unspecified" / "communication.yaml"
    edited.write_text(edited.read_text() + "# reviewed\n")
    result = take(tmp_path, DATA / "healthbench.jsonl")
    assert result.exit_code == 4
    assert "was changed since it was imported (1 files, first unspecified/communication.yaml)" in result.output
    assert "# reviewed" in edited.read_text()
    assert take(tmp_path, DATA / "healthbench.jsonl", "--replace").exit_code == 0
    assert "# reviewed" not in edited.read_text()


def test_a_directory_with_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "thesis.txt").write_text("years of work")
    result = take(tmp_path, DATA / "healthbench.jsonl")
    assert "holds something else than an import" in result.output
    assert [path.name for path in (tmp_path / "bank").iterdir()] == ["thesis.txt"]


def test_a_failed_import_leaves_the_earlier_one_in_place(tmp_path: Path):
    take(tmp_path, DATA / "healthbench.jsonl")
    before = digests(tmp_path / "bank")
    assert take(tmp_path, write_lines(tmp_path / "bad.jsonl", ["{"])).exit_code == 4
    assert digests(tmp_path / "bank") == before


@pytest.mark.parametrize("before", [False, True], ids=["nothing-there", "import-there"])
def test_after_a_kill_there_is_no_half_import_and_the_next_run_gives_the_same(tmp_path: Path, before: bool):
    if before:
        csedb("import", "kqa", DATA / "kqa.jsonl", "--into", tmp_path / "bank")
    old = digests(tmp_path / "bank") if before else {}
    source = write_lines(tmp_path / "rows.jsonl", (long_row(number, themes=1) for number in range(1_500)))
    command = [sys.executable, "-m", "csedb_tests.cli", "import", "healthbench", source, "--into", tmp_path / "bank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and not any(tmp_path.glob(".bank.importing-*/*/*.yaml")):
        time.sleep(0.005)  # until it writes its first cases, a quarter of all
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert any(tmp_path.glob(".bank.importing-*"))
    assert (digests(tmp_path / "bank") if before else list(tmp_path.glob("bank"))) == (old if before else [])
    assert subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0
    again = digests(tmp_path / "bank")
    assert not any(tmp_path.glob(".bank.*"))
    assert csedb("import", "healthbench", source, "--into", tmp_path / "other").exit_code == 0
    assert digests(tmp_path / "other") == again


def test_a_kill_between_the_two_renames_is_mended(tmp_path: Path):
    take(tmp_path, DATA / "healthbench.jsonl")
    before = digests(tmp_path / "bank")
    (tmp_path / "bank").rename(tmp_path / ".bank.replaced")
    assert take(tmp_path, write_lines(tmp_path / "bad.jsonl", ["{"])).exit_code == 4
    assert digests(tmp_path / "bank") == before


# Many rows


def long_row(number: int, themes: int = 7) -> dict[str, object]:
    rubrics = [
        {"criterion": f"Says thing {n} of row {number}. " + "x" * 60, "points": 5, "tags": []} for n in range(12)
    ]
    return health_row(number, rubrics=rubrics, example_tags=[f"theme:theme_{number % themes}"])


def test_a_cell_too_large_for_one_file_goes_on_in_parts_and_keeps_its_order(tmp_path: Path):
    rows = [health_row(n, prompt=[{"role": "user", "content": f"{n} " + "x" * 9_000}]) for n in range(300)]
    take(tmp_path, write_lines(tmp_path / "rows.jsonl", rows))
    files = sorted((tmp_path / "bank" / "unspecified").rglob("*.yaml"))
    assert [path.name for path in files] == ["0002.yaml", "0003.yaml", "communication.yaml"]
    assert all(path.stat().st_size < PART_BYTES + 10_000 for path in files)
    assert [case.id for case in load_bank(tmp_path / "bank").cases] == [row["prompt_id"] for row in rows]


def test_a_case_larger_than_any_bank_file_is_skipped(tmp_path: Path):
    rows = [health_row(1), health_row(2, prompt=[{"role": "user", "content": "x" * 2_100_000}])]
    assert take(tmp_path, write_lines(tmp_path / "rows.jsonl", rows)).exit_code == 1
    assert "a bank file holds 2,000,000" in next(iter(noted(tmp_path / "bank", "skipped")))


def peak_megabytes(source: Path, into: Path) -> float:
    code = (
        "import resource, sys; from csedb_tests.cli import main\n"
        f"sys.argv = ['csedb', 'import', 'healthbench', {str(source)!r}, '--into', {str(into)!r}]\n"
        "try: main()\n"
        "except SystemExit as end:\n"
        "    print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "    sys.exit(end.code)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(result.stdout.split()[-1]) / (2**20 if sys.platform == "darwin" else 2**10)


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path):
    few = write_lines(tmp_path / "few.jsonl", (long_row(number) for number in range(10)))
    many = write_lines(tmp_path / "many.jsonl", (long_row(number) for number in range(4_000)))
    assert many.stat().st_size > 6_000_000
    grown = peak_megabytes(many, tmp_path / "b") - peak_megabytes(few, tmp_path / "a")
    assert grown < 25  # the 8 MB that are held, the ids, and what Python keeps


# Pieces


texts = st.text(max_size=40) | st.text(
    st.sampled_from("ab :#-|>'\"\\\n\t\r\x85\u2028\ufeff\x00\U0001f600é中"), max_size=30
)
plain = texts.map(lambda text: text.encode("utf-8", "replace").decode())
values = st.recursive(
    plain | st.floats(-100, 100, allow_nan=False) | st.integers(-5, 5),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "points", "on", "id"]), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "rules", "question"]), values, min_size=1), min_size=1, max_size=3)
)
def test_whatever_is_written_as_yaml_reads_back_as_the_same(written: list[dict[str, object]]):
    document = read_document("x.yaml", yaml_text(written).encode())
    assert document.problems == ()
    assert document.value == written


@given(st.text(max_size=200), st.text(max_size=200))
def test_made_ids_are_legal_stable_and_differ_where_their_sources_do(one: str, other: str):
    registry = IdRegistry()
    first, second = registry.claim(one, "question 1"), registry.claim(other, "question 2")
    assert first.case_id != second.case_id
    assert legal_id(one) == legal_id(one)
    assert legal_key(one, "theme")[0].isalpha()
    assert registry.claim(one, "question 1").is_known


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("What should I do about my cough?", "en"),
        ("¿Qué puedo tomar para la tos y el dolor de cabeza?", "es"),
        ("Que puis-je prendre pour la toux avec mon traitement ?", "fr"),
        ("Was kann ich gegen den Husten tun, und wie lange ist das normal?", "de"),
        ("O que posso tomar para a tosse? Não tenho febre, mas estou com dor.", "pt"),
        ("咳嗽三周了，要不要拍片？", "zh"),
        ("咳が三週間続いています。", "ja"),
        ("기침이 삼 주째 계속됩니다.", "ko"),
        ("Кашель три недели, что делать?", "und-Cyrl"),
        ("HbA1c 9.1 %, eGFR 44", "und"),
        ("", "und"),
    ],
)
def test_a_language_is_guessed_only_where_the_text_shows_it(text: str, tag: str):
    assert guess_language(text) == tag
