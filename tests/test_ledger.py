"""Budgets, prices and the progress line."""

import pytest

from csedb_tests.answer import Usage
from csedb_tests.config_errors import ConfigError
from csedb_tests.ledger import Ledger, Prices, parse_budget
from csedb_tests.reports.progress_line import progress_line, short_count, short_time
from tests.conftest import Gate


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("5000 calls", 5000, "calls"),
        ("2M tokens", 2_000_000, "tokens"),
        ("1.5k tokens", 1500, "tokens"),
        ("10 usd", 10, "money"),
        ("7.5EUR", 7.5, "money"),
    ],
)
def test_reads_a_budget(text, amount, unit):
    budget = parse_budget(text)
    assert (budget.amount, budget.unit) == (amount, unit)


@pytest.mark.parametrize("text", ["", "many", "10", "10 apples", "-3 calls", "1e400 calls"])
def test_refuses_a_budget_it_does_not_understand(text):
    with pytest.raises(ConfigError, match="--csedb-budget"):
        parse_budget(text)


def test_money_is_tokens_at_prices_per_million():
    ledger = Ledger(prices={"model": Prices(2.0, 8.0), "judge": Prices(1.0, 0.0)})
    ledger.pay("model", Usage(500_000, 100_000))
    ledger.pay("judge", Usage(2_000_000, 50))
    assert ledger.money == pytest.approx(1.0 + 0.8 + 2.0)
    assert ledger.tokens == 2_600_050


@pytest.mark.parametrize(
    ("budget", "calls", "tokens", "allowed"),
    [("2 calls", 2, 0, True), ("2 calls", 3, 0, False), ("100 tokens", 9, 99, True), ("100 tokens", 9, 100, False)],
)
def test_a_budget_allows_calls_until_it_is_spent(budget, calls, tokens, allowed):
    ledger = Ledger(parse_budget(budget))
    ledger.counts.calls = calls
    ledger.pay("model", Usage(tokens, 0))
    assert ledger.allows_call is allowed


def test_a_money_budget_needs_prices(gate: Gate):
    result = gate("--csedb-budget=5 usd")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --csedb-budget: a budget in money needs prices*"])


def test_the_progress_line_says_how_far_and_how_long():
    ledger = Ledger(prices={"model": Prices(1000.0, 0)}, answers=30, verdicts=20)
    ledger.counts.calls, ledger.counts.retries = 55, 5
    ledger.started -= 10
    ledger.pay("model", Usage(12_000, 500))
    line = progress_line(ledger, 120)
    assert line.startswith(
        "csedb: answers 30/120, verdicts 20, 5 retries, 5.5 calls/s, 12k tokens, cost 12.00, about 50 s"
    )


def test_numbers_as_people_say_them():
    assert [short_count(n) for n in (0, 9999, 10_000, 1_250_000)] == ["0", "9999", "10k", "1.2M"]
    assert [short_time(s) for s in (8, 89, 200, 4800, 7300)] == ["8 s", "89 s", "3 min", "80 min", "2 h 2 min"]
