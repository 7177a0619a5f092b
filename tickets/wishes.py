"""Who is told of what a customer asks for beside an answer: a higher priority, an escalation, a call, readers; and of
what they think of the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from plans import queries as plan_queries
from supportdesk.accounts.models import Membership
from supportdesk.jinja import instant
from supportdesk.notifications.actions import EMAIL, INBOX, Recipient, send, tell
from tickets import paging, phone_numbers
from tickets.audience import desk_people, path_for, tell_of
from tickets.models import Event
from tickets.models.event import Kind


def _priority_requested(event: Event) -> None:
    ticket = event.ticket
    named = {"to": event.data["to"], "from": event.data["from"], "subject": ticket.subject}
    title = _("Asks for %(to)s instead of %(from)s: %(subject)s") % named
    tell_of(event, [*desk_people(ticket), *Membership.objects.leads()], title, event.data["reason"])


def _escalated(event: Event) -> None:
    """The customer; and, as long as no escalation policy sees to it, the leads and the director."""
    if not paging.seen_to([event]):
        _tell_those_in_charge(event)
    ticket = event.ticket
    named = {"number": ticket.number, "subject": ticket.subject}
    people = [ticket.requester, *([event.by] if event.by is not None and event.by.is_customer_side else [])]
    tell(
        people,
        kind=event.kind,
        title=_("We have escalated your request: %(subject)s") % named,
        body=_("The people in charge of support have just been told of #%(number)s. They will see to it.") % named,
        path=path_for(ticket, ticket.requester),
        key=f"escalated-{event.pk}",
        at=event.at,
        channels=(INBOX, EMAIL),
        ticket_number=ticket.number,
        thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
    )


def _tell_those_in_charge(event: Event) -> None:
    """The leads in their inboxes and by e-mail, the director the contract names by e-mail."""
    ticket = event.ticket
    named = {"number": ticket.number, "subject": ticket.subject, "org": ticket.organization.name}
    title = _("ESCALATED by %(org)s: %(subject)s") % named
    body = event.data["reason"] or (event.message.body if event.message is not None else "")
    leads = list(Membership.objects.leads())
    tell_of(event, [*leads, *([ticket.assignee] if ticket.assignee is not None else [])], title, body)
    contract = plan_queries.current_contract()
    director = contract.escalation.director if contract and contract.escalation else None
    if director is not None and director.email and director.email not in {lead.user.email for lead in leads}:
        send(
            [Recipient(EMAIL, director.email, "director")],
            kind=event.kind,
            title=title,
            body=body,
            path=path_for(ticket, leads[0]) if leads else "",
            key=f"event-{event.pk}",
            at=event.at,
            ticket_number=ticket.number,
            thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
        )


def _callback_requested(event: Event) -> None:
    ticket = event.ticket
    title = _("Call back %(org)s: %(subject)s") % {"org": ticket.organization.name, "subject": ticket.subject}
    number = phone_numbers.readable(event.data["number"])
    when = _("as soon as possible")
    if event.data["starts_at"] and event.data["ends_at"]:
        window = {"starts": _there(event, "starts_at"), "ends": _there(event, "ends_at")}
        when = _("between %(starts)s and %(ends)s") % window
    who = event.by.name if event.by is not None else ""
    tell_of(event, desk_people(ticket), title, f"{who}, {number}, {when}")


def _there(event: Event, name: str) -> str:
    """One text for all who are told, so in the vendor's time, which it names."""
    return instant(datetime.fromisoformat(event.data[name]), event.ticket.vendor.zone)


def _callback_cancelled(event: Event) -> None:
    title = _("Call-back no longer needed: %(subject)s") % {"subject": event.ticket.subject}
    tell_of(event, desk_people(event.ticket), title, channels=(INBOX,))


def _follower_added(event: Event) -> None:
    ticket = event.ticket
    people = Membership.objects.filter(pk=event.data["person"]).select_related("user")
    named = {"number": ticket.number, "subject": ticket.subject, "by": event.by.name if event.by else ""}
    body = _("%(by)s keeps you informed of #%(number)s. You can stop that on the ticket’s page.") % named
    if event.by is not None:
        tell_of(event, people, _("You now follow: %(subject)s") % named, body)


def _followed_up(event: Event) -> None:
    """The assignee of the earlier ticket knows the matter; everybody else hears of the new one as of any other."""
    if event.data.get("by") and event.ticket.assignee is not None:
        named = {"number": event.data["by"], "subject": event.ticket.subject}
        tell_of(event, [event.ticket.assignee], _("Goes on in #%(number)s: %(subject)s") % named, channels=(INBOX,))


def _rated(event: Event) -> None:
    ticket = event.ticket
    people = [ticket.assignee] if ticket.assignee is not None else []
    if event.data["is_good"]:
        title = _("Rated good: %(subject)s") % {"subject": ticket.subject}
    else:
        people += Membership.objects.leads()
        title = _("Rated not good: %(subject)s") % {"subject": ticket.subject}
    tell_of(event, people, title, channels=(INBOX,))


HANDLERS: Mapping[Kind, Callable[[Event], None]] = {
    Kind.PRIORITY_REQUESTED: _priority_requested,
    Kind.ESCALATED: _escalated,
    Kind.CALLBACK_REQUESTED: _callback_requested,
    Kind.CALLBACK_CANCELLED: _callback_cancelled,
    Kind.FOLLOWER_ADDED: _follower_added,
    Kind.FOLLOWED_UP: _followed_up,
    Kind.RATED: _rated,
}
