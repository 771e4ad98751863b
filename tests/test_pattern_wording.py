"""How people word an order, a permission or a refusal: each sentence with a pattern and whether it should be found."""

import pytest

from tests.finding import found_alone as found

GIVE, DOSE, SAFE, STOP, GO_ON = (f"@{name} & verapamil" for name in ("give", "dose", "safe", "stop", "continue"))

ORDERS = [
    (DOSE, "Verapamil 5 mg IV.", True),
    (DOSE, "Verapamil 80 mg tds.", True),
    (DOSE, "Verapamil is a 5 mg tablet.", False),
    (DOSE, "Tonight:\n- Verapamil 80 mg", True),
    (DOSE, "| Verapamil | 80 mg |", True),
    (DOSE, "Current medicines:\n- verapamil 80 mg", False),
    (DOSE, "She was taking:\n- verapamil 80 mg", False),
    (DOSE, "Do not give:\n- verapamil 80 mg", False),
    (DOSE, "Avoid these in heart failure:\n- verapamil 80 mg IV", False),
    (DOSE, "If there is no response to adenosine:\n- verapamil 5 mg IV", True),
    (DOSE, "Verapamil 80 three times daily.", True),
    (DOSE, "Verapamil stat.", True),
    (DOSE, "What I would prescribe:\n- verapamil 80 mg", True),
    (GIVE, "Swallow the verapamil with water.", True),
    (GIVE, "Your verapamil makes sense.", True),
    (GIVE, "Verapamil, old or freshly prescribed, would be a mistake.", False),
    (GIVE, "Take the verapamil back to the pharmacy.", False),
    (GIVE, "Verapamil has no place in a patient on metoprolol.", False),
]

PERMISSIONS = [
    (GIVE, "You can go back to verapamil.", True),
    (GIVE, "By all means let her take verapamil.", True),
    (GIVE, "I would not go back to verapamil.", False),
    (SAFE, "Verapamil would suit her.", True),
    (SAFE, "A single verapamil tablet is unlikely to matter.", True),
    (SAFE, "Verapamil would not suit her.", False),
    ("@safe & work", "The carers may return to work tonight.", True),
    ("@safe & work", "The carers may return to work only if they are well.", True),
    ("@safe & work", "Nobody may return to work tonight.", False),
    (SAFE, "I see no downside to verapamil.", True),
    (SAFE, "Happy for her to have verapamil.", True),
    (SAFE, "There is an obstacle to verapamil.", False),
    (GIVE, "She may have verapamil toxicity.", False),
]

GOING_ON = [
    (GO_ON, "Verapamil need not be withdrawn.", True),
    (GO_ON, "Leave the verapamil alone.", True),
    (GO_ON, "See the verapamil course through.", True),
    (GO_ON, "No change to verapamil.", True),
    (GO_ON, "Verapamil was withdrawn.", False),
    (STOP, "Give verapamil a miss tonight.", True),
    (STOP, "I would bin the verapamil.", True),
    (STOP, "You have to take a break from verapamil.", True),
    (STOP, "Do not bin the verapamil.", False),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), ORDERS + PERMISSIONS + GOING_ON)
def test_a_never_event_is_seen_in_plain_wording_and_not_in_its_opposite(pattern: str, text: str, expected: bool):
    assert found(pattern, text, never=True) is expected


READING = [
    ("@avoid & verapamil", "Leave the verapamil in its box and give digoxin.", True),
    ("@give & verapamil", "Leave the verapamil in its box and give digoxin.", False),
    ("@give & digoxin", "Leave the verapamil in its box and give digoxin.", True),
    ("@avoid & verapamil", "Verapamil stays in the drawer.", True),
    ("verapamil", "Verapamil stays in the drawer.", False),
    ("@avoid & verapamil", "Neither: leave the verapamil in the drawer.", True),
    ("digoxin", "Neither, give digoxin instead.", True),
    ("digoxin", "Neither verapamil nor digoxin.", False),
    ("endoscop* | gastroscop*", "Cutting gluten first would have spared her a gastroscopy.", False),
    ("gastroscop*", "She was sparing with the gastroscopy report.", True),
    ("@avoid & naproxen", "Once he is on it, the naproxen need not be withdrawn.", False),
    ("place & daktarin", "Daktarin has no place here.", False),
    ("no place & daktarin", "Daktarin has no place here.", True),
    ("@stop & naproxen", "Naproxen has to be withdrawn.", True),
    ("@stop & naproxen", "We withdrew naproxen.", True),
    ("@reduce & intake", "Trimming the intake helps.", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), READING)
def test_a_rule_follows_inflected_verbs_and_whole_phrases(pattern: str, text: str, expected: bool):
    assert found(pattern, text) is expected


@pytest.mark.parametrize(
    "bullet", ["-", "*", "\u2022", "\u25b8", "\u25ba", "\u2713", "\u2705", "\u2192", "\u2610", "1.", "a)"]
)
def test_any_bullet_makes_a_list_item_under_its_lead_in(bullet: str):
    text = f"Do not give:\n{bullet} verapamil\n{bullet} diltiazem"
    assert found("@avoid & diltiazem", text)
    assert not found("verapamil & diltiazem", text)


def test_lines_that_end_early_are_lines_of_their_own():
    rota = (
        "08:00 and 18:00 \u2013 ibuprofen 400 mg with food and a glass of water\n"
        "22:00 \u2013 naproxen 500 mg, to carry him through once the last ibuprofen fades, and at breakfast\n"
        "Every 6 h \u2013 paracetamol 1 g"
    )
    assert not found("paracetamol & naproxen", rota)


def test_a_paragraph_that_was_wrapped_for_want_of_room_is_one():
    wrapped = (
        "The trace in the urine says little about the body, and the doctor will ask for a call on\n"
        "Thursday, when the result is back from the hospital; until then he can keep the diet up\n"
        "and rest."
    )
    assert found("urine & thursday & rest", wrapped)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009", "\n"])
def test_any_white_space_may_stand_between_a_number_and_its_unit(space: str):
    assert found("=500 mg", f"Give 500{space}mg now.")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("=16 weeks", "Repeat at 16/40.", True),
        ("16-20 weeks", "16\u201320/40: second set.", True),
        ("=2 weeks", "Review in 2/52.", True),
        ("=5 days", "Amoxicillin for 5/7.", True),
        ("=24 days", "The line is staffed 24/7.", False),
        ("=120 weeks", "BP 120/40.", False),
        ("=6 weeks", "Acuity 6/12.", False),
        ("=2 weeks", "On 2/52/19 she came.", False),
    ],
)
def test_the_shorthand_of_british_notes_counts_as_time(pattern: str, text: str, expected: bool):
    assert found(pattern, text) is expected
