"""The ledger of a run: what was asked of the endpoints, what it cost, and whether the budget allows more."""

import re
import time
from dataclasses import dataclass, field
from typing import Literal

from csedb_tests.answer import Usage
from csedb_tests.caller import CallCounts
from csedb_tests.config_errors import ConfigError

Payee = Literal["model", "judge"]
Unit = Literal["calls", "tokens", "money"]

_UNITS: dict[str, Unit] = {
    "call": "calls",
    "calls": "calls",
    "token": "tokens",
    "tokens": "tokens",
    "usd": "money",
    "eur": "money",
    "gbp": "money",
    "money": "money",
}
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per million tokens, in whatever currency the user counts in."""

    prompt: float = 0.0
    completion: float = 0.0

    def cost(self, usage: Usage) -> float:
        """What ``usage`` costs."""
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / 1e6


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a run may spend."""

    amount: float
    unit: Unit
    text: str


def parse_budget(text: str) -> Budget:
    """``5000 calls``, ``2M tokens`` or ``10 usd`` as a budget. Raises ConfigError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kKmM]?)\s*([A-Za-z]+)\s*", text)
    if match is None or match.group(3).lower() not in _UNITS:
        raise ConfigError(f"--csedb-budget: {text!r} must read like '5000 calls', '2M tokens' or '10 usd'")
    amount = float(match.group(1)) * _FACTORS[match.group(2).lower()]
    return Budget(amount, _UNITS[match.group(3).lower()], text.strip())


@dataclass(slots=True)
class Ledger:
    """Counts of a run, written by the engine's thread and read by whoever shows them."""

    budget: Budget | None = None
    prices: dict[Payee, Prices] = field(default_factory=dict)
    counts: CallCounts = field(default_factory=CallCounts)
    answers: int = 0
    verdicts: int = 0
    from_store: int = 0
    usage: dict[Payee, Usage] = field(default_factory=lambda: {"model": Usage(), "judge": Usage()})
    started: float = field(default_factory=time.monotonic)

    def pay(self, payee: Payee, usage: Usage) -> None:
        """Book the tokens of one call."""
        self.usage[payee] += usage

    @property
    def tokens(self) -> int:
        """All tokens of the run."""
        return sum(usage.prompt_tokens + usage.completion_tokens for usage in self.usage.values())

    @property
    def money(self) -> float:
        """What the run has cost at the prices given; 0 without prices."""
        return sum(self.prices.get(payee, Prices()).cost(usage) for payee, usage in self.usage.items())

    @property
    def allows_call(self) -> bool:
        """Whether the call that has just been counted may go out.

        Calls are exact. Tokens and money are known when a reply has come, so calls in flight may overshoot.
        """
        if self.budget is None:
            return True
        if self.budget.unit == "calls":
            return self.counts.calls <= self.budget.amount
        spent = self.tokens if self.budget.unit == "tokens" else self.money
        return spent < self.budget.amount
