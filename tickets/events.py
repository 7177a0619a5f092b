"""Writing the timeline, and telling those who follow it, in the same transaction.

What ``data`` carries, by kind (codes and ISO 8601 instants in UTC):

=================== ==================================================================================
opened              priority, severity (or null), state, plan_version, received_at
priority_changed    from, to, reason
severity_changed    from, to
category_changed    from, to (names, or empty)
plan_changed        from, to (ids of plan versions); is_edit when the plan stayed and its terms changed
status_changed      from, to, reason
update_promised     next_update_at
assigned            to (membership id or null), to_name; is_handed_over when the next event says to which group;
                    reason when a rule chose
team_changed        to (team id or null), to_name; of a hand-over: is_handed_over, reason
noted               mentions (membership ids)
resolved, reopened  from (the state before); reopened: to
call_logged         minutes
auto_replied        of a reminder: reminder (its number), of (how many there are), resolves_at (or null)
callback_requested  callback (id), number, starts_at and ends_at (or null: as soon as possible)
callback_cancelled  callback (id)
follower_added,     person (membership id), name, is_staff
follower_removed
priority_requested  from, to, reason
priority_declined   from, to
escalated           how (button or keyword), reason, priority
followed_up         by (on the earlier ticket) or of (on the later): a ticket's number
rated               is_good
tagged, untagged    tag (its id), name
nobody_fits         team (id), reason: what a person of the team would have to be; nobody was assigned by its rule
merged              into (on the closed ticket) or from (on the other): a ticket's number; received_at (the earlier);
                    on the other also what the closed one owed: since, asked_at, unanswered_at (or null), its state,
                    followers (membership ids that came along), earlier (numbers merged into it before)
unmerged            of (on the one that came back) or from (on the other): a ticket's number; since, asked_at,
                    unanswered_at: what the ticket itself owes; on the one that came back its state
linked, unlinked    link (the kind), number (the other ticket's), is_inverse (read from the link's other end)
split               from or into: the other ticket's number; message (id of the original message); asked_at
scope_decided       exclusion (slug, empty: in scope), name, action, reason, fee, told (whether the customer was);
                    is_staff when it is the desk's own business
fee_answered        is_agreed, fee
issue_added,        kind, name, title, url, state; issue_changed also from (the state before); is_staff unless the
issue_changed,      contract has a name for it
issue_removed
time_logged         minutes, is_billable
callback_scheduled  callback (id), number, starts_at, ends_at
callback_claimed    callback (id)
conference_added    starts_at (or null: now); conference_ended: nothing
sla.warning,        clock, metric, audience, priority, due_at, promise
sla.breached
page.*              page (its number), policy (slug), name (the policy's); and
page.opened         trigger
page.step           key (of what people were told, or empty), verb, step (from 1, 0: the fallback), channels, people:
                    a list of [membership id or null, name, why, is_quiet]; detail (a team, a service, a code)
page.missed         channel (voice, sms, service or email), why: nobody got what the latest step sent, the next one is
                    taken at once
page.untaken        service (its name), action (trigger, acknowledge, resolve, annotate), why, delivery (id): a paging
                    service did not take it, and it was given up
page.acknowledged   as (who, where it was nobody with a place here), by_what (desk, email, inbox, service, ticket)
page.resumed        as of the acknowledgement that ran out
page.handed         to (membership id), to_name, key
page.noted          text
page.bridged        url
page.resolved       as, by_what, reason
=================== ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from supportdesk.accounts.models import Membership
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind

Reaction = Callable[[Sequence[Event]], None]

reactions: list[Reaction] = []
"""Called in order with each batch of events; filled once, by ``supportdesk/wiring.py``."""


def record(
    ticket: Ticket,
    kind: Kind,
    moved: dict[str, Any] | None = None,
    *,
    by: Membership | None,
    at: datetime,
    message: Message | None = None,
    **data: Any,
) -> Event:
    """One event on the ticket's timeline; every reaction has run when it returns.

    ``moved`` is for data whose names are Python's own words (``from``).
    """
    event = Event(ticket=ticket, kind=kind, by=by, at=at, message=message, data=(moved or {}) | data)
    record_many([event])
    return event


def record_many(events: Sequence[Event]) -> None:
    """A batch of unsaved events, in the order in which they happened; one insert, then each reaction once."""
    if not events:
        return
    Event.objects.bulk_create(events, batch_size=1000)
    for react in reactions:
        react(events)
