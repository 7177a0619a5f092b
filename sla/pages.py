"""What the ticket pages show of the clocks, and whether a page is still current."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from sla import queries
from sla.band import Band, band
from sla.chips import Chip, Waiting, chip, reason_text, waiting_instead
from sla.explain import sentences
from sla.ledger import run_of
from sla.models import Clock
from sla.runs import Run
from sla.terms import terms_by_id
from sla.timeline import TELLING, facts_of
from sla.turns import Turn, turns_of
from tickets.models import Event, Ticket

MOST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock in full: as a chip, in sentences and as a picture; with the other runs of the same promise."""

    chip: Chip
    sentences: list[str]
    band: Band
    others: list[Chip]


def chips_for(tickets: Sequence[Ticket], *, at: datetime, for_customer: bool) -> dict[int, Chip | Waiting | None]:
    """By ticket id the chip of the most pressing clock; for the desk, where nothing is due, how long the customer has
    waited for an answer. None where there is neither. One query."""
    chips = queries.pressing_chips(tickets, at=at, for_customer=for_customer)
    return {
        ticket.pk: waiting_instead(chips.get(ticket.pk), None if for_customer else ticket.unanswered_since)
        for ticket in tickets
    }


def chips_of(ticket: Ticket, *, at: datetime, for_customer: bool) -> list[Chip | Waiting]:
    """Every chip of one ticket, what is late or running first; for the desk, where none of them is, the customer's
    waiting before them."""
    chips = queries.chips_of(ticket, at=at, for_customer=for_customer)
    first = waiting_instead(chips[0] if chips else None, None if for_customer else ticket.unanswered_since)
    return [first, *chips] if isinstance(first, Waiting) else [*chips]


def explained(ticket: Ticket, clock_id: int, *, at: datetime, for_customer: bool) -> Explanation:
    """Why this clock of the ticket is due when it is, in the reader's zone. Customers see the contract's clocks only;
    raises Http404 for any other."""
    clocks = Clock.objects.filter(ticket=ticket, pk=clock_id)
    clock = (clocks.for_customers() if for_customer else clocks).first()
    if clock is None:
        raise Http404
    run = run_of(clock, terms_by_id([clock.plan_version_id]))
    zone = timezone.get_current_timezone()

    def reason_of(reason: str) -> str:
        return reason_text(reason, for_customer=for_customer)

    return Explanation(
        chip=chip(run, at, clock_id=clock_id, for_customer=for_customer),
        sentences=sentences(
            run,
            at,
            zone=zone,
            turns=_turns(ticket, run),
            reason_of=reason_of,
            for_customer=for_customer,
            translate=_,
        ),
        band=band(run, at, zone=zone, reason_of=reason_of, translate=_),
        others=_runs_before(clock, at, for_customer=for_customer),
    )


def page_tag(ticket: Ticket) -> str:
    """Changes whenever the ticket's timeline does: every action and every fired alarm ends there. One query."""
    last = Event.objects.filter(ticket=ticket).order_by("-id").values_list("id", flat=True).first()
    return f"{ticket.pk}-{last}"


def list_tag(tickets: Iterable[Ticket], *parts: object) -> str:
    """Changes whenever a row of the list would look different (rows tick by themselves)."""
    rows = [
        f"{ticket.pk}:{ticket.updated_at.timestamp()}:{ticket.next_due_at}:{ticket.state}:{ticket.assignee_id}"
        for ticket in tickets
    ]
    return hashlib.sha1("|".join([*rows, *map(str, parts)]).encode(), usedforsecurity=False).hexdigest()


def _turns(ticket: Ticket, run: Run) -> list[Turn]:
    events = Event.objects.filter(ticket=ticket, kind__in=TELLING).order_by("pk")
    return turns_of((fact for _, fact in facts_of(events)), (run.metric, run.audience), run.cycle)


def _runs_before(clock: Clock, at: datetime, *, for_customer: bool) -> list[Chip]:
    """The other runs of the same promise on the ticket, such as before it was reopened, the latest first."""
    others = Clock.objects.filter(ticket_id=clock.ticket_id, metric=clock.metric, audience=clock.audience).shown()
    rows = list(others.exclude(pk=clock.pk).order_by("-cycle")[:MOST_RUNS])
    terms = terms_by_id(row.plan_version_id for row in rows)
    return [chip(run_of(row, terms), at, clock_id=row.pk, for_customer=for_customer) for row in rows]
