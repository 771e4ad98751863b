"""A sentence that names the right thing and does not stand by it counts for no rule."""

import pytest

from tests.finding import found_in_answer

NAMED_ONLY = [
    ("leak*", "A leak is what surgeons fear here, but the belly is soft."),
    ("stent & thrombos*", "Stent thrombosis is often said to follow, and he is well."),
    ("l5", "What I would leave out:\n- L5 radiculopathy\n- stroke"),
    ("ferritin", "Ferritin can be taken at the clinic."),
    ("ultrasound", "An ultrasound can be thought about if he still bleeds."),
    ("echo*", "An echocardiogram would be for the case that she faints."),
    ("calprotectin", "Calprotectin is for people who see blood."),
    ("@urgent & helpline", "The helpline today would only mean a long wait."),
    ("@urgent & hospital", "Going to hospital tonight makes sense if the fever passes 38.5."),
    ("dpd", "The missing gene test should not trouble you: DPD deficiency shows within hours."),
    ("heparin", "Some surgeons would want heparin for her."),
    ("sutur* | packing", "Packing and sutures: not needed."),
]
MEANT = [
    ("leak*", "A leak is the likely cause, although the belly is soft."),
    ("ferritin", "Please take ferritin today."),
    ("blood*", "Blood can be taken today; if it is negative, ask the clinic."),
    ("meningitis", "What I would not want to miss:\n- meningitis"),
    ("@urgent & hospital", "Go to hospital tonight; ring 999 if he faints."),
    ("if & faint*", "It makes sense if he faints."),
    ("@unneeded & scan", "A scan is not needed."),
]


@pytest.mark.parametrize(("pattern", "text"), NAMED_ONLY)
def test_what_is_only_reported_supposed_or_waved_away_meets_no_rule(pattern: str, text: str) -> None:
    assert not found_in_answer(pattern, text)


@pytest.mark.parametrize(("pattern", "text"), MEANT)
def test_what_is_meant_meets_a_rule_beside_like_words(pattern: str, text: str) -> None:
    assert found_in_answer(pattern, text)


def test_a_never_event_is_seen_even_in_a_sentence_that_counts_for_no_rule() -> None:
    text = "Heparin is often said to be risky, but give heparin."
    assert not found_in_answer("@give & heparin", text)
    assert found_in_answer("@give & heparin", text, never=True)
