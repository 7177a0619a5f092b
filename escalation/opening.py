"""Opening pages: many in few statements, at most one unsettled of a policy on a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from plans.contract.paging import PolicySection
from plans.policies import Matter
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import current_vendor_id
from supportdesk.timers import actions as timers
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TIMER = "escalation.step"
"""The kind of timer that takes a page on, or ends its acknowledgement; its subject is the page."""

INSERT = """
INSERT INTO escalation_page (vendor_id, ticket_id, policy, contract_version_id, trigger, priority, rank, opened_at,
    opened_by_id, state, step, round, has_reached, round_reached, fell_back, landings, next_at, bridge, posted_to,
    acknowledged_as, resolved_as)
SELECT %(vendor)s, ticket, policy, %(version)s, happened, priority, rank, at,
    by, 'open', 0, 0, false, false, false, 0, at, '', '{}', '', ''
FROM unnest(%(tickets)s::bigint[], %(policies)s::text[], %(triggers)s::text[], %(priorities)s::text[], %(ranks)s::int[],
            %(instants)s::timestamptz[], %(bys)s::bigint[])
    WITH ORDINALITY AS wanted (ticket, policy, happened, priority, rank, at, by, place)
ORDER BY place
ON CONFLICT (vendor_id, ticket_id, policy) WHERE resolved_at IS NULL DO NOTHING
RETURNING id, ticket_id, policy"""


@dataclass(frozen=True, slots=True)
class Opening:
    """A page to be opened: by which policy, on what, because of which trigger, since when."""

    ticket: Ticket
    policy: PolicySection
    matter: Matter
    trigger: str
    at: datetime
    by: Membership | None = None


def open_pages(openings: Sequence[Opening], *, version_id: int) -> list[int]:
    """Opens those that are not open already and puts each on its ticket's timeline; the numbers of the new ones. The
    first step is taken by the next pump, at once. The tickets are locked by the caller. Three statements."""
    wanted = {(each.ticket.pk, each.policy.slug): each for each in reversed(openings)}
    if not wanted:
        return []
    some = sorted(wanted.values(), key=lambda each: each.ticket.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "vendor": current_vendor_id(),
                "version": version_id,
                "tickets": [each.ticket.pk for each in some],
                "policies": [each.policy.slug for each in some],
                "triggers": [each.trigger for each in some],
                "priorities": [each.matter.priority for each in some],
                "ranks": [each.matter.rank for each in some],
                "instants": [each.at for each in some],
                "bys": [each.by.pk if each.by is not None else None for each in some],
            },
        )
        opened = {(ticket, policy): pk for pk, ticket, policy in cursor.fetchall()}
    timers.set_many(TIMER, {pk: wanted[key].at for key, pk in opened.items()})
    timeline.record_many([_event(wanted[key], pk) for key, pk in opened.items()])
    return list(opened.values())


def _event(opening: Opening, page: int) -> Event:
    policy = opening.policy
    data = {"page": page, "policy": policy.slug, "name": policy.name, "trigger": opening.trigger}
    return Event(ticket=opening.ticket, kind=Kind.PAGE_OPENED, by=opening.by, at=opening.at, data=data)
