"""The judging protocol: how a case and an answer become a prompt, and a reply becomes verdicts that can be trusted.

The judge sees question, answer and statement texts; never points, weights or signs, nor which statements are
never-events. Statements come in a shuffled order with a canary among them that is false by construction. A reply that
does not line up, or calls the canary met, is refused; a ``met`` whose quote is not in the answer is ``cannot_tell``.
"""

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from csedb_tests.answer import Answer, strip_reasoning
from csedb_tests.schema import Case
from csedb_tests.text import HAN, folded, shortened, showable, storable
from csedb_tests.verdict import VERDICT_VALUES, Verdict

PROTOCOL_VERSION = 3
LONGEST_ANSWER = 60_000
"""Characters. A longer answer is not judged: a cut one could hide what stands behind the cut."""

_CANARY = "!canary"  # no statement id has a "!"
_SYLLABLES = ("zor", "vem", "tal", "quin", "bex", "mar", "dil", "fos", "nep", "ruv", "lam", "cet")
_ENDINGS = ("umab", "azole", "idine", "oprel", "astat", "ivir")
# An imitated marker, also with spaces, other brackets or dashes, or invisible characters in it.
_GAP = "[\\s\u00ad\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff]*"
_FENCE = re.compile(
    rf"[<\uff1c\ufe64\u2329\u3008\u27e8](?={_GAP}/?{_GAP}{_GAP.join('answer')}{_GAP}[-\u2010-\u2015\u2212\ufe63\uff0d_])",
    re.IGNORECASE,
)
# Invisible copies of ASCII and variation selectors: a reader sees nothing, a language model may read a text.
_SMUGGLED = re.compile("[\U000e0000-\U000e0fff]+|[\ufe00-\ufe0f]{2,}")
_LONGEST_REASON = 600
_ELLIPSIS = re.compile(r"\s*[\[(]?\.{3,}[\])]?\s*")
# What a copyist changes without changing a word: emphasis marks, curly quotes, long dashes.
_TYPOGRAPHY = str.maketrans("‘’‚“”„「」‐‑‒–—−。、", '\'\'\'"""""------.,', "*_`")
_BESIDE_HAN = re.compile(f"(?<=[{HAN}]) | (?=[{HAN}])")
"""Chinese is written with or without blanks around numbers and Latin letters."""


class UnusableReply(Exception):
    """The judge's reply cannot be turned into verdicts; the message says why."""


@dataclass(frozen=True, slots=True)
class Brief:
    """One judging task: the two prompts, and the statement id behind each number (the canary included).

    ``shown`` is the answer as it stands in the prompt.
    """

    system: str
    user: str
    numbers: Mapping[str, str]
    shown: str

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the reply: exactly one verdict per number, so that nothing can be out of line."""
        return {
            "type": "object",
            "properties": dict.fromkeys(self.numbers, _VERDICT_SCHEMA),
            "required": list(self.numbers),
            "additionalProperties": False,
        }


_VERDICT_SCHEMA = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "maxLength": 300},
        "reason": {"type": "string", "maxLength": 200},
        "verdict": {"type": "string", "enum": list(VERDICT_VALUES)},
    },
    "required": ["quote", "reason", "verdict"],
    "additionalProperties": False,
}


@cache
def prompt(name: str) -> str:
    """A prompt file of the package."""
    return files("csedb_tests").joinpath(f"judges/prompts/{name}.md").read_text(encoding="utf-8")


@cache
def prompt_digest() -> str:
    """Digest of everything in the protocol that could change a verdict."""
    parts = [str(PROTOCOL_VERSION), prompt("rubric_system"), prompt("rubric_user"), json.dumps(_VERDICT_SCHEMA)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def brief(case: Case, answer: str, attempt: int = 0) -> Brief:
    """The judging task for an answer.

    Order, canary and nonce follow from the content and the attempt, so that a rerun sends the same bytes: a judge at
    temperature 0 that is asked the same again says the same again.
    """
    seeded = random.Random(hashlib.sha256(f"{case.id}\0{attempt}\0{storable(answer)}".encode()).digest())
    statements = [(statement.id, " ".join(statement.text.split())) for statement in case.statements]
    statements.append((_CANARY, _canary(seeded, answer)))
    seeded.shuffle(statements)
    numbers = {f"S{position}": statement_id for position, (statement_id, _) in enumerate(statements, start=1)}
    shown = _neutral(answer)
    user = _filled(
        prompt("rubric_user"),
        {
            "question": _conversation(case),
            "answer": shown,
            "statements": "\n".join(f"S{i}. {text}" for i, (_, text) in enumerate(statements, start=1)),
            "nonce": _nonce(seeded, answer),
        },
    )
    return Brief(prompt("rubric_system"), user, numbers, shown)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """One pass: what is filled in is never searched for placeholders again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], template)


