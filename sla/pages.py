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
from sla.chips import Chip, chip, reason_text
from sla.explain import Change, sentences
from sla.ledger import run_of
from sla.models import Clock
from sla.terms import terms_by_id
from tickets.models import Event, Ticket
from tickets.models.event import Kind


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock in full: as a chip, in sentences and as a picture."""

    chip: Chip
    sentences: list[str]
    band: Band


def chips_for(tickets: Sequence[Ticket], *, at: datetime, for_customer: bool) -> dict[int, Chip | None]:
    """By ticket id the chip of the most pressing clock, None where there is no clock. One query."""
    chips = queries.pressing_chips(tickets, at=at, for_customer=for_customer)
    return {ticket.pk: chips.get(ticket.pk) for ticket in tickets}


def chips_of(ticket: Ticket, *, at: datetime, for_customer: bool) -> list[Chip]:
    """Every chip of one ticket, what is late or running first."""
    return queries.chips_of(ticket, at=at, for_customer=for_customer)


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
            changes=_changes(ticket, clock, for_customer=for_customer),
            reason_of=reason_of,
            translate=_,
        ),
        band=band(run, at, zone=zone, reason_of=reason_of, translate=_),
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


def _changes(ticket: Ticket, clock: Clock, *, for_customer: bool) -> list[Change]:
    kinds = [Kind.PRIORITY_CHANGED] if for_customer else [Kind.PRIORITY_CHANGED, Kind.SEVERITY_CHANGED]
    events = Event.objects.filter(ticket=ticket, kind__in=kinds, at__gte=clock.started_at).order_by("pk")
    if clock.settled_at is not None:
        events = events.filter(at__lte=clock.settled_at)
    texts = {
        Kind.PRIORITY_CHANGED: _("priority changed from %(before)s to %(after)s; same start, same pauses"),
        Kind.SEVERITY_CHANGED: _("severity changed from %(before)s to %(after)s; same start, same pauses"),
    }
    return [
        Change(
            event.at,
            texts[Kind(event.kind)] % {"before": event.data["from"] or "–", "after": event.data["to"] or "–"},
        )
        for event in events
    ]
