"""Who is told what about a ticket: new ticket → team; reply → customer; customer's reply → assignee or team."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, TeamMember, Vendor
from supportdesk.notifications.actions import tell
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TOLD = (Kind.OPENED, Kind.REPLIED, Kind.CUSTOMER_REPLIED, Kind.ASSIGNED, Kind.RESOLVED, Kind.REOPENED)


def tell_people(events: Sequence[Event]) -> None:
    """One notice and one e-mail for each person concerned, never for the one who did it."""
    for event in events:
        if event.kind in TOLD:
            _HANDLERS[Kind(event.kind)](event)


def path_for(ticket: Ticket, who: Membership) -> str:
    """Where this person reads the ticket: customers in the portal, staff on the desk."""
    vendor = Vendor.objects.get(pk=ticket.vendor_id)
    name = "desk-ticket" if who.is_staff_side else "portal-ticket"
    return reverse(name, kwargs={"vendor": vendor.slug, "number": ticket.number})


def desk_people(ticket: Ticket) -> list[Membership]:
    """The assignee; without one the team's members; without a team everybody on the desk."""
    if ticket.assignee is not None:
        return [ticket.assignee]
    if ticket.team_id is not None:
        members = TeamMember.objects.filter(team_id=ticket.team_id, membership__is_active=True)
        people = [each.membership for each in members.select_related("membership__user")]
        if people:
            return people
    return list(Membership.objects.staff())


def _tell(event: Event, people: Sequence[Membership], title: str, body: str) -> None:
    others = [person for person in people if person.pk != event.by_id]
    if not others:
        return
    ticket = event.ticket
    tell(
        others,
        kind=event.kind,
        title=title,
        body=body,
        path=path_for(ticket, others[0]),
        key=f"event-{event.pk}",
        at=event.at,
        ticket_number=ticket.number,
        thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
    )


def _body(event: Event) -> str:
    return event.message.body if event.message is not None else ""


def _name(event: Event) -> str:
    return event.by.name if event.by is not None else _("the support desk")


def _opened(event: Event) -> None:
    ticket = event.ticket
    named = {
        "number": ticket.number,
        "subject": ticket.subject,
        "priority": ticket.priority.code,
        "org": ticket.organization.name,
    }
    _tell(event, desk_people(ticket), _("New %(priority)s ticket from %(org)s: %(subject)s") % named, _body(event))
    receipt = _(
        "We have received your request #%(number)s, “%(subject)s”, as %(priority)s. "
        "This message was sent automatically; a person will answer you."
    )
    _tell_requester_of_receipt(event, _("Received: %(subject)s") % named, receipt % named)


def _tell_requester_of_receipt(event: Event, title: str, body: str) -> None:
    ticket = event.ticket
    tell(
        [ticket.requester],
        kind="received",
        title=title,
        body=body,
        path=path_for(ticket, ticket.requester),
        key=f"receipt-{event.pk}",
        at=event.at,
        channels=("email",),
        ticket_number=ticket.number,
        thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
    )


def _replied(event: Event) -> None:
    title = _("%(who)s replied: %(subject)s") % {"who": _name(event), "subject": event.ticket.subject}
    _tell(event, [event.ticket.requester], title, _body(event))


def _customer_replied(event: Event) -> None:
    title = _("%(who)s replied: %(subject)s") % {"who": _name(event), "subject": event.ticket.subject}
    _tell(event, desk_people(event.ticket), title, _body(event))


def _assigned(event: Event) -> None:
    if event.ticket.assignee is not None:
        title = _("Assigned to you: %(subject)s") % {"subject": event.ticket.subject}
        _tell(event, [event.ticket.assignee], title, "")


def _resolved(event: Event) -> None:
    title = _("Resolved: %(subject)s") % {"subject": event.ticket.subject}
    body = str(event.data.get("reason") or "")
    _tell(event, [event.ticket.requester], title, body)
    if event.ticket.assignee is not None:
        _tell(event, [event.ticket.assignee], title, body)


def _reopened(event: Event) -> None:
    title = _("Reopened: %(subject)s") % {"subject": event.ticket.subject}
    _tell(event, desk_people(event.ticket), title, str(event.data.get("reason") or ""))


_HANDLERS: dict[Kind, Callable[[Event], None]] = {
    Kind.OPENED: _opened,
    Kind.REPLIED: _replied,
    Kind.CUSTOMER_REPLIED: _customer_replied,
    Kind.ASSIGNED: _assigned,
    Kind.RESOLVED: _resolved,
    Kind.REOPENED: _reopened,
}
