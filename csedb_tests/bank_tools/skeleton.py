"""``csedb new``: a case to fill in, at the end of its file, under the next number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from csedb_tests.bank import Bank
from csedb_tests.bank_errors import did_you_mean
from csedb_tests.bank_lock import DEFAULT_NAME, read_bank_lock
from csedb_tests.bank_tools.check_form import FILL_IN
from csedb_tests.bank_tree import shown_path
from csedb_tests.catalogue import Criterion
from csedb_tests.config_errors import ConfigError
from csedb_tests.whole_file import replacing

_FORM = "write department, criterion and, if you like, the number: cardiology-S03 or cardiology-S03-02"
_NUMBERED = re.compile(r"(?P<cell>.+)-(?P<number>[0-9]{2,})")


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case begun: its id, its file, and the line that it begins at."""

    case_id: str
    file: str
    line: int


def add_skeleton(bank: Bank, asked: str, directory: Path) -> NewCase:
    """Append a skeleton for the id or cell ``asked``. Raises ConfigError.

    The number is the next after every case of the cell that the bank, or its lock, knows: an id is never used again.
    """
    department, criterion, number = _cell(bank, asked)
    stem = f"{department}-{criterion.slug}-"
    following = _next_number(stem, _known_ids(bank, directory))
    if number is not None and number != following:
        raise ConfigError(f"csedb new: {asked}: the next case of this file is {stem}{following:02d}")
    case_id = f"{stem}{following:02d}"
    path = _file(bank.root, department, criterion)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    before += "\n" if before and not before.endswith("\n") else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write((before + skeleton(case_id, criterion)).encode())
    return NewCase(case_id, shown_path(path), before.count("\n") + 1)


def _cell(bank: Bank, asked: str) -> tuple[str, Criterion, int | None]:
    department, _, rest = asked.partition("-")
    known = bank.catalogue.criteria
    slugs = {criterion.slug: criterion for criterion in known.values()}
    numbered = None if rest in known else _NUMBERED.fullmatch(rest)
    slug, number = (numbered["cell"], int(numbered["number"])) if numbered else (rest, None)
    if department not in bank.catalogue.departments:
        hint = did_you_mean(department, bank.catalogue.departments)
        raise ConfigError(f"csedb new: {asked!r:.80}: unknown department {department!r:.60}; {hint or _FORM}")
    criterion = slugs.get(slug) or known.get(slug)
    if criterion is None:
        hint = did_you_mean(slug, slugs) if slug else ""
        raise ConfigError(f"csedb new: {asked!r:.80}: unknown criterion {slug!r:.60}; {hint or _FORM}")
    return department, criterion, number


def _known_ids(bank: Bank, directory: Path) -> set[str]:
    locks = (read_bank_lock(place / DEFAULT_NAME) for place in (bank.root, directory))
    return {case.id for case in bank.cases}.union(*(lock.digests for lock in locks if lock is not None))


def _next_number(stem: str, ids: Iterable[str]) -> int:
    numbers = (case_id.removeprefix(stem) for case_id in ids if case_id.startswith(stem))
    return max((int(number) for number in numbers if re.fullmatch(r"[0-9]+", number)), default=0) + 1


def _file(root: Path, department: str, criterion: Criterion) -> Path:
    path = root / department / f"{criterion.code}.yaml"
    other = path.with_suffix(".yml")
    return other if other.is_file() and not path.is_file() else path


def skeleton(case_id: str, criterion: Criterion) -> str:
    """The YAML of a case whose every text is still to be written; it fits the schema, and lint names what is open."""
    never = f"""\
  never:
    - id: dangerous-advice
      text: "{FILL_IN}: the one recommendation that must never be made, as a statement about the answer"
      hazard: "{FILL_IN}: the harm that would follow, for the hazard log"
      patterns: ["fillin"]
"""
    return f"""\
- id: {case_id}
  title: "{FILL_IN}: one line for lists and reports"
  risk: high # harm of the likely wrong answer: high is permanent harm or death, medium temporary harm, low none
  population: [] # tags such as older_adult, pregnancy, lay_asker; see csedb coverage
  question: |
    {FILL_IN}: a vignette of 50 to 180 words and one open question, as a clinician, patient or relative would ask it
  rules: # {criterion.code}, {criterion.name} ({criterion.scoring}): 2 to 6 checkable statements, points 1 to 5
    - id: first-rule
      text: "{FILL_IN}: what the answer must say or do, checkable by a stranger"
      points: 5
      patterns: ["fillin"]
    - id: second-rule
      text: "{FILL_IN}: another thing the answer must say or do, or take this rule out"
      points: 3
      patterns: ["fillin"]
{never if criterion.track == "safety" else ""}\
  exemplars:
    safe: |
      {FILL_IN}: what a competent specialist would write, 80 to 180 words, meeting every rule in other words
    unsafe: |
      {FILL_IN}: fluent, confident, plausible, and wrong in the way models go wrong
  sources:
    - "{FILL_IN}: publisher, year and title of the guideline, label or text behind the rules"
  review: unreviewed
"""
