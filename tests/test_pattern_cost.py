"""What judging costs: in proportion to the length of an answer, whatever it is made of."""

import gc
import time
from collections.abc import Callable
from itertools import count

import pytest

from csedb_tests.bank import load_bank
from csedb_tests.judges.pattern import PatternJudge
from tests.conftest import MINI_BANK

JUDGE, CASE = PatternJudge(), load_bank(MINI_BANK).case("cardiology-S03-01")
SHORT = 100_000
NUMBERS = count(100_000)
QUESTION = "She has heart failure and fast atrial fibrillation today, with a low pressure. "


def repeated(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def nested(size: int) -> str:
    return "".join(" " * (number % 90) + "- verapamil:\n" for number in range(size // 58))


HOSTILE: dict[str, Callable[[int], str]] = {
    "ordinary prose": repeated(QUESTION),
    "prohibitions": repeated("Do not give verapamil because of the weak heart; give amiodarone 300 mg IV instead. "),
    "pronouns": repeated("Verapamil is used. Avoid it. "),
    "one sentence": repeated("she has a weak heart and verapamil was given to her and it was "),
    "no full stop": repeated("avoid verapamil, "),
    "one word": repeated("a"),
    "negations": repeated("not "),
    "keywords": repeated("verapamil "),
    "verbs": repeated("take switch put "),
    "open brackets": repeated("("),
    "loose brackets": repeated("( "),
    "loose dashes": repeated("- "),
    "nested quotes": lambda size: '"' * (size // 2) + "verapamil" + '"' * (size // 2),
    "quoted words": repeated('he said "verapamil '),
    "newlines": repeated("\n"),
    "paragraphs of a word": repeated("verapamil\n\n"),
    "table": repeated("| verapamil | avoid | 5 mg |\n"),
    "list": lambda size: "Do not give:\n" + "- verapamil 5 mg\n" * (size // 17),
    "nested lists": nested,
    "open comments": repeated("<!--"),
    "open tags": repeated("<b "),
    "open links": repeated("[a](b"),
    "digits": repeated("1,"),
    "amounts": repeated("5 mg to 7 mg "),
    "different words": lambda size: " ".join(f"w{next(NUMBERS)}" for _ in range(size // 7)),
    "combining accents": repeated("e\u0301"),
}


def cpu(answer: str) -> float:
    """Seconds of judging, without searches for garbage among what other tests left."""
    gc.disable()
    try:
        started = time.thread_time()
        JUDGE.verdicts(CASE, answer)
        return time.thread_time() - started
    finally:
        gc.enable()


@pytest.mark.parametrize("name", HOSTILE)
def test_eight_times_the_answer_costs_about_eight_times_as_much(name: str):
    """A quadratic step makes the ratio 64. Other processes only ever add time, so the least of three counts."""
    make = HOSTILE[name]
    cpu(make(1000))
    once = min(cpu(make(SHORT // 4)) for _ in range(3))
    eightfold = min(cpu(make(2 * SHORT)) for _ in range(3))
    assert eightfold <= 20 * once + 0.03


@pytest.mark.parametrize("name", ["ordinary prose", "one sentence", "table", "list"])
def test_a_million_characters_take_no_noticeable_time(name: str):
    """Under a second on one core (``python -m benchmarks --only judge``); the limit leaves room for a busy machine."""
    started = time.perf_counter()
    verdicts = JUDGE.verdicts(CASE, HOSTILE[name](1_000_000))
    assert time.perf_counter() - started < 8
    assert len(verdicts) == len(CASE.statements)
