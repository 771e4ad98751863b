"""``csedb sign``: a person's sign-off written to the department's file, and the state of all of them."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csedb_tests.bank import Bank
from csedb_tests.bank_errors import did_you_mean
from csedb_tests.bank_tools.check_form import is_unfilled
from csedb_tests.bank_tree import shown_path
from csedb_tests.config_errors import ConfigError
from csedb_tests.reviews import LONGEST_NAME, reviewer_name
from csedb_tests.schema import Case
from csedb_tests.sign_offs import FILE_NAME, SignOff, SignOffs, file_text, read_file, review_digest
from csedb_tests.text import one_line
from csedb_tests.whole_file import write_lock_file


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, in which role, on which day (UTC)."""

    name: str
    role: str
    date: datetime.date


def signer(name: str, role: str, date: datetime.date) -> Signer:
    """A signer, names checked. Raises ConfigError."""
    checked = reviewer_name(name, "--reviewer")
    tidy = " ".join(role.split())
    if len(tidy) > LONGEST_NAME or one_line(tidy) != tidy:
        raise ConfigError(f"--role: {role!r:.120} is not a role of at most {LONGEST_NAME} printable characters")
    return Signer(checked, tidy, date)


def signable(bank: Bank, case_ids: Sequence[str]) -> list[Case]:
    """The cases to sign, each once. Raises LookupError for an unknown id, ConfigError for a case not written yet."""
    cases = [bank.case(case_id) for case_id in dict.fromkeys(case_ids)]
    for case in cases:
        if is_unfilled(case):
            raise ConfigError(f"csedb sign: {case.id} is not filled in yet; see csedb lint")
    return cases


def sign(bank: Bank, cases: Sequence[Case], who: Signer) -> Iterator[str]:
    """Write the sign-offs, one file per department; gives one line per file. Raises ConfigError."""
    by_department: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_department[case.department].append(case)
    for department, several in by_department.items():
        path = bank.root / department / FILE_NAME
        new = [_sign_off(case, who) for case in several]
        replaced = {sign_off.case for sign_off in new}
        kept = [
            found
            for found in (read_file(path) if path.is_file() else ())
            if not (found.case in replaced and found.reviewer == who.name)
        ]
        write_lock_file(file_text([*kept, *new]), path, "the sign-offs")
        yield f"{shown_path(path)}: {len(new)} {'case' if len(new) == 1 else 'cases'} signed by {new[0].text}"


def _sign_off(case: Case, who: Signer) -> SignOff:
    return SignOff(case=case.id, digest=review_digest(case), reviewer=who.name, role=who.role, date=who.date)


@dataclass(frozen=True, slots=True)
class Standing:
    """The sign-offs of a bank: cases that somebody signed as they stand, with only void ones, with none; and orphans.

    An orphan is a sign-off of a case that the bank does not hold.
    """

    valid: tuple[str, ...]
    void: tuple[str, ...]
    missing: tuple[str, ...]
    orphans: tuple[str, ...]


def standing(bank: Bank, sign_offs: SignOffs, case_ids: Sequence[str] = ()) -> Standing:
    """Where the cases of a bank, or those called ``case_ids``, stand. Raises LookupError for an unknown id."""
    cases = [bank.case(case_id) for case_id in dict.fromkeys(case_ids)] or list(bank.cases)
    valid = [case for case in cases if sign_offs.valid(case)]
    void = [case for case in cases if not sign_offs.valid(case) and sign_offs.void(case)]
    some = {case.id for case in (*valid, *void)}
    gone = () if case_ids else tuple(case_id for case_id in sign_offs.by_case if case_id not in bank.by_id)
    return Standing(
        tuple(f"{case.id}: signed by {case.review}" for case in valid),
        tuple(f"{case.id}: changed since it was signed by {_signers(sign_offs.void(case))}" for case in void),
        tuple(case.id for case in cases if case.id not in some),
        tuple(f"{case_id}: {_orphan(bank, case_id)}" for case_id in gone),
    )


def _signers(found: Sequence[SignOff]) -> str:
    return "; ".join(sign_off.text for sign_off in found)


def _orphan(bank: Bank, case_id: str) -> str:
    hint = did_you_mean(case_id, bank.by_id)
    return f"signed, and the bank has no such case{f'; {hint}' if hint else ''}"


def standing_lines(found: Standing) -> Iterator[str]:
    """Valid, void and missing sign-offs, then the count."""
    for title, lines in (("valid", found.valid), ("void", found.void), ("missing", found.missing)):
        yield from (f"{title}: {line}" for line in lines)
    yield from (f"orphan: {line}" for line in found.orphans)
    counts = [
        f"{len(found.valid)} signed as they stand",
        f"{len(found.void)} changed since",
        f"{len(found.missing)} unreviewed",
    ]
    yield ", ".join(counts + ([f"{len(found.orphans)} of no case"] if found.orphans else []))
