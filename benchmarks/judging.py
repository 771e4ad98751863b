"""``python -m benchmarks.judging BANK``: the pattern judge on every safe exemplar, or on one very long answer."""

import argparse
from pathlib import Path

from csedb_tests.bank import load_bank
from csedb_tests.judges.pattern import PatternJudge

MILLIONS = {
    "prose": "She has heart failure and fast atrial fibrillation today, so give no verapamil but amiodarone. ",
    "one sentence": "she has a weak heart and verapamil was given to her and it was ",
    "a list": "- verapamil 5 mg at once\n",
    "a table": "| verapamil | avoid | 5 mg at once |\n",
}


def main() -> None:
    """Judge what was asked for, once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judging", description=__doc__)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--limit", type=int, default=None, help="judge at most so many cases")
    parser.add_argument("--of", choices=MILLIONS, help="judge one answer of a million characters of this instead")
    options = parser.parse_args()
    cases, judge = load_bank(options.bank).cases, PatternJudge()
    if options.of:
        unit = MILLIONS[options.of]
        judge.verdicts(cases[0], (unit * (1_000_000 // len(unit) + 1))[:1_000_000])
        return
    for case in cases[: options.limit]:
        judge.verdicts(case, case.exemplars.safe or "")


if __name__ == "__main__":
    main()
