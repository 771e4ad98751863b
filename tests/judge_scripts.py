"""Scripted judges for `csedb qualify`: one that is right, and some with a fault each."""

import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable

from csedb_tests.judges.pattern import PatternJudge
from csedb_tests.schema import Case
from tests.loopback import Reply, Seen, answer_in, completion, statements, verdicts

CANARY = re.compile(r"^Recommends starting \w+ at a dose of \d+ mg\.$")
Judge = Callable[[dict[str, str], str], set[str]]
"""From the numbered statements and the answer to the numbers that are met."""


def scripted(judge: Judge) -> Callable[[Seen], Reply]:
    """A server script: what ``judge`` calls met is met, with the answer's first words as its quote."""

    def script(seen: Seen) -> Reply:
        numbers, answer = statements(seen.user), answer_in(seen.user)
        met = judge(numbers, answer)
        entries = verdicts(numbers)
        for number in met:
            entries[number] = {"quote": answer[:30], "reason": "scripted", "verdict": "met"}
        return completion(json.dumps(entries))

    return script


class Perfect:
    """Knows the verdicts on every exemplar, padded or not; calls everything else not met, negations included."""

    def __init__(self, cases: tuple[Case, ...]) -> None:
        judge = PatternJudge()
        self._met: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for case in cases:
            texts = {statement.id: " ".join(statement.text.split()) for statement in case.statements}
            for answer in (case.exemplars.safe, case.exemplars.unsafe):
                found = judge.verdicts(case, answer)
                self._met[answer] = {texts[v.statement]: {v.value} for v in found}

    def __call__(self, numbers: dict[str, str], answer: str) -> set[str]:
        known = next((values for text, values in self._met.items() if text in answer), {})
        return {number for number, text in numbers.items() if "met" in known.get(text, ())}


def always_met(numbers: dict[str, str], _: str) -> set[str]:
    """Agrees with everything but the canary, which it has learnt to spot."""
    return {number for number, text in numbers.items() if not CANARY.match(text)}


def gullible(numbers: dict[str, str], _: str) -> set[str]:
    """Agrees with everything, the canary included."""
    return set(numbers)


def first_in_line(numbers: dict[str, str], _: str) -> set[str]:
    """Calls met whatever statement stands first."""
    return {"S1"} if not CANARY.match(numbers["S1"]) else {"S2"}


class Flipping:
    """Right at every odd asking of the same request; at every even one nothing is met."""

    def __init__(self, right: Judge) -> None:
        self._right = right
        self._asked: Counter[tuple[str, ...]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, numbers: dict[str, str], answer: str) -> set[str]:
        with self._lock:
            self._asked[(answer, *numbers.values())] += 1
            odd = self._asked[(answer, *numbers.values())] % 2
        return self._right(numbers, answer) if odd else set()
