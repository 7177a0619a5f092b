"""The desk's search at 1,000 and at 100,000 tickets: `python benchmarks/search.py`.

Rare and common words, half-typed and misspelt ones, people and tags, alone and with filters; the results drawn with
their excerpts, as the page needs them.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

ROUNDS = 9
QUESTIONS = {
    "a rare word": "w4711",
    "a common word": "checkout",
    "two common words": "checkout basket",
    "a common and a rare word": "checkout w4711",
    "half a word": "che",
    "one letter": "c",
    "a number": "777",
    "a misspelt word": "chekcout",
    "a customer and a word": "customer basket",
    "nothing has it": "zanzibar",
}


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="of the large vendor")
    parser.add_argument("--others", type=int, default=0, help="tickets of a third vendor in the same tables")
    options = parser.parse_args()
    django.setup()
    from benchmarks.crowded_desk import database, fill

    with database("bench_search"):
        began = perf_counter()
        sizes = {"large": options.tickets, "small": 1_000, "third": options.others}
        vendors = fill(sizes, with_messages=True)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {ROUNDS}")
        print(f"filled in {perf_counter() - began:.0f} s\n")
        print(f"| ms | {options.tickets:,} tickets | 1,000 tickets | ratio |\n|---|--:|--:|--:|")
        for name, words in QUESTIONS.items():
            large, small = (statistics.median(ask(vendors[each], words)) for each in ("large", "small"))
            print(f"| {name} | {large:.1f} | {small:.1f} | {large / small:.1f} |")


def ask(values: dict[str, object], words: str) -> list[float]:
    """Milliseconds of each round."""
    from supportdesk.accounts.models import Membership
    from supportdesk.tenancy.scope import vendor_scope
    from tickets.search import search

    taken = []
    with vendor_scope(values["vendor"]):  # type: ignore[arg-type]
        who = Membership.objects.select_related("user").get(pk=values["agents"][0])  # type: ignore[index]
        for _round in range(ROUNDS):
            began = perf_counter()
            search(words, who=who)
            taken.append(1000 * (perf_counter() - began))
    return taken


if __name__ == "__main__":
    main()
