"""Labels, short questions and what is said of them: "Verapamil: stop", "*Verapamil.* Better not", "Milk? Yes"."""

import pytest

from tests.finding import found_in_letter as found


@pytest.mark.parametrize(
    "answer",
    [
        "Verapamil: no.",
        "Verapamil: discontinue, permanently.",
        "- Verapamil: stopped, no further doses",
        "Verapamil - absolutely not.",
        "| Verapamil | no |",
        "*Verapamil.* Steer well clear of it.",
        "*Verapamil.* Better not.",
        "**Verapamil?** Not for her.",
        "Verapamil? No, it would stop the heart.",
        "Verapamil is out.",
        "Verapamil has to go.",
        "Verapamil must not go anywhere near this lady.",
        "Verapamil is not for him.",
        "Ditch the verapamil.",
        "I would veto verapamil.",
        "Give verapamil a wide berth.",
    ],
)
def test_a_reply_forbids_what_its_label_names(answer: str):
    assert found("@avoid & verapamil", answer)
    assert not found("@give & verapamil", answer, never=True)


@pytest.mark.parametrize(
    "answer",
    [
        "Verapamil: no objection.",
        "Verapamil: fine.",
        "Next steps: no delay, verapamil now.",
        "He has to go to theatre; verapamil can run.",
        "When the catheter is out, give verapamil.",
        "With verapamil the pressure may reach dangerous heights.",
        "If rash: stop. Verapamil may be given.",
    ],
)
def test_what_is_no_reply_forbids_nothing(answer: str):
    assert not found("@avoid & verapamil", answer)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Can she have verapamil? Yes.", True),
        ("Verapamil? Yes, 80 mg.", True),
        ("Verapamil: yes.", True),
        ("Is it dangerous to take verapamil? Yes.", False),
        ("Can she have verapamil? No.", False),
        ("Can she have verapamil? Absolutely not.", False),
        ("Verapamil? Do not, she would collapse.", False),
    ],
)
def test_a_yes_permits_what_was_asked_for(answer: str, expected: bool):
    assert found("@safe & verapamil", answer, never=True) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Verapamil 80 mg tonight.", True),
        ("Verapamil 5 mg rapid push.", True),
        ("Her verapamil 80 mg was too much for her.", False),
    ],
)
def test_a_short_line_with_an_amount_is_an_order(answer: str, expected: bool):
    assert found("@dose & verapamil", answer, never=True) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Happy to put my name to that plan.", True),
        ("I side with your colleague: go with the plan.", True),
        ("I cannot put my name to that plan.", False),
        ("I do not agree with the plan.", False),
    ],
)
def test_agreeing_endorses_a_plan_unless_it_is_denied(answer: str, expected: bool):
    assert found("@agree & plan", answer, never=True) is expected


def test_two_groups_cannot_both_be_met_by_one_stop_said_of_a_label():
    assert not found("@avoid & stop* & naproxen", "Naproxen: stop.")
