"""Who is told when tickets are put together or taken apart, when a request is out of scope, and when the desk wants to
talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import EMAIL, INBOX, Recipient, send, tell
from tickets import phone_numbers, scope
from tickets.audience import desk_people, path_for, readers, tell_of
from tickets.models import Conference, Event, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind
from tickets.models.scope_decision import ScopeAction


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


def _scope_decided(event: Event) -> None:
    """What is forwarded reaches the contract's sales people, with all they need to take it over."""
    sales = scope.section().sales
    if event.data["action"] != ScopeAction.FORWARD or sales is None:
        return
    ticket = event.ticket
    who = ticket.requester
    named = {"org": ticket.organization.name, "subject": ticket.subject, "name": event.data["name"]}
    title = _("For sales, %(name)s: %(org)s, %(subject)s") % named
    first = Message.objects.filter(ticket=ticket, kind=MessageKind.PUBLIC).order_by("pk").first()
    lines = [
        _("%(who)s of %(org)s, %(email)s, asked support for this, which is not part of it.")
        % (named | {"who": who.name, "email": who.user.email}),
        _("Why it comes to you: %(reason)s") % {"reason": event.data["reason"]},
        first.body if first else "",
    ]
    body = "\n\n".join(line for line in lines if line)
    people = list(Membership.objects.staff().filter(teams__team__slug=sales.team)) if sales.team else []
    tell_of(event, people, title, body)
    if sales.email is not None:
        send(
            [Recipient(EMAIL, sales.email, "sales")],
            kind=event.kind,
            title=title,
            body=body,
            path="",
            key=f"event-{event.pk}",
            at=event.at,
            ticket_number=ticket.number,
            thread=f"sales-{ticket.vendor_id}-{ticket.number}",
        )


def _fee_answered(event: Event) -> None:
    ticket = event.ticket
    named = {"org": ticket.organization.name, "subject": ticket.subject, "fee": event.data["fee"]}
    agreed = event.data["is_agreed"]
    title = _("Fee agreed by %(org)s: %(subject)s") if agreed else _("Fee declined by %(org)s: %(subject)s")
    tell_of(event, desk_people(ticket), title % named, event.data["fee"])


def _callback_scheduled(event: Event) -> None:
    """The customer, in their own zone, and who is to call."""
    ticket = event.ticket
    when = in_zone_of(ticket.requester, datetime.fromisoformat(event.data["starts_at"]))
    named = {"subject": ticket.subject, "when": when, "number": phone_numbers.readable(event.data["number"])}
    body = _("We will call you on %(number)s: %(when)s. You can cancel that on the ticket’s page.") % named
    _tell_customers(event, ticket, _("We will call you %(when)s: %(subject)s") % named, body)


def _conference_added(event: Event) -> None:
    ticket = event.ticket
    conference = Conference.objects.filter(pk=event.data["conference"]).first()
    if conference is None:
        return
    at = conference.starts_at
    named = {
        "subject": ticket.subject,
        "when": in_zone_of(ticket.requester, at) if at else _("now"),
        "url": conference.url,
    }
    body = _("Let us look at it together, %(when)s: %(url)s") % named
    _tell_customers(event, ticket, _("A meeting, %(when)s: %(subject)s") % named, body)


def in_zone_of(person: Membership, instant: datetime) -> str:
    """The instant in the person's zone, which it names."""
    return date_format(instant.astimezone(person.user.zoneinfo), pgettext("date format", "D j F Y, H:i T"))


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


HANDLERS: Mapping[Kind, Callable[[Event], None]] = {
    Kind.MERGED: _merged,
    Kind.UNMERGED: _unmerged,
    Kind.SCOPE_DECIDED: _scope_decided,
    Kind.FEE_ANSWERED: _fee_answered,
    Kind.CALLBACK_SCHEDULED: _callback_scheduled,
    Kind.CONFERENCE_ADDED: _conference_added,
}
