"""Whoever is to call a customer is reminded before the arranged time: a timer for each call-back that has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import tell
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets import phone_numbers
from tickets.audience import BOTH, desk_people, path_for
from tickets.models import Callback, Event
from tickets.models.event import Kind

TIMER = "ticket.callback"
BEFORE = timedelta(minutes=10)
ARRANGING = (Kind.CALLBACK_REQUESTED, Kind.CALLBACK_SCHEDULED)


def follow_tickets(events: Sequence[Event]) -> None:
    """Sets the reminder of each call that was arranged for a time, and clears it when nobody wants the call."""
    due: dict[int, datetime | None] = {}
    for event in events:
        if event.kind in ARRANGING and event.data.get("starts_at"):
            due[event.data["callback"]] = datetime.fromisoformat(event.data["starts_at"]) - BEFORE
        elif event.kind == Kind.CALLBACK_CANCELLED:
            due[event.data["callback"]] = None
    if due:
        timers.set_many(TIMER, due)


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Tells who claimed the call; else who has the ticket; else its group. A call that was made or is no longer wanted
    reminds nobody."""
    waiting = Callback.objects.open().filter(pk__in=[timer.subject_id for timer in due]).order_by("pk")
    related = ("claimed_by__user", "ticket__assignee__user", "ticket__organization", "ticket__requester__user")
    for callback in waiting.select_related(*related):
        _remind(callback, at)


def _remind(callback: Callback, at: datetime) -> None:
    ticket = callback.ticket
    people: list[Membership] = [callback.claimed_by] if callback.claimed_by else desk_people(ticket)
    named = {
        "name": ticket.requester.name,
        "org": ticket.organization.name,
        "number": phone_numbers.readable(callback.number),
        "subject": ticket.subject,
    }
    if people:
        tell(
            people,
            kind="callback_reminder",
            title=_("Call %(name)s of %(org)s soon: %(subject)s") % named,
            body="\n\n".join(part for part in (named["number"], callback.note) if part),
            path=path_for(ticket, people[0]),
            key=f"callback-{callback.pk}-{callback.claimed_by_id or 0}",
            at=at,
            channels=BOTH,
            ticket_number=ticket.number,
            thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
        )