def _canary(seeded: random.Random, answer: str) -> str:
    """A statement that no answer can meet: it names a medicine invented here, which the answer does not contain."""
    said, length = answer.casefold(), 2
    while True:
        name = "".join(seeded.choices(_SYLLABLES, k=length)) + seeded.choice(_ENDINGS)
        if name not in said:
            return f"Recommends starting {name} at a dose of {seeded.randrange(15, 95, 5)} mg."
        length += 1  # an answer could hold every short name


def _nonce(seeded: random.Random, answer: str) -> str:
    """The code of the fences. It hangs on the whole answer and never stands in it: no answer can hold its own."""
    while True:
        nonce = f"{seeded.getrandbits(64):016x}"
        if nonce not in answer:
            return nonce


def _neutral(answer: str) -> str:
    """The answer as shown: control characters visible, imitated markers blunted, text that nobody sees left out."""
    unseen = _SMUGGLED.sub(lambda match: f"[{len(match.group())} invisible characters]", showable(answer))
    return _FENCE.sub("‹", unseen)


def _conversation(case: Case) -> str:
    if len(case.turns) == 1:
        return case.turns[0].content
    return "\n\n".join(f"[{turn.role}] {turn.content}" for turn in case.turns)


def read_verdicts(case: Case, task: Brief, answer: str, reply: str) -> tuple[Verdict, ...]:
    """The verdicts in the case's order. Raises UnusableReply for anything but one well-formed verdict per number."""
    found = {task.numbers[number]: entry for number, entry in _entries(task, reply).items()}
    if found.pop(_CANARY)["verdict"] == "met":
        raise UnusableReply("the judge called the canary met, a statement that is false by construction")
    said = [_compared(text) for text in {answer, task.shown}]  # as it is, and as the judge was shown it
    return tuple(_verdict(statement.id, found[statement.id], said) for statement in case.statements)


def _entries(task: Brief, reply: str) -> dict[str, dict[str, str]]:
    try:
        data = json.loads(_bare(reply), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise UnusableReply(f"the judge's reply is not JSON: {shortened(showable(str(error)), 120)}") from None
    if not isinstance(data, dict) or set(data) != set(task.numbers):
        raise UnusableReply("the judge's reply does not hold exactly one verdict per statement")
    for number, entry in data.items():
        _check_entry(number, entry)
    return data


def _check_entry(number: str, entry: Any) -> None:
    if not isinstance(entry, dict) or set(entry) != {"quote", "reason", "verdict"}:
        raise UnusableReply(f"the judge's entry {number} does not have exactly quote, reason and verdict")
    if not all(isinstance(value, str) for value in entry.values()):
        raise UnusableReply(f"the judge's entry {number} holds a value that is not text")
    if entry["verdict"] not in VERDICT_VALUES:
        raise UnusableReply(f"the judge's verdict on {number} is {entry['verdict']!r:.40}, which was not offered")


def _no_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise ValueError(f"key {key!r} stands twice")
        data[key] = value
    return data


def _bare(reply: str) -> str:
    """The reply without the reasoning before it and a Markdown code fence around it: many models add one or both."""
    text = reply.strip()
    if not text.startswith(("{", "`")):  # a tag inside the JSON is part of a quote
        text = strip_reasoning(Answer(text)).text
    match = re.fullmatch(r"```\w*\s(.*)```", text, re.DOTALL)
    return match.group(1) if match else text


def _verdict(statement: str, entry: Mapping[str, str], said: Sequence[str]) -> Verdict:
    value, reason = entry["verdict"], shortened(storable(entry["reason"]), _LONGEST_REASON)
    stands = any(_stands(entry["quote"], text) for text in said)
    if value == "met" and not stands:
        reason = f"the judge's quote does not stand in the answer (it said met: {reason})"
        return Verdict(statement, "cannot_tell", "", reason)
    return Verdict(statement, value, storable(entry["quote"]) if stands else "", reason)  # type: ignore[arg-type]  # checked in _check_entry


def _stands(quote: str, said: str) -> bool:
    """Whether the quote is in the answer: whole, or its parts around an ellipsis in the answer's order."""
    wanted = _compared(quote).strip("\"'. ")
    if sum(map(str.isalnum, wanted)) < 2:
        return False
    return wanted in said or _parts_stand(_ELLIPSIS.split(wanted), said)


def _parts_stand(parts: Sequence[str], said: str) -> bool:
    position = 0
    for part in parts:
        found = said.find(part, position)
        if found < 0 or sum(map(str.isalpha, part)) < 3:
            return False
        position = found + len(part)
    return len(parts) > 1


def _compared(text: str) -> str:
    """``text`` as quotes are compared: folded, without typographic differences and invisible characters."""
    # ASCII holds none of them, and looking at each character would be the dearest part of judging.
    visible = text if text.isascii() else "".join(c for c in storable(text) if unicodedata.category(c) != "Cf")
    compared = folded(folded(visible).translate(_TYPOGRAPHY))
    return compared if compared.isascii() else _BESIDE_HAN.sub("", compared)
