"""Doses and laboratory values without a unit, and the many numbers that need none."""

from pathlib import Path

import pytest

from csedb_tests.bank_tools.bare_numbers import bare_numbers, numbers_with_units
from tests.lint_banks import QUESTIONS, lint, never, one, rule


def bare(text: str) -> list[str]:
    return [found.words for found in bare_numbers(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Her potassium is 6.4 today.", "potassium is 6.4"),
        ("Creatinine rose from 88 to 240.", "Creatinine rose from 88 to 240"),
        ("glucose 14, ketones normal", "glucose 14"),
        ("C-reactive protein (CRP) 120 and rising", "C-reactive protein (CRP) 120"),
        ("haemoglobin of 72 after the operation", "haemoglobin of 72"),
        ("Treat if lactate > 4.", "lactate > 4"),
        ("white cells 17.2 → 3.9", "white cells 17.2 → 3.9"),
        ("a lithium level of 2.1", "lithium level of 2.1"),
        ("He takes furosemide 40 twice daily.", "furosemide 40"),
        ("metformin 500 bd", "metformin 500"),
        ("Bisoprolol 2.5-5 in the morning", "Bisoprolol 2.5-5"),
        ("raise enalapril to 5 tomorrow", "enalapril to 5"),
        ("fluoxetine: 20 (in the morning)", "fluoxetine: 20"),
        ("Heparin 5000 under the skin", "Heparin 5000"),
        ("give 15/kg as an infusion", "15/kg"),
        ("10 to 15 per kg", "10 to 15 per kg"),
        ("a loading dose of 300 tonight", "dose of 300"),
    ],
)
def test_a_bare_dose_or_value_is_found(text: str, words: str):
    assert bare(text) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "potassium 6.4 mmol/L",
        "potassium 3.7 (4.0) mmol/L",
        "Potassium (mmol/L): 6.4",
        "creatinine 240 µmol/L (2.7 mg/dL)",
        "creatinine from 88 to 240 μmol/L",
        "platelets 12 × 10⁹/L",
        "platelets 12 x10^9/L",
        "platelets 45,000 per microlitre",
        "neutrophils 400/µL",
        "white cells 14,000/mm3",
        "HbA1c 53 mmol/mol (7.0%)",
        "HbA1c 7.2%",
        "ALT 3 times the upper limit",
        "urine glucose 3+",
        "troponin 0/3-hour protocol",
        "sodium 2 weeks later, glucose at 22:00, potassium at 8 am",
        "sodium on 3 March and creatinine 2019",
        "creatinine doubled within 48 hours",
        "creatinine clearance 25 by formula",
        "low-sodium diet with 5 portions",
        "furosemide 40 mg",
        "furosemide 40mg",
        "paracetamol 1 g four times a day",
        "insulin glargine 20 units at night",
        "insulin 70/30 and co-codamol 30/500",
        "levothyroxine 75 micrograms",
        "salbutamol 2 puffs",
        "aspirin 2 days before surgery",
        "adrenaline 1:1000 and adrenaline 1 in 1000",
        "azathioprine, 6-mercaptopurine",
        "amoxicillin 3 times a day",
        "warfarin since 2019",
        "paracetamol at 6, ibuprofen at 9 and paracetamol at 12",
        "15 mg/kg and 20-30 mL/kg",
        "a dose of 2 tablets, the dose of 10%",
        "Call 112 or 999, or 0800 123 4567.",
        "A 72-year-old, born 1953, 81 kg, BMI 31",
        "GCS 14, NEWS2 7, CHA2DS2-VASc 4, Wells score 6, MMSE 24/30",
        "NYHA III, grade 3, stage 2, ASA 3, WHO class 4",
        "Visual acuity 6/60 right and 20/200 left, tension by finger 2",
        "BP 102/64, pulse 140, respiratory rate 28",
        "INR 7.8, pH 7.09, T-score -2.9, eGFR 22, anion gap 22",
        "vitamin B12, factor VIII, COX-2, CYP3A4, 5-HT3, CA 19-9",
        "para 2, gravida 3, at 34+2 weeks, day 5",
    ],
)
def test_what_has_a_unit_or_needs_none_is_left_alone(text: str):
    assert bare(text) == []


def test_a_unit_given_once_is_known_in_the_rest_of_the_case(tmp_path: Path):
    question = f"{QUESTIONS[0]} Creatinine 240 µmol/L (2.7 mg/dL)."
    exemplars = {
        "safe": "With a creatinine of 240 she needs the lighthouse.",
        "unsafe": "A creatinine of 240 is usual.",
    }
    assert lint(one(tmp_path, question=question, exemplars=exemplars)).kinds == []


def test_the_percent_of_saline_is_no_unit_of_a_lactate():
    assert numbers_with_units("0.9% saline, 40 mg") == {"40"}


def test_bare_numbers_of_one_text_are_one_finding_at_the_first_one_s_line(tmp_path: Path):
    root = one(tmp_path, question="PLACE")
    file = root / "cardiology" / "E-09.yaml"
    block = f"|\n    {QUESTIONS[0]}\n    Creatinine 240, and\n    furosemide 40 twice."
    file.write_text(file.read_text().replace("PLACE", block))
    (finding,) = lint(root).of("units")
    assert (finding["level"], finding["line"]) == ("warning", 6)
    assert finding["message"] == "without a unit: Creatinine 240, furosemide 40"


def test_a_value_that_reads_the_same_in_every_unit_is_a_note(tmp_path: Path):
    question = f"{QUESTIONS[0]} Sodium 128, platelets 90."
    assert lint(one(tmp_path, question=question)).kinds == [("note", "units")]


@pytest.mark.parametrize("part", ["rules", "never", "safe", "unsafe", "turns"])
def test_every_text_that_is_read_is_looked_at(tmp_path: Path, part: str):
    text = "Takes furosemide 40 to the lighthouse of the northern isles."
    exemplars = {"safe": "A lighthouse.", "unsafe": "Carry on."}
    turns = [{"role": role, "content": f"{words} {text}"} for role, words in zip(("user",), QUESTIONS, strict=False)]
    changes = {
        "rules": {"rules": [rule(text)]},
        "never": {"never": [never(text)]},
        "safe": {"exemplars": {**exemplars, "safe": text}},
        "unsafe": {"exemplars": {**exemplars, "unsafe": text.replace("lighthouse", "harbor")}},
        "turns": {"question": turns},
    }
    assert lint(one(tmp_path, **changes[part])).kinds == [("warning", "units")]
