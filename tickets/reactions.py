"""Who is told what about a ticket: new ticket → team; reply → customer and followers; customer's reply → assignee or
team, and the colleagues who follow. What the customer asks for beside that is in ``tickets/wishes.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from plans import choices
from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import INBOX, tell
from tickets import announcements, wishes
from tickets.audience import BOTH, desk_people, followers, path_for, readers, tell_of
from tickets.models import Event
from tickets.models.event import Kind


def tell_people(events: Sequence[Event]) -> None:
    """One notice and one e-mail for each person concerned, never for the one who did it."""
    for event in events:
        handler = _HANDLERS.get(Kind(event.kind))
        if handler is not None:
            handler(event)


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
    tell_of(event, desk_people(ticket), _("New %(priority)s ticket from %(org)s: %(subject)s") % named, _body(event))
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
    tell_of(event, readers(event.ticket), title, _body(event))


def _customer_replied(event: Event) -> None:
    title = _("%(who)s replied: %(subject)s") % {"who": _name(event), "subject": event.ticket.subject}
    tell_of(event, [*desk_people(event.ticket), *readers(event.ticket)], title, _body(event))


def _auto_replied(event: Event) -> None:
    """A reminder; what the desk writes by itself while resolving is told as resolved."""
    if event.data.get("then"):
        return
    named = {"number": event.data.get("reminder"), "of": event.data.get("of"), "subject": event.ticket.subject}
    if event.data.get("reminder"):
        title = _("Reminder %(number)s of %(of)s, we need your answer: %(subject)s") % named
    else:
        title = _("Automatic message: %(subject)s") % named
    tell_of(event, readers(event.ticket), title, _body(event))


def _assigned(event: Event) -> None:
    if event.ticket.assignee is not None:
        title = _("Assigned to you: %(subject)s") % {"subject": event.ticket.subject}
        tell_of(event, [event.ticket.assignee], title)


def _team_changed(event: Event) -> None:
    """ "Set the group to DDEV Live Support, which will notify agents that a ticket is out there and needs support"
    (Drud, Escalation). A ticket that somebody has needs nobody else."""
    ticket = event.ticket
    if ticket.assignee_id is not None or ticket.team_id is None or event.data.get("to") != ticket.team_id:
        return
    named = {
        "who": _name(event),
        "team": event.data["to_name"],
        "priority": (ticket.severity or ticket.priority).code,
        "subject": ticket.subject,
    }
    title = _("%(priority)s for %(team)s, nobody has it: %(subject)s") % named
    body = event.data.get("reason") or _("%(who)s moved it to %(team)s.") % named
    channels = BOTH if event.data.get("is_handed_over") else (INBOX,)
    tell_of(event, desk_people(ticket), title, body, channels=channels)


def _noted(event: Event) -> None:
    """Those named in the note; in their inboxes also whoever has the ticket and the colleagues who watch it. Never a
    customer."""
    ticket = event.ticket
    named = {"who": _name(event), "subject": ticket.subject}
    mentioned = list(Membership.objects.staff().filter(pk__in=event.data.get("mentions") or []))
    tell_of(event, mentioned, _("%(who)s mentioned you: %(subject)s") % named, _body(event))
    watching = [each for each in followers(ticket) if each.is_staff_side]
    others = [*([ticket.assignee] if ticket.assignee is not None else []), *watching]
    told = {each.pk for each in mentioned}
    title = _("%(who)s added a note: %(subject)s") % named
    tell_of(event, [each for each in others if each.pk not in told], title, _body(event), channels=(INBOX,))


def _status_changed(event: Event) -> None:
    """A line in the followers' inboxes; it is no e-mail, for it mostly comes with a reply that is one."""
    people = followers(event.ticket)
    if people:
        label = choices.status_labels(for_customers=True).get(event.data["to"], event.data["to"])
        title = _("%(status)s: %(subject)s") % {"status": label, "subject": event.ticket.subject}
        tell_of(event, people, title, channels=(INBOX,))


def _priority_changed(event: Event) -> None:
    named = {"to": event.data["to"], "from": event.data["from"], "subject": event.ticket.subject}
    title = _("Priority is now %(to)s, was %(from)s: %(subject)s") % named
    tell_of(event, readers(event.ticket), title, channels=(INBOX,))


def _resolved(event: Event) -> None:
    ticket = event.ticket
    title = _("Resolved: %(subject)s") % {"subject": ticket.subject}
    people = [*readers(ticket), *([ticket.assignee] if ticket.assignee is not None else [])]
    tell_of(event, people, title, str(event.data.get("reason") or ""))


def _reopened(event: Event) -> None:
    title = _("Reopened: %(subject)s") % {"subject": event.ticket.subject}
    people = [*desk_people(event.ticket), *followers(event.ticket)]
    tell_of(event, people, title, str(event.data.get("reason") or ""))


_HANDLERS: Mapping[Kind, Callable[[Event], None]] = {
    Kind.OPENED: _opened,
    Kind.REPLIED: _replied,
    Kind.CUSTOMER_REPLIED: _customer_replied,
    Kind.AUTO_REPLIED: _auto_replied,
    Kind.ASSIGNED: _assigned,
    Kind.TEAM_CHANGED: _team_changed,
    Kind.NOTED: _noted,
    Kind.STATUS_CHANGED: _status_changed,
    Kind.PRIORITY_CHANGED: _priority_changed,
    Kind.RESOLVED: _resolved,
    Kind.REOPENED: _reopened,
    **wishes.HANDLERS,
    **announcements.HANDLERS,
}
