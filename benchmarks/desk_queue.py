"""The queue at 1,000 and at 100,000 tickets, and its pages far behind: `python benchmarks/desk_queue.py`.

Times the view as the web server runs it, template included, by the same code for both vendors in turns.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

AT = datetime(2026, 3, 1, tzinfo=UTC)
ROUNDS = 15
PAGES = (1, 100, 1000)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="of the large vendor")
    parser.add_argument("--others", type=int, default=100_000, help="tickets of a third vendor in the same tables")
    options = parser.parse_args()
    django.setup()
    from benchmarks.crowded_desk import database, fill

    with database("bench_queue"):
        vendors = fill({"large": options.tickets, "small": 1_000, "third": options.others}, with_messages=False)
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {ROUNDS}\n"
        )
        desks = {name: Desk(values["vendor"], values["agents"][0]) for name, values in vendors.items()}
        views(desks, options.tickets)
        pages(desks["large"])


class Desk:
    """A vendor with one of its agents at the queue."""

    def __init__(self, vendor: int, agent: int) -> None:
        self.vendor, self.agent = vendor, agent

    def show(self, query: str) -> str:
        """The page's HTML, as the view answers it."""
        from django.middleware.csrf import get_token
        from django.test import RequestFactory

        from supportdesk.accounts.models import Membership, Vendor
        from supportdesk.tenancy.scope import vendor_scope
        from tickets.views.queue import queue

        request = RequestFactory().get(f"/x/desk/?{query}")
        with vendor_scope(self.vendor):
            request.vendor = Vendor.objects.get(pk=self.vendor)  # type: ignore[attr-defined]
            membership = Membership.objects.select_related("user").get(pk=self.agent)
            request.membership, request.user = membership, membership.user  # type: ignore[attr-defined]
            request._messages = []  # type: ignore[attr-defined]
            get_token(request)
            answer = queue(request)
        assert answer.status_code == 200
        return answer.content.decode()

    def places(self, numbers: Sequence[int]) -> dict[int, str]:
        """Of each of these pages of all open tickets the address, as the page before gives it out."""
        from supportdesk.accounts.models import Membership
        from supportdesk.tenancy.scope import vendor_scope
        from tickets import listing
        from tickets.selecting import Selection

        selection, after, found = Selection(), "", {}
        with vendor_scope(self.vendor):
            who = Membership.objects.get(pk=self.agent)
            for number in range(1, max(numbers) + 1):
                if number in numbers:
                    found[number] = selection.query(after=after)
                after = listing.queue_page(selection, who, AT, after=after).after
                if not after:
                    break
        return found


def views(desks: dict[str, Desk], size: int) -> None:
    """Each view, large and small in turns."""
    print(f"| ms of server time | {size:,} tickets | 1,000 tickets | ratio |\n|---|--:|--:|--:|")
    questions = {
        "all open, 50 rows": "view=open",
        "mine": "view=mine",
        "unassigned": "view=unassigned",
        "due soon": "view=due-soon",
        "overdue": "view=overdue",
        "resolved": "view=resolved",
        "all": "view=all",
        "filter: priority and group": "view=open&priority=P1&team=team-1",
        "filter: tag": "view=open&tag=tag-10",
        "filter: tag of resolved tickets alone": "view=open&tag=tag-5",
        "filter: P1, a customer or overdue": "view=open&any.priority=P1&any.organization=org-4&any.clock=overdue",
        "filter: a tag or a customer": "view=open&any.tag=tag-4&any.organization=org-4",
        "filter: a tag or a customer, neither open": "view=open&any.tag=tag-5&any.organization=org-3",
        "sorted by subject": "view=open&sort=subject",
    }
    for name, query in questions.items():
        taken = {"large": [], "small": []}  # type: dict[str, list[float]]
        for _round in range(ROUNDS):
            for which, times in taken.items():
                times.append(milliseconds(partial(desks[which].show, query)))
        large, small = (statistics.median(times) for times in taken.values())
        print(f"| {name} | {large:.1f} | {small:.1f} | {large / small:.2f} |")


def pages(desk: Desk) -> None:
    """The first page of all open tickets against the hundredth and the thousandth, each by its own place."""
    print("\n| page of all open | ms | ratio |\n|---|--:|--:|")
    places = desk.places(PAGES)
    taken = {number: [] for number in places}  # type: dict[int, list[float]]
    for _round in range(ROUNDS):
        for number, query in places.items():
            taken[number].append(milliseconds(partial(desk.show, query)))
    first = statistics.median(taken[1])
    for number, times in taken.items():
        print(f"| {number:,} | {statistics.median(times):.1f} | {statistics.median(times) / first:.2f} |")


def milliseconds(ask: Callable[[], object]) -> float:
    began = perf_counter()
    ask()
    return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main()
