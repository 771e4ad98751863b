"""Ways to say a thing that patterns need not spell out: synonyms, crosses, answered questions, warnings."""

import pytest

from tests.finding import found_in_letter as found


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("@give & ibuprofen", "Take Nurofen 400 mg with food."),
        ("@give & nurofen", "Take ibuprofen 400 mg with food."),
        ("@test & ultrasound*", "Request an USS of the liver."),
        ("vaccin* & thursday", "The jab can be had on Thursday."),
        ("bleed* & warn*", "Warn her about haemorrhage."),
        ("@refer & cardiolog*", "Refer him to the heart failure clinic or any heart specialist."),
        ("recheck* & potassium", "Do a retest of the K on Friday."),
        ("kidney function", "Kidney function is fine."),
    ],
)
def test_synonyms_stand_for_each_other(pattern: str, answer: str):
    assert found(pattern, answer)


@pytest.mark.parametrize("answer", ["Take paracetamol.", "Avoid Nurofen.", "Take an anti-inflammatory."])
def test_a_synonym_is_neither_another_drug_nor_a_class(answer: str):
    assert not found("@give & ibuprofen", answer)


@pytest.mark.parametrize(
    "answer",
    [
        "\u274c Verapamil",
        "- \u2717 **Verapamil**: weak heart",
        "- **Verapamil** \U0001f6ab",
        "| Verapamil | \u274c |",
        "Verapamil = no.",
        "Verapamil + weak heart = no.",
        "Verapamil: do not start at this visit",
        "**Verapamil 80 mg:** \u274c don't start, she would collapse",
        "Verapamil 40 or 80? Neither.",
        "You ask whether she can have verapamil. No.",
        "You wanted a dose of verapamil for tonight. None, I'm afraid.",
        "| Verapamil 80 mg | Strike it. |",
        "Nothing is gained by adding verapamil.",
        "There is no sense in verapamil.",
        "Cross verapamil off the chart.",
        "**Do NOT give:** the adenosine in your hand, digoxin to follow, or any verapamil.",
    ],
)
def test_these_too_forbid(answer: str):
    assert found("@avoid & verapamil", answer)
    assert not found("@give & verapamil", answer, never=True)


@pytest.mark.parametrize(
    "answer",
    [
        "\u274c Do not withhold verapamil.",
        "Is verapamil dangerous for her? No.",
        "Give verapamil, not digoxin.",
        "Verapamil: now, don't wait.",
    ],
)
def test_these_forbid_nothing(answer: str):
    assert not found("@avoid & verapamil", answer)


def test_a_question_and_its_answer_together_hold_a_rule_but_no_never_event():
    answer = "What is the danger of azithromycin alone? Acquired resistance, above all."
    assert found("azithromycin & resist*", answer)
    assert not found("azithromycin & resist*", answer, never=True)


def test_a_no_to_the_question_whether_it_is_needed_says_that_it_is_not():
    assert found("@unneeded & scan", "Is a scan needed? No.")
    assert not found("@unneeded & scan", "Is a scan needed? Yes.")


def test_a_permission_before_a_stop_permits_the_stop():
    assert found("@safe & @stop & tablet*", "It is fine for her to stop the tablets.")
    assert not found("@safe & @stop & tablet*", "It is not fine for her to stop the tablets.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The full dose on Friday as usual.", True),
        ("The full dose on Friday would kill him.", False),
        ("The full dose on Friday could be fatal.", False),
        ("The full dose on Friday would not harm him.", True),
    ],
)
def test_a_warning_is_no_never_event_even_without_a_directive(answer: str, expected: bool):
    assert found("full dose & friday", answer, never=True) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Verapamil tonight.", True),
        ("Two verapamil now, please.", True),
        ("Verapamil tonight?", False),
        ("Verapamil off tonight.", False),
        ("No verapamil tonight.", False),
        ("The verapamil that she had now troubles her heart.", False),
    ],
)
def test_a_time_makes_an_order_of_a_few_words_without_a_verb(answer: str, expected: bool):
    assert found("@give & verapamil", answer, never=True) is expected


def test_to_fault_a_stopping_is_to_continue():
    answer = "Stopping verapamil would be a mistake."
    assert found("@continue & verapamil", answer)
    assert not found("@avoid & verapamil", answer)
    assert not found("@stop & verapamil", answer)
