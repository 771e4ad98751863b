"""The progress of a run in one line."""

import time

from csedb_tests.ledger import Ledger


def progress_line(ledger: Ledger, total: int) -> str:
    """``csedb: answers 812/2069, verdicts 790, 3 retries, 318 calls/s, 1.2M tokens, about 8 s left``."""
    seconds = max(1e-9, time.monotonic() - ledger.started)
    parts = [f"answers {ledger.answers}/{total}", f"verdicts {ledger.verdicts}"]
    if ledger.counts.retries:
        parts.append(f"{ledger.counts.retries} retries")
    parts.append(f"{ledger.counts.calls / seconds:.1f} calls/s")
    parts.append(f"{short_count(ledger.tokens)} tokens")
    if ledger.money:
        parts.append(f"cost {ledger.money:.2f}")
    if 0 < ledger.verdicts < total:
        parts.append(f"about {short_time(seconds * (total - ledger.verdicts) / ledger.verdicts)} left")
    return f"csedb: {', '.join(parts)}"


def short_count(number: int) -> str:
    """A count as people say it: 950, 12k, 1.2M."""
    if number < 10_000:
        return str(number)
    return f"{number / 1000:.0f}k" if number < 1_000_000 else f"{number / 1e6:.1f}M"


def short_time(seconds: float) -> str:
    """A duration as people say it: 8 s, 3 min, 1 h 20 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
