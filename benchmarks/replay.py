"""Folding whole histories of tickets into their clocks: `python benchmarks/replay.py`.

The pure function that backtests and previews run for every ticket. Histories of eight to thirty facts under the
contracts' own terms; 1,000 and 10,000 of them, in turns in one process: the cost must grow with the facts alone.
"""

# ruff: noqa: E402 (the framework is set up before its models are imported)
from __future__ import annotations

import gc
import os
import platform
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

import django

django.setup()

from plans.contract import read_file
from plans.terms import terms_of_contract
from sla.clocks import replay
from sla.facts import Fact, FactKind
from sla.targets import Terms

FEW, MANY, ROUNDS = 1_000, 10_000, 5
PLANS = (("orocloud", "enterprise"), ("commercetools", "premium"), ("drud", "standard"), ("platformsh", "standard"))
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def history(chance: random.Random, terms: Terms, number: int) -> list[Fact]:
    """A ticket's life: questions and answers, holds, another priority now and then, resolved, at times reopened."""
    codes = sorted({target.priority for target in terms.targets})
    now = START + timedelta(minutes=7 * number)
    facts = [Fact(now, FactKind.OPENED, priority=chance.choice(codes), terms=terms, state="new")]

    def then(kind: FactKind, **said: Any) -> None:
        nonlocal now
        now += timedelta(seconds=chance.randrange(60, 90_000))
        facts.append(Fact(now, kind, **said))

    for _ in range(chance.randrange(1, 6)):
        then(FactKind.REPLIED)
        then(FactKind.STATE_CHANGED, state="waiting", reason="logs")
        then(FactKind.CUSTOMER_WROTE)
        then(FactKind.STATE_CHANGED, state="in_progress")
        if chance.random() < 0.3:
            then(FactKind.PRIORITY_CHANGED, priority=chance.choice(codes))
        if chance.random() < 0.2:
            then(FactKind.SEVERITY_CHANGED, severity=chance.choice(codes))
    then(FactKind.REPLIED)
    then(FactKind.STATE_CHANGED, state="resolved")
    if chance.random() < 0.2:
        then(FactKind.STATE_CHANGED, state="reopened")
        then(FactKind.REPLIED)
        then(FactKind.STATE_CHANGED, state="resolved")
    return facts


def seconds(histories: list[list[Fact]]) -> float:
    began = perf_counter()
    for facts in histories:
        replay(facts)
    return perf_counter() - began


def main() -> None:
    chance = random.Random(2026)
    promised = [terms_of_contract(read_file(ROOT / "contracts" / f"{slug}.yaml")[0], plan) for slug, plan in PLANS]
    histories = [history(chance, promised[number % len(promised)], number) for number in range(MANY)]
    sample = histories[:: MANY // FEW]
    gc.freeze()
    few, many = float("inf"), float("inf")
    for _ in range(ROUNDS):
        few, many = min(few, seconds(sample)), min(many, seconds(histories))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    for count, taken, replayed in ((FEW, few, sample), (MANY, many, histories)):
        facts = sum(map(len, replayed))
        print(f"{f'replay of {count:,} tickets, {facts:,} facts':<58}{taken:>10.2f} s{count / taken:>10,.0f} tickets/s")
    per_fact = (many / sum(map(len, histories))) / (few / sum(map(len, sample)))
    print(f"{'a fact among 10,000 tickets to a fact among 1,000':<58}{per_fact:>10.2f} ×")


if __name__ == "__main__":
    main()
