"""``python -m benchmarks``: measure, and print a table of ratios that hold on this machine."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.process import CommandFailed
from benchmarks.sections import SECTIONS, Scale, installed_peers
from benchmarks.table import HEADER, line
from benchmarks.workshop import Workshop

QUICK = Scale(cases=200, latency=0.02, concurrency=32, small=100, large=300)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; gives the exit code."""
    options = _parser().parse_args(arguments)
    if options.peers and not installed_peers():
        sys.stderr.write("--peers: neither deepeval nor inspect_ai is installed\n")
        return 2
    print(HEADER, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="csedb-benchmark-") as directory:
            _print_sections(options, Workshop(Path(directory), 1 if options.quick else options.repeat))
    except CommandFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _print_sections(options: argparse.Namespace, shop: Workshop) -> None:
    for name in options.only or SECTIONS:
        for row in SECTIONS[name](shop, _scale(options)):
            print(line(name, row), flush=True)


def _scale(options: argparse.Namespace) -> Scale:
    if options.quick:
        return QUICK
    return Scale(options.cases, options.latency, options.concurrency, 2_000, 20_000, options.peers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", type=int, default=2_069, help="size of the bank (default: 2,069)")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds of one reply (default: 0.2)")
    parser.add_argument("--concurrency", type=int, default=64, help="calls in flight (default: 64)")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="measure this section; may be repeated")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each command; medians are shown (default: 3)")
    parser.add_argument("--quick", action="store_true", help="a smoke run of every section with 200 cases, once")
    parser.add_argument("--peers", action="store_true", help="also measure deepeval and Inspect AI, where installed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
