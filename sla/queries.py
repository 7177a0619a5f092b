"""Reading the clocks of tickets for pages: one query for any number of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sla import clocks
from sla.chips import Chip, ChipState, chip
from sla.ledger import run_of
from sla.models import Clock
from sla.runs import Run
from sla.targets import Audience, Metric
from sla.terms import terms_by_id
from tickets.models import Ticket

_METRIC_ORDER = {metric: place for place, metric in enumerate(Metric)}


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A run together with the row it stands in."""

    clock_id: int
    run: Run


def clocks_of(tickets: Iterable[Ticket | int], *, for_customer: bool = False) -> dict[int, list[ShownClock]]:
    """The latest clock of each kind by ticket id, the contract's first, without those that were cancelled. Customers
    get what was promised to them and no internal objectives. One query."""
    ids = [each if isinstance(each, int) else each.pk for each in tickets]
    rows = Clock.objects.filter(ticket_id__in=ids).shown()
    if for_customer:
        rows = rows.for_customers()
    latest = list(
        rows.order_by("ticket_id", "metric", "audience", "-cycle").distinct("ticket_id", "metric", "audience")
    )
    terms = terms_by_id(clock.plan_version_id for clock in latest)
    found: dict[int, list[ShownClock]] = {ticket_id: [] for ticket_id in ids}
    for clock in latest:
        found[clock.ticket_id].append(ShownClock(clock.pk, run_of(clock, terms)))
    for shown in found.values():
        shown.sort(key=lambda each: (each.run.audience is Audience.INTERNAL, _METRIC_ORDER[each.run.metric]))
    return found


def most_pressing(shown: Sequence[ShownClock], at: datetime) -> ShownClock | None:
    """The clock that one chip should show: what is due first; else what is paused, then what runs by best effort, then
    what was settled last. None if there is no clock."""
    pressing = clocks.most_pressing(each.run for each in shown)
    if pressing is not None:
        return next(each for each in shown if each.run is pressing)
    still_open = [each for each in shown if each.run.is_open]
    if still_open:
        return min(still_open, key=lambda each: not each.run.is_paused)
    return max(shown, key=lambda each: each.run.settled_at or each.run.started_at, default=None)


def pressing_chips(tickets: Iterable[Ticket], *, at: datetime, for_customer: bool = False) -> dict[int, Chip]:
    """Of each ticket the chip of the most pressing clock, by id; a ticket without clocks has none. One query."""
    chips = {}
    for ticket_id, shown in clocks_of(tickets, for_customer=for_customer).items():
        pressing = most_pressing(shown, at)
        if pressing is not None:
            chips[ticket_id] = chip(pressing.run, at, clock_id=pressing.clock_id, for_customer=for_customer)
    return chips


def chips_of(ticket: Ticket, *, at: datetime, for_customer: bool = False) -> list[Chip]:
    """Every chip of one ticket: first what is late or running, then what is settled. One query."""
    shown = clocks_of([ticket], for_customer=for_customer)[ticket.pk]
    chips = [chip(each.run, at, clock_id=each.clock_id, for_customer=for_customer) for each in shown]
    return sorted(chips, key=lambda each: each.state in (ChipState.MET, ChipState.LATE))
