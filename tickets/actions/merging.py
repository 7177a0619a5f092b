"""Two tickets about one matter: one goes on, the other is closed with a link to it; and the way back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import events, merging, transitions
from tickets.actions.callbacks import end_callback
from tickets.actions.locking import locked, staff_only
from tickets.actions.status import change_state
from tickets.errors import Refused
from tickets.models import Event, Follower, Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind


@transaction.atomic
def merge(
    ticket: Ticket, *, into: Ticket, by: Membership | None, at: datetime, opens_to_new_readers: bool = False
) -> Ticket:
    """Closes ``ticket`` with a link to the open ticket ``into``, which goes on; answers the closed one.

    Messages and files stay where they are, readable in the one that goes on for whoever could read them before. What
    is owed counts from the earlier receipt. Whoever knew of the closed ticket follows the other; where that gives
    somebody a look at a ticket that was closed to them, the caller has to want it (``opens_to_new_readers``). From
    then on nothing can be done to the closed one. Raises Refused when the two are the same, belong to different
    organizations, the requester may not see the other's project, or one of them cannot be merged any more.
    """
    staff_only(by)
    if ticket.pk == into.pk:
        raise Refused(_("A ticket cannot be merged into itself."), field="into")
    both = {each.pk: locked(each) for each in sorted((ticket, into), key=lambda each: each.pk)}
    ticket, into = both[ticket.pk], both[into.pk]
    brought = _brought(ticket, into, opens_to_new_readers)
    owed, before = merging.owed_by(ticket), State(ticket.state)
    earlier = list(Ticket.objects.filter(merged_into=ticket).order_by("pk"))
    if ticket.is_open:
        ticket.state, ticket.state_since, ticket.resolved_at = State.RESOLVED.value, at, at
    waiting_since = [each.unanswered_since for each in (ticket, into) if each.unanswered_since is not None]
    into.unanswered_since, ticket.unanswered_since = min(waiting_since, default=None), None
    ticket.merged_into = into
    ticket.updated_at = into.updated_at = at
    ticket.save(update_fields=["state", "state_since", "resolved_at", "merged_into", "unanswered_since", "updated_at"])
    into.save(update_fields=["unanswered_since", "updated_at"])
    Ticket.objects.filter(pk__in=[each.pk for each in earlier]).update(merged_into=into)
    end_callback(ticket, CallbackOutcome.RESOLVED, at=at)
    Follower.objects.bulk_create([Follower(ticket=into, person=each, added_by=by, since=at) for each in brought])
    received = min(ticket.received_at, into.received_at).isoformat()
    closed = {"into": into.number, "received_at": received}
    open_ = owed.as_data() | {
        "from": ticket.number,
        "received_at": received,
        "state": before.value,
        "followers": [each.pk for each in brought],
        "earlier": [each.number for each in earlier],
    }
    events.record_many(
        [
            Event(ticket=ticket, kind=Kind.MERGED, by=by, at=at, data=closed),
            Event(ticket=into, kind=Kind.MERGED, by=by, at=at, data=open_),
        ]
    )
    if owed.unanswered_at is not None:
        reason = _("#%(number)s, merged into this one, waits for an answer.") % {"number": ticket.number}
        change_state(into, transitions.after_customer_message(State(into.state)), by=by, at=at, reason=reason)
    return ticket


@transaction.atomic
def unmerge(ticket: Ticket, *, by: Membership | None, at: datetime) -> Ticket:
    """Undoes the merging of ``ticket``: it is open again as it was, its clocks run from where they began, and who came
    to follow the other ticket through it no longer does. What was written there since stays there.

    Raises Refused when it is not merged, and later than ``merging.UNDO_WITHIN`` after.
    """
    staff_only(by)
    ticket.refresh_from_db(fields=["merged_into"])
    pks = [pk for pk in (ticket.pk, ticket.merged_into_id) if pk is not None]
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("requester__user", "organization", "priority")
    both = {each.pk: each for each in rows.filter(pk__in=pks).order_by("pk")}
    ticket = both[ticket.pk]
    into = both.get(ticket.merged_into_id or 0)
    done = _merging_of(ticket, into)
    if into is None or done is None:
        raise Refused(_("#%(number)s is not merged into this ticket.") % {"number": ticket.number})
    if at > merging.undoable_until(done):
        raise Refused(_("It was merged more than an hour ago, so this cannot be undone; split off what belongs apart."))
    data = done.data
    state = State(data["state"])
    if state is not State.RESOLVED:
        ticket.state, ticket.state_since, ticket.resolved_at = state.value, at, None
    ticket.unanswered_since = datetime.fromisoformat(data["unanswered_at"]) if data["unanswered_at"] else None
    ticket.merged_into = None
    ticket.updated_at = into.updated_at = at
    ticket.save(update_fields=["state", "state_since", "resolved_at", "merged_into", "unanswered_since", "updated_at"])
    Ticket.objects.filter(number__in=data["earlier"], merged_into=into).update(merged_into=ticket)
    Follower.objects.filter(ticket=into, person__in=data["followers"]).delete()
    own = merging.owed_by(into)
    into.unanswered_since = own.unanswered_at
    into.save(update_fields=["unanswered_since", "updated_at"])
    back = {name: data[name] for name in ("since", "asked_at", "unanswered_at", "state")}
    events.record_many(
        [
            Event(ticket=ticket, kind=Kind.UNMERGED, by=by, at=at, data=back | {"of": into.number}),
            Event(ticket=into, kind=Kind.UNMERGED, by=by, at=at, data=own.as_data() | {"from": ticket.number}),
        ]
    )
    return ticket


def _brought(ticket: Ticket, into: Ticket, opens_to_new_readers: bool) -> list[Membership]:
    """Who follows ``into`` from now on; raises Refused when the two may not become one."""
    number = {"number": into.number}
    if ticket.organization_id != into.organization_id:
        raise Refused(_("#%(number)s belongs to another organization.") % number, field="into")
    if not into.is_open:
        raise Refused(_("#%(number)s is resolved; reopen it first.") % number, field="into")
    if not Membership.objects.seeing(into.project_id).filter(pk=ticket.requester_id).exists():
        raise Refused(
            _("%(name)s does not see %(project)s, to which #%(number)s belongs.")
            % (number | {"name": ticket.requester.name, "project": into.project.name}),
            field="into",
        )
    brought = merging.brought_by(ticket, into)
    names = ", ".join(each.name for each in merging.new_readers(brought))
    if names and not opens_to_new_readers:
        raise Refused(
            _("#%(number)s is private, and merging would let %(names)s read it. Confirm that on its merge page.")
            % (number | {"names": names}),
            field="opens_to_new_readers",
        )
    return [each.person for each in brought]


def _merging_of(ticket: Ticket, into: Ticket | None) -> Event | None:
    """What the timeline of the ticket that went on says of the last merging of this one."""
    if into is None:
        return None
    merged = Event.objects.filter(ticket=into, kind=Kind.MERGED, data__from=ticket.number)
    return merged.order_by("-at", "-pk").first()
