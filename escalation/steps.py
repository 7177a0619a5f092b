"""Taking the steps of pages when they are due: the timer handler, for a batch of pages of one vendor.

Gather (the locked pages and tickets, the people), decide (``ladder.climb``), apply (messages, posts, hand-overs, the
timeline, the next timers). Whatever is written, is written in the transaction that claimed the timers: all of a step or
nothing of it. Locks are taken as everywhere: the ticket, then its page, then the page's timer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from escalation import messages, policies
from escalation.doing import do
from escalation.ladder import Deed, Landing, Notify, Standing, climb
from escalation.messages import Message
from escalation.models import Page, PageState
from escalation.opening import TIMER
from escalation.whom import People
from plans.policies import policy_of
from plans.queries import policy_book_of
from supportdesk.accounts.models import Vendor
from supportdesk.notifications import incidents
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind

BUSY_RETRY = timedelta(milliseconds=50)
"""An action on a ticket takes about this long."""

SAVE = """
UPDATE escalation_page SET step = wanted.step, round = wanted.round, has_reached = wanted.has_reached,
    round_reached = wanted.round_reached, fell_back = wanted.fell_back, landings = wanted.landings,
    next_at = wanted.next_at
FROM unnest(%(ids)s::bigint[], %(steps)s::int[], %(rounds)s::int[], %(reached)s::bool[], %(round_reached)s::bool[],
            %(fell_back)s::bool[], %(landings)s::int[], %(next)s::timestamptz[])
    AS wanted (id, step, round, has_reached, round_reached, fell_back, landings, next_at)
WHERE escalation_page.vendor_id = %(vendor)s AND escalation_page.id = wanted.id"""


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Takes each page to its next landing, or ends an acknowledgement that ran out. A ticket that somebody is just
    working on is left for the next round, as are its pages."""
    due_at = {timer.subject_id: timer.due_at for timer in due}
    of_ticket = dict(Page.objects.unsettled().filter(pk__in=due_at).values_list("pk", "ticket_id"))
    tickets = lock(of_ticket.values(), skip_busy=True)
    pages = list(
        Page.objects.select_for_update(of=("self",), skip_locked=True)
        .unsettled()
        .filter(pk__in=due_at, ticket_id__in=tickets)
        .select_related("acknowledged_by__user")
        .order_by("pk")
    )
    busy = of_ticket.keys() - {page.pk for page in pages}
    timers.set_many(TIMER, dict.fromkeys(busy, at + BUSY_RETRY))
    resumed = [_resume(page, tickets[page.ticket_id], at) for page in pages if not page.is_open]
    timeline.record_many(resumed)
    take(pages, tickets, due_at, at=at)


def lock(ticket_ids: Iterable[int], *, skip_busy: bool = False) -> dict[int, Ticket]:
    """The tickets, locked in order of their ids, with what messages say of them; without those that are busy."""
    tickets = (
        Ticket.objects.select_for_update(of=("self",), skip_locked=skip_busy)
        .filter(pk__in=set(ticket_ids))
        .select_related("organization", "assignee__user", "team", "priority", "severity")
        .order_by("pk")
    )
    return {ticket.pk: ticket for ticket in tickets}


def take(pages: Sequence[Page], tickets: Mapping[int, Ticket], due_at: Mapping[int, datetime], *, at: datetime) -> None:
    """Takes these locked pages one landing on. The same number of statements for any number of pages of a policy,
    besides what changes tickets."""
    if not pages:
        return
    vendor = Vendor.objects.get(pk=pages[0].vendor_id)
    everybody: dict[int, People] = {}
    told: list[Message] = []
    done: list[Event] = []
    posts: list[incidents.Post] = []
    for page in pages:
        ticket = tickets[page.ticket_id]
        if page.contract_version_id not in everybody:
            book = policy_book_of(page.contract_version_id)
            everybody[page.contract_version_id] = People(book.contract, at=at, tickets=tickets.values())
        people = everybody[page.contract_version_id]
        landing = _land(page, ticket, people, due_at.get(page.pk, at), at)
        page.standing, page.next_at = landing.standing, landing.next_at
        page.landings += 1
        for deed in landing.deeds:
            data = data_of(page, deed)
            told += _messages(page, ticket, deed, people, data["key"])
            data |= do(page, ticket, deed, people, posts, vendor=vendor.slug, at=at)
            done.append(Event(ticket=ticket, kind=Kind.PAGE_STEP, by=None, at=at, data=data))
    save(pages)
    timers.set_many(TIMER, {page.pk: page.next_at for page in pages})
    incidents.post_many(posts)
    messages.tell(told, vendor=vendor.slug, at=at)
    timeline.record_many(done)


def data_of(page: Page, deed: Deed) -> dict[str, Any]:
    """What the timeline keeps of a step."""
    is_told = isinstance(deed.step, Notify)
    place = -1 if deed.place is None else deed.place
    return {
        "page": page.pk,
        "policy": page.policy,
        "step": place + 1,
        "verb": type(deed.step).__name__.lower(),
        "key": f"page-{page.pk}-{page.landings}-{place + 1}" if is_told and deed.people else "",
        "channels": list(deed.step.channels) if isinstance(deed.step, Notify) else [],
        "people": [
            [int(each.key[7:]) if each.key.startswith("member-") else None, each.name, each.why, each.is_quiet]
            for each in deed.people
        ],
    }


def _land(page: Page, ticket: Ticket, people: People, due: datetime, at: datetime) -> Landing:
    book = policy_book_of(page.contract_version_id)
    policy = policy_of(book.contract, page.policy)
    return climb(
        policies.ladder_in(page.contract_version_id, page.policy),
        page.standing,
        due=due,
        at=at,
        find=people.finder(ticket, override_quiet=policies.overrides_quiet_hours(policy, page.rank)),
        calendars=book.calendars,
        services=people.services,
    )


def _messages(page: Page, ticket: Ticket, deed: Deed, people: People, key: str) -> list[Message]:
    if not isinstance(deed.step, Notify):
        return []
    return [Message(page, ticket, people.contacts[each.key], each.channels, key) for each in deed.people]


def save(pages: Sequence[Page]) -> None:
    """Where the pages stand now, in one statement; and where they were posted to, in one for each set of services."""
    values: dict[str, Any] = {
        "vendor": pages[0].vendor_id,
        "ids": [page.pk for page in pages],
        "steps": [page.step for page in pages],
        "rounds": [page.round for page in pages],
        "reached": [page.has_reached for page in pages],
        "round_reached": [page.round_reached for page in pages],
        "fell_back": [page.fell_back for page in pages],
        "landings": [page.landings for page in pages],
        "next": [page.next_at for page in pages],
    }
    with connection.cursor() as cursor:
        cursor.execute(SAVE, values)
    posted: dict[tuple[str, ...], list[int]] = {}
    for page in pages:
        if page.posted_to:
            posted.setdefault(tuple(page.posted_to), []).append(page.pk)
    for names, ids in posted.items():
        Page.objects.filter(pk__in=ids).update(posted_to=list(names))


def _resume(page: Page, ticket: Ticket, at: datetime) -> Event:
    """The acknowledgement has run out: open again, from the first step."""
    data = {"page": page.pk, "policy": page.policy, "as": page.answered_by}
    page.state, page.standing = PageState.OPEN, Standing()
    page.acknowledged_at = page.acknowledged_by = None
    page.acknowledged_as = ""
    page.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_as"])
    return Event(ticket=ticket, kind=Kind.PAGE_RESUMED, by=None, at=at, data=data)
