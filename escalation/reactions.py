"""What escalation does about a ticket's timeline: opening pages, acknowledging and settling them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from escalation import answers, watch
from escalation.models import Page
from escalation.opening import Opening, open_pages
from plans.policies import Happening, Matter, concerned, is_still_for, policy_of
from plans.queries import PolicyBook, policy_book, policy_book_of
from supportdesk.notifications.actions import is_muted
from tickets import paging
from tickets.matters import matters_of
from tickets.models import Event, Ticket
from tickets.models.event import Kind

REGRADED = (Kind.PRIORITY_CHANGED, Kind.SEVERITY_CHANGED)
ANSWERED = (Kind.REPLIED, Kind.CALL_LOGGED)
ANSWERING = (*ANSWERED, Kind.ASSIGNED, Kind.RESOLVED, Kind.MERGED, *REGRADED)
"""What may acknowledge or settle a page."""


def follow_tickets(events: Sequence[Event]) -> None:
    """Opens pages for what happened and answers those that it answers; the tickets are locked by whoever recorded it.

    What happened before a history was brought in wakes nobody. The same number of statements for any number of events
    of a kind.
    """
    events = [event for event in events if not is_muted(event.at)]
    _answer([event for event in events if event.kind in ANSWERING])
    happened = [(event, happening) for event in events for happening in paging.happenings_of(event)]
    regraded = [event for event in events if event.kind in REGRADED]
    is_watched = any(event.kind in watch.MOVING for event in events)
    if not (happened or regraded or is_watched):
        return
    book = policy_book()
    if book is None or not book.policies:
        return
    _open(happened, regraded, book)
    watch.follow_tickets(events, book)


def _open(happened: list[tuple[Event, Happening]], regraded: list[Event], book: PolicyBook) -> None:
    triggers = {each.trigger for policy in book.policies for each in policy.when}
    happened = [(event, happening) for event, happening in happened if happening.trigger in triggers]
    regraded = regraded if "opened" in triggers else []
    if not happened and not regraded:
        return
    matters = matters_of(event.ticket_id for event in (*(event for event, _ in happened), *regraded))
    openings = [
        Opening(event.ticket, policy, matters[event.ticket_id], happening.trigger, event.at)
        for event, happening in happened
        for policy in concerned(
            book.policies, happening, matters[event.ticket_id], at=event.at, calendars=book.calendars
        )
    ]
    openings += [each for event in regraded for each in _newly(event, matters[event.ticket_id], book)]
    open_pages(openings, version_id=book.version_id)


def _newly(event: Event, matter: Matter, book: PolicyBook) -> Iterator[Opening]:
    """The policies under which a new priority or severity brings an open ticket."""
    if not event.ticket.is_open:
        return
    code = event.data["from"] or ""
    if event.kind == Kind.PRIORITY_CHANGED:
        before = replace(matter, priority=code, is_paging=paging.is_paging(book.contract, code))
    else:
        before = replace(matter, severity=code)
    opened = Happening("opened")
    for policy in concerned(book.policies, opened, matter, at=event.at, calendars=book.calendars):
        if not is_still_for(policy.only, before):
            yield Opening(event.ticket, policy, matter, "opened", event.at)


def _answer(events: list[Event]) -> None:
    """Acknowledges and settles the pages of the tickets on which somebody acts."""
    if not events:
        return
    pages = Page.objects.select_for_update(of=("self",)).unsettled().filter(ticket__in={e.ticket_id for e in events})
    by_ticket: dict[int, list[Page]] = {}
    for page in pages.select_related("acknowledged_by__user").order_by("pk"):
        by_ticket.setdefault(page.ticket_id, []).append(page)
    if not by_ticket:
        return
    regraded = [event.ticket_id for event in events if event.kind in REGRADED and event.ticket_id in by_ticket]
    matters = matters_of(regraded) if regraded else {}
    for event in events:
        for page in by_ticket.get(event.ticket_id, ()):
            if not page.is_settled:
                _answer_one(page, event, matters)


def _answer_one(page: Page, event: Event, matters: dict[int, Matter]) -> None:
    """Settles by what ends the matter; acknowledges by what shows that somebody is at it."""
    ticket: Ticket = event.ticket
    policy = policy_of(policy_book_of(page.contract_version_id).contract, page.policy)
    until = policy.until if policy is not None else "resolved"
    settled = _ends(event, until)
    if event.kind in REGRADED and policy is not None and page.trigger == "opened":
        matter = matters[event.ticket_id]
        if not is_still_for(policy.only, matter):
            settled = _("It is no matter for this policy any more.")
    if settled:
        answers.resolve(page, ticket, by=event.by, at=event.at, by_what="ticket", reason=settled)
    elif page.is_open and _shows_somebody(event):
        answers.acknowledge(page, ticket, by=event.by, at=event.at, by_what="ticket")


def _ends(event: Event, until: str) -> str:
    """Why the page is over after this; empty when it is not."""
    if event.kind == Kind.RESOLVED or (event.kind == Kind.MERGED and event.data.get("into")):
        return _("The ticket is resolved.")
    if until == "answered" and event.kind in ANSWERED:
        return _("The customer has an answer.")
    if (
        until in ("answered", "assigned")
        and event.kind == Kind.ASSIGNED
        and event.data.get("to")
        and until == "assigned"
    ):
        return _("Somebody has the ticket.")
    return ""


def _shows_somebody(event: Event) -> bool:
    """Whether a person of the desk is at work on the ticket: writes to the customer, or takes it."""
    if event.by is None or not event.by.is_staff_side:
        return False
    return event.kind in ANSWERED or (event.kind == Kind.ASSIGNED and event.data.get("to") == event.by.pk)
