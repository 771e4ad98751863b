"""Reading patterns: what is accepted, what an error tells, and how words, stems and numbers compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csedb_tests.patterns.document import read
from csedb_tests.patterns.language import Pattern, PatternError, parse
from csedb_tests.patterns.lexicon import lexicon
from tests.finding import found_alone as found


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("(verapamil", "'(' is not allowed"),
        ("a = b", "'=' is not allowed"),
        ("a & & b", "nothing stands here"),
        ("a | | b", "nothing stands here"),
        ("& a", "nothing stands here"),
        ("a &&", "nothing stands here"),
        ("", "nothing stands here"),
        ("!a", "only '!' groups"),
        ("a && !b", "only '!' groups"),
        ("!", "nothing stands here"),
        ("@avod & verapamil", "unknown word class '@avod'; did you mean '@avoid'?"),
        ("@ & x", "unknown word class '@'"),
        (">g", "'g' is no number"),
        (">4 parsecs", "unknown unit 'parsecs'"),
        ("7-5 days", "'7-5 days' is no range"),
        ("- / -", "holds no word"),
        ("ana*phylaxis", "'*' is not allowed here"),
        ("*", "'*' is not allowed"),
    ],
)
def test_an_error_names_the_fault(pattern: str, parts: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse(pattern)
    assert parts in str(caught.value)
    assert repr(pattern) in str(caught.value)


def test_an_error_names_the_position() -> None:
    with pytest.raises(PatternError, match=r"character 8: unknown word class '@zzzz'") as caught:
        parse("drug & @zzzz")
    assert caught.value.position == 7
    assert "@avoid" in str(caught.value)


def test_a_parsed_pattern_is_shared() -> None:
    assert parse("@avoid & verapamil") is parse("@avoid & verapamil")


@given(st.text(alphabet='ab &|!@*<>=4g.-()"', max_size=25))
def test_any_text_parses_or_is_refused_with_a_reason(text: str) -> None:
    try:
        pattern = parse(text)
    except PatternError as error:
        reason = error.fault
    else:
        reason = "read" if isinstance(pattern, Pattern) and all(part.groups for part in pattern.parts) else ""
    assert reason


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("haemorrhage", "A hemorrhage.", True),
        ("hemorrhage", "A HAEMORRHAGE.", True),
        ("oedema", "Pulmonary edema.", True),
        ("diarrhoea", "Watery diarrhea.", True),
        ("diarrho*", "Watery diarrhea.", True),
        ("tumour", "A tumor.", True),
        ("tumor*", "Two tumours.", True),
        ("hospitalise", "Hospitalize her.", True),
        ("hospitaliz*", "She was hospitalised.", True),
        ("counsell*", "Counseling helps.", True),
        ("titr*", "The titre rose.", True),
        ("sulfate", "Magnesium sulphate.", True),
        ("foetus", "The fetus.", True),
        ("seiz*", "A seizure.", True),
        ("four", "For her.", False),
        ("beta blocker", "A beta-blocker.", True),
        ("beta-blocker", "Beta blockers.", True),
        ("antibiotic", "Antibiotics.", True),
        ("antibiotics", "An antibiotic.", True),
        ("biopsy", "Two biopsies.", True),
        ("abscess", "Abscesses.", True),
        ("hyperkal*", "Hyperkalaemia.", True),
        ("hyperkal*", "Potassium.", False),
        ("calcium channel block*", "Calcium-channel blockers.", True),
        ("fever chills", "Fever, chills.", False),
        ("do not", "Don\u2019t.", True),
        ("cannot", "It can't.", True),
        ("iv", "Give it i.v. now.", True),
        ("bid", "500 mg b.i.d. with food.", True),
        ("a e", "Go to A&E.", True),
        ("verapamil", "**Vera**pamil", True),
        ("verapamil", "**Verapamil**", True),
        ("verapamil", "_verapamil_ `x`", True),
        ("verapamil", "vera\u200bpamil", True),
        ("verapamil", "v\u0435rapamil", True),
        ("verapamil", "\uff36\uff25\uff32\uff21\uff30\uff21\uff2d\uff29\uff2c", True),
        ("verapamil", "<!-- verapamil -->", False),
        ("verapamil", "<!-- verapamil", True),
        ("verapamil", "<b>Verapamil</b>", True),
        ("verapamil", "[link](https://verapamil.example)", False),
        ("hba1c", "HbA1c 62", True),
        ("aspirin & !heparin", "Aspirin and heparin.", False),
        ("aspirin & !heparin", "Aspirin. Heparin.", True),
        ("aspirin & heparin", "Aspirin. Heparin.", False),
        ("aspirin && heparin", "Aspirin. Heparin.", True),
        ("aspirin && heparin", "Aspirin.", False),
        ("heparin & aspirin", "Aspirin with heparin", True),
        ("nothing | aspirin", "Aspirin", True),
    ],
)
def test_words_compare_as_people_write_them(pattern: str, text: str, expected: bool) -> None:
    assert found(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (">4 g", "5 g a day", True),
        (">4 g", "4 g a day", False),
        (">4 g", "5000 mg", True),
        (">4 g", "5,000 mg", True),
        (">4 g", "more than 4 g", True),
        (">4 g", "no more than 4 g", False),
        (">4 g", "4-6 g", True),
        (">4 g", "3 to 4 g", False),
        (">4 g", "5 g/day", True),
        (">4 g", "5 g/L", False),
        (">4 g", "5 mg/kg", False),
        (">4 g", "5 days", False),
        (">=4 g", "4g", True),
        ("<=0.5 mg", "500 mcg", True),
        ("<=0.5 mg", "500 \u00b5g", True),
        ("<=0.5 mg", "500 micrograms", True),
        ("=0.5 mg", ".5 mg", True),
        ("=0.5 mg", "0,5 mg", True),
        ("=48 h", "2 days", True),
        ("=48 h", "two days", True),
        ("=48 hours", "48-hour", True),
        ("5-7 days", "for 7 days", True),
        ("5-7 days", "for a week", False),
        ("5-7 days", "for 10 days", False),
        ("5 to 7 days", "five to seven days", True),
        ("=10 mg/kg", "10 mg/kg", True),
        ("=10 mg/kg", "10 mg per kg", True),
        ("=10 mg/kg", "10 mg", False),
        (">6 mmol/L", "potassium 6.8 mmol/L", True),
        (">6 mmol/L", "potassium 6.8 mEq/L", True),
        ("<30 mL/min", "an eGFR of 22 mL/min", True),
        ("=15 mL/kg/h", "15 mL/kg/h", True),
        ("=5", "a score of 5", True),
        ("=5", "5 mg", False),
        ("4 g", "4 grams", True),
        ("4 g", "14 g", False),
        ("20%", "20 %", True),
        (">20%", "25 percent", True),
        (">4 g", "1.2.3 g", False),
    ],
)
def test_quantities_compare_in_one_dimension(pattern: str, text: str, expected: bool) -> None:
    assert found(pattern, text) is expected


@pytest.mark.parametrize("name", sorted(lexicon().classes))
def test_every_class_can_be_used(name: str) -> None:
    assert parse(f"@{name} & x").parts[0].groups[0].classes == (name,)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Give 0.5 mg. Then stop.", ["Give 0.5 mg", "Then stop"]),
        ("Take it b.i.d. with food, e.g. bread.", ["Take it b.i.d. with food, e.g. bread"]),
        ("Ask Dr. Smith. He knows.", ["Ask Dr. Smith", "He knows"]),
        ("Give it i.v. Then wait.", ["Give it i.v.", "Then wait"]),
        ("1. First\n2. Second. Third", ["First", "Second", "Third"]),
        ("- a b\n  c d\n- e", ["a b\n  c d", "e"]),
        ("# Head\nText", ["Head", "Text"]),
        ("**Head**\nText", ["Head", "Text"]),
        ("| a | b |\n|---|---|\n| c | d |", ["a | b", "c | d"]),
        ("Short line\nNext line", ["Short line", "Next line"]),
        ("Really? Yes! No.", ["Really", "Yes", "No"]),
        ("versus 5 mg vs. placebo", ["versus 5 mg vs. placebo"]),
        ("A paragraph that somebody has wrapped by hand after so many\nwords", None),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str] | None) -> None:
    document = read(text)
    assert [document.quote(i) for i in range(len(document.sentences))] == (sentences or [text])
