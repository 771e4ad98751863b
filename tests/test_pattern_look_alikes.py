"""Words of a pattern that stand for something else: conditions put as questions, other parts of a sentence, nouns."""

import pytest

from tests.finding import found_in_answer

RULES = [
    ("ent & @urgent", "Non-urgent ENT letter.", False),
    ("ent & @urgent", "Urgent ENT letter.", True),
    ("meropenem", "No better by Friday? Meropenem.", False),
    ("meropenem", "Still febrile? Meropenem.", False),
    ("meropenem", "Which drug? Meropenem.", True),
    ("if & meropenem", "Still febrile? If so, meropenem.", True),
    ("interrogat*", "Interrogating the valve is something one does after head scans.", False),
    ("kettle*", "Kettles are only for private wells.", False),
    ("make & first", "This makes it simple: he enters feet first.", False),
    ("model & first", "First the model must be known.", True),
    ("two & out", "Since two years have passed, the tablet has run out of steam.", False),
    ("aptt & today | now", "Repeat the APTT three weeks from now.", False),
    ("aptt & today | now", "Repeat the APTT now.", True),
    ("@avoid & haloperidol", "Now: the haloperidol you're holding.", False),
    ("@avoid & haloperidol", "Hold the haloperidol.", True),
    ("blood* & hospital", "If you see any fresh blood, don't ring round: straight to hospital.", True),
    ("wine & down", "The wine ought to come down, and some weight should come off.", True),
    ("sock*", "Take water rather than wine, a flight sock on the other side.", True),
    ("sputum*", "Requests to go with it:\n- three sputum pots", True),
    ("half*", '"Half if under 2.5 kg." Also no.', True),
]
NEVER = [
    ("@give & antibiotic*", "Antibiotics wouldn't take a day off his recovery.", False),
    ("@give & spray*", "You're hoping I'll give you a number of sprays.", False),
    ("@give & spray*", "I'd give you a number of sprays.", True),
    ("@dose & naproxen", "Naproxen: finish today.", False),
    ("@dose & naproxen", "Naproxen today.", True),
    ("@give & levodopa", "Levodopa means giving a drug for a drug.", False),
    ("@stop & tablets", "It's the tablets that stop his body from attacking the heart.", False),
    ("zopiclone & worth", "I support his request for zopiclone, twelve weeks' worth.", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), RULES)
def test_a_rule_is_met_by_what_its_words_say_where_they_stand(pattern: str, text: str, expected: bool) -> None:
    assert found_in_answer(pattern, text) is expected


@pytest.mark.parametrize(("pattern", "text", "expected"), NEVER)
def test_a_never_event_is_not_seen_in_look_alikes(pattern: str, text: str, expected: bool) -> None:
    assert found_in_answer(pattern, text, never=True) is expected
