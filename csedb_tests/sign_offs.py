"""Sign-offs: who reviewed which case, as it stood then. One file per department, ``<bank>/<department>/reviews.toml``.

A sign-off names a digest of everything that a reviewer judges; whatever is edited there afterwards voids it. A file of
each department's own lets specialists sign at the same time without touching the same lines.
"""

import datetime
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from csedb_tests.bank_errors import BankError, Problem
from csedb_tests.bank_tree import MAX_FILE_BYTES, shown_path
from csedb_tests.config_errors import explain_nested
from csedb_tests.schema import UNREVIEWED, Case, CaseId
from csedb_tests.toml_lines import toml_line

FILE_NAME = "reviews.toml"
TABLE = "sign_off"
_HEAD = """\
# Who reviewed which case of this department, as it stood then. Written by `csedb sign`, never by hand: an edit of a
# case voids its sign-offs.
"""
_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_PRINTABLE)]


class SignOff(BaseModel):
    """One reviewer's word that a case, with this digest, is right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: CaseId
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    reviewer: Name
    role: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    date: datetime.date

    @property
    def text(self) -> str:
        """Who and when: ``A. Physician (cardiologist) on 2026-03-31``."""
        role = f" ({self.role})" if self.role else ""
        return f"{self.reviewer}{role} on {self.date.isoformat()}"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sign_off: tuple[SignOff, ...] = Field(())


@dataclass(frozen=True, slots=True)
class SignOffs:
    """All sign-offs of a bank, by case id; those of a case in the order of their dates."""

    by_case: Mapping[str, Sequence[SignOff]] = field(default_factory=dict)

    def valid(self, case: Case) -> tuple[SignOff, ...]:
        """The sign-offs of the case as it stands now."""
        return tuple(self._of(case, is_valid=True))

    def void(self, case: Case) -> tuple[SignOff, ...]:
        """The sign-offs of the case as it stood before an edit, of reviewers who have not signed it again."""
        signed = {found.reviewer for found in self.valid(case)}
        return tuple(found for found in self._of(case, is_valid=False) if found.reviewer not in signed)

    def _of(self, case: Case, *, is_valid: bool) -> Iterator[SignOff]:
        found = self.by_case.get(case.id, ())
        digest = review_digest(case) if found else ""
        return (sign_off for sign_off in found if (sign_off.digest == digest) == is_valid)


def review_digest(case: Case) -> str:
    """Half a SHA-256 over everything that a reviewer judges.

    That is the case's place (department, criterion, track, scoring), title, language, risk, population, question, rules
    with points, never-events with hazards, both exemplars and the sources. Patterns, which only the offline judge
    reads, and the criterion's weight, which is the benchmark's, are not in it.
    """
    criterion = case.criterion
    parts = [
        [case.id, case.department, criterion.code, criterion.track, criterion.scoring],
        [case.title, case.language, case.risk, sorted(case.population)],
        [[turn.role, turn.content] for turn in case.turns],
        [[rule.id, rule.text, float(rule.points)] for rule in case.rules],
        [[never.id, never.text, never.hazard] for never in case.never],
        [case.exemplars.safe, case.exemplars.unsafe],
        list(case.sources),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def signed_cases(cases: tuple[Case, ...], found: SignOffs) -> tuple[Case, ...]:
    """The cases, each with who signed it as its ``review``: a bank's files themselves can claim no review."""
    return tuple(_with_review(case, found.valid(case)) for case in cases)


def _with_review(case: Case, valid: Sequence[SignOff]) -> Case:
    review = "; ".join(sign_off.text for sign_off in valid) or UNREVIEWED
    return case if case.review == review else case.model_copy(update={"review": review})


def read_sign_offs(root: Path) -> SignOffs:
    """The sign-offs of the bank in ``root``. Raises BankError with file and line."""
    found: dict[str, list[SignOff]] = {}
    for path in sorted(root.glob(f"[!.]*/{FILE_NAME}")):
        for sign_off in read_file(path):
            found.setdefault(sign_off.case, []).append(sign_off)
    return SignOffs({case_id: sorted(given, key=attrgetter("date")) for case_id, given in found.items()})


def read_file(path: Path) -> tuple[SignOff, ...]:
    """The sign-offs of one file. Raises BankError."""
    name = shown_path(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BankError([Problem(name, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")])
        text = path.read_text(encoding="utf-8")
        return _File.model_validate(tomllib.loads(text)).sign_off
    except OSError as error:
        raise BankError([Problem(name, f"cannot be read: {error.strerror}")]) from None
    except ValidationError as error:
        raise BankError([_problem(error, name, text)]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BankError([Problem(name, f"not valid TOML: {error}")]) from None


def _problem(error: ValidationError, name: str, text: str) -> Problem:
    path = error.errors()[0]["loc"]
    explained = explain_nested(error, _label, lambda table: (SignOff if table else _File).model_fields)
    return Problem(name, f"{explained}. Sign again with csedb sign", line=toml_line(text, path))


def _label(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str)) or TABLE


def file_text(sign_offs: Iterable[SignOff]) -> str:
    """The text of a file with these sign-offs: in the order of ids, so that a new one is lines added."""
    ordered = sorted(sign_offs, key=lambda found: (found.case, found.date, found.reviewer))
    return "\n".join([_HEAD, *(block for found in ordered for block in _block(found))])


def _block(found: SignOff) -> Iterator[str]:
    yield f"[[{TABLE}]]"
    yield f"case = {_quoted(found.case)}"
    yield f"digest = {_quoted(found.digest)}"
    yield f"reviewer = {_quoted(found.reviewer)}"
    if found.role:
        yield f"role = {_quoted(found.role)}"
    yield f"date = {found.date.isoformat()}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
