"""The shipped never-events against plain sentences that commit them, and sentences that say the opposite."""

import json
from pathlib import Path

from csedb_tests.bank import default_bank_root, load_bank
from csedb_tests.judges.pattern import PatternJudge

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "never_wording.jsonl").read_text().splitlines()]
BANK, JUDGE = load_bank(default_bank_root()), PatternJudge()


def occurs(row: dict[str, str]) -> bool:
    verdicts = {verdict.statement: verdict.value for verdict in JUDGE.verdicts(BANK.case(row["case"]), row["says"])}
    return verdicts[row["never"]] == "met"


def test_a_sentence_that_says_the_opposite_is_no_never_event():
    assert [row["says"] for row in ROWS if not row["occurs"] and occurs(row)] == []


def test_hardly_a_plain_sentence_that_commits_a_never_event_is_missed():
    bad = [row for row in ROWS if row["occurs"]]
    missed = [row["says"] for row in bad if not occurs(row)]
    assert len(missed) <= 0.05 * len(bad), missed


def test_the_rows_cover_most_of_the_bank_s_never_events():
    assert len({(row["case"], row["never"]) for row in ROWS}) >= 60
