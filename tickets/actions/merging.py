"""Two tickets about one matter become one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.callbacks import end_callback
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Event, Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind


@transaction.atomic
def merge(ticket: Ticket, *, into: Ticket, by: Membership | None, at: datetime) -> Ticket:
    """Closes ``ticket`` with a link to the open ticket ``into``, which goes on; answers the closed one.

    Its clocks end with it and its messages stay where they are. Both timelines say when the customer first asked. From
    then on nothing can be done to the closed one. Raises Refused when the two are the same, belong to different
    organizations, or when one of them cannot be merged any more.
    """
    staff_only(by)
    if ticket.pk == into.pk:
        raise Refused(_("A ticket cannot be merged into itself."), field="into")
    both = {each.pk: locked(each) for each in sorted((ticket, into), key=lambda each: each.pk)}
    ticket, into = both[ticket.pk], both[into.pk]
    if ticket.organization_id != into.organization_id:
        raise Refused(_("#%(number)s belongs to another organization.") % {"number": into.number}, field="into")
    if not into.is_open:
        raise Refused(_("#%(number)s is resolved; reopen it first.") % {"number": into.number}, field="into")
    if ticket.is_open:
        ticket.state, ticket.state_since, ticket.resolved_at = State.RESOLVED.value, at, at
    waiting_since = [each.unanswered_since for each in (ticket, into) if each.unanswered_since is not None]
    into.unanswered_since, ticket.unanswered_since = min(waiting_since, default=None), None
    ticket.merged_into = into
    ticket.updated_at = into.updated_at = at
    ticket.save(update_fields=["state", "state_since", "resolved_at", "merged_into", "unanswered_since", "updated_at"])
    into.save(update_fields=["unanswered_since", "updated_at"])
    end_callback(ticket, CallbackOutcome.RESOLVED, at=at)
    received = min(ticket.received_at, into.received_at).isoformat()
    events.record_many(
        [
            Event(ticket=ticket, kind=Kind.MERGED, by=by, at=at, data={"into": into.number, "received_at": received}),
            Event(ticket=into, kind=Kind.MERGED, by=by, at=at, data={"from": ticket.number, "received_at": received}),
        ]
    )
    return ticket
