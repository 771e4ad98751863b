"""A command, measured from outside: wall time, CPU time and peak memory of the process and those it waited for."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


class CommandFailed(Exception):
    """A measured command ended with an exit code that makes its figures worthless."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall and CPU time, and the largest resident size of one process in MB."""

    wall: float
    cpu: float
    peak: float


def measure(command: Sequence[str], directory: Path, env: Mapping[str, str], codes: Sequence[int] = (0,)) -> Measured:
    """Run ``command`` to its end. Raises CommandFailed, with the end of its output, for an exit code not expected."""
    output = directory / "output.txt"
    with output.open("wb") as sink:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=sink, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        said = output.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandFailed(f"exit code {process.returncode} of {' '.join(command)}\n{said}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def typical(once: Callable[[], Measured], repeats: int) -> Measured:
    """The medians over several measurements."""
    runs = [once() for _ in range(repeats)]
    return Measured(*(median(getattr(run, name) for run in runs) for name in Measured.__slots__))
