"""Who is told when tickets are put together or taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from supportdesk.notifications.actions import EMAIL, INBOX, tell
from tickets.audience import path_for, readers, tell_of
from tickets.models import Event, Ticket
from tickets.models.event import Kind


def _merged(event: Event) -> None:
    """Once: those who read the ticket that closed hear where it goes on; nobody hears it from the other one."""
    number = event.data.get("into")
    into = Ticket.objects.filter(number=number).first() if number else None
    if into is None:
        return
    ticket = event.ticket
    named = {"number": ticket.number, "into": into.number, "subject": into.subject}
    body = _(
        "We have put your request #%(number)s together with #%(into)s, “%(subject)s”, because they are about one "
        "matter. Nothing you wrote is lost, and the earlier of the two counts for our answer. Please go on in "
        "#%(into)s."
    )
    _tell_customers(event, into, _("Goes on in #%(into)s: %(subject)s") % named, body % named)
    if ticket.assignee is not None and ticket.assignee_id != into.assignee_id:
        title = _("Merged into #%(into)s: %(subject)s") % named
        tell_of(event, [ticket.assignee], title, channels=(INBOX,))


def _unmerged(event: Event) -> None:
    number = event.data.get("of")
    if number:
        ticket = event.ticket
        named = {"number": ticket.number, "into": number, "subject": ticket.subject}
        body = _("Your request #%(number)s goes on by itself after all, apart from #%(into)s.") % named
        _tell_customers(event, ticket, _("Goes on by itself: %(subject)s") % named, body)


def _tell_customers(event: Event, where: Ticket, title: str, body: str) -> None:
    people = [each for each in readers(event.ticket) if each.is_customer_side]
    if people:
        tell(
            people,
            kind=event.kind,
            title=title,
            body=body,
            path=path_for(where, people[0]),
            key=f"event-{event.pk}",
            at=event.at,
            channels=(INBOX, EMAIL),
            ticket_number=where.number,
            thread=f"ticket-{where.vendor_id}-{where.number}",
        )


HANDLERS: Mapping[Kind, Callable[[Event], None]] = {Kind.MERGED: _merged, Kind.UNMERGED: _unmerged}
