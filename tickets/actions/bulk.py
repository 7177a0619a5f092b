"""One change to many tickets: each by the same action as alone, all in one transaction; and taking it back.

A ticket that refuses is named with the reason and the others go on. What was changed is kept with what it was before,
so that for a while it can be taken back wherever nobody has done anything since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from plans.models import Priority
from plans.states import State
from supportdesk.accounts.models import Membership, Team
from tickets.actions.locking import locked, staff_only
from tickets.actions.merging import merge, unmerge
from tickets.actions.status import change_state, set_state
from tickets.actions.tagging import tag, untag
from tickets.actions.triage import assign, set_team, triage
from tickets.errors import Refused
from tickets.models import BulkChange, BulkItem, Event, Tag, Ticket, TicketTag
from tickets.models.bulk_change import Change
from tickets.models.event import Kind

MOST_AT_ONCE = 500
UNDO_FOR = timedelta(minutes=5)
BY_THE_CLOCK = (Kind.SLA_WARNING, Kind.SLA_BREACHED)
"""What happens to a ticket by itself stands in nobody's way."""


@dataclass(slots=True)
class Outcome:
    """``changed`` are the numbers of the tickets that are different now, ``refused`` those that are not, with the
    reason; tickets that were as wanted already are in neither. ``bulk`` is None when nothing changed, or nothing can
    be undone."""

    changed: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    bulk: BulkChange | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of change is made, what to remember of a ticket before, and how that is put back."""

    make: Callable[[Ticket, Any, Membership, datetime], object]
    before: Callable[[Ticket, Any], Any]
    put_back: Callable[[Ticket, Any, Membership, datetime], object]


@transaction.atomic
def change_many(tickets: Iterable[Ticket], *, change: Change, to: Any, by: Membership, at: datetime) -> Outcome:
    """Makes a change to each of these tickets, at most ``MOST_AT_ONCE``; ``to`` is what that change wants: a
    Membership, Team, State, severity, Tag or Ticket, or None. Raises Refused when there are more."""
    staff_only(by)
    ids = sorted({ticket.pk for ticket in tickets})
    if len(ids) > MOST_AT_ONCE:
        raise Refused(_("At most %(most)s tickets can be changed at once.") % {"most": MOST_AT_ONCE})
    way, outcome = WAYS[change], Outcome()
    changed: list[tuple[Ticket, Any]] = []
    for ticket in _all_locked(ids):
        before, moved_at = way.before(ticket, to), _moved(ticket)
        reason = _attempt(way.make, ticket, to, by, at)
        if reason:
            outcome.refused.append((ticket.number, reason))
        else:
            ticket.refresh_from_db()
            if _moved(ticket) != moved_at or way.before(ticket, to) != before:
                outcome.changed.append(ticket.number)
                changed.append((ticket, before))
    if changed:
        outcome.bulk = _kept(change, changed, by=by, at=at)
    return outcome


@transaction.atomic
def undo(bulk: BulkChange, *, by: Membership, at: datetime) -> Outcome:
    """Puts each ticket back to what it was, unless somebody has done something to it since: those are in ``refused``.

    Raises Refused when it was undone already or is too long ago, PermissionDenied for anybody but who made the change.
    """
    bulk = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
    if bulk.by_id != by.pk:
        raise PermissionDenied(_("Only the person who made a change can undo it."))
    if bulk.undone_at is not None:
        raise Refused(_("This was undone already."))
    if at > bulk.at + UNDO_FOR:
        raise Refused(_("This is too long ago to be undone; change the tickets themselves."))
    put_back = WAYS[Change(bulk.change)].put_back
    items = {item.ticket_id: item for item in bulk.items.all()}
    tickets = _all_locked(sorted(items))
    last = _last_events([ticket.pk for ticket in tickets])
    outcome = Outcome()
    for ticket in tickets:
        item = items[ticket.pk]
        reason = _("somebody has worked on it since") if last[ticket.pk] != item.last_event else ""
        reason = reason or _attempt(put_back, ticket, item.before, by, at)
        if reason:
            outcome.refused.append((ticket.number, reason))
        else:
            outcome.changed.append(ticket.number)
    bulk.undone_at = at
    bulk.save(update_fields=["undone_at"])
    return outcome


def _attempt(do: Callable[..., object], ticket: Ticket, to: Any, by: Membership, at: datetime) -> str:
    """Why it was refused; the empty text when it was done."""
    try:
        with transaction.atomic():
            do(ticket, to, by, at)
    except Refused as refused:
        return refused.text
    except ValidationError as error:
        return " ".join(error.messages)
    except PermissionDenied as error:
        return str(error)
    return ""


def _all_locked(ids: Sequence[int]) -> list[Ticket]:
    """In one order whoever asks, so that two who change many do not wait for each other in a ring."""
    return list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))


def _moved(ticket: Ticket) -> tuple[Any, ...]:
    return ticket.assignee_id, ticket.team_id, ticket.state, ticket.severity_id, ticket.merged_into_id


def _kept(change: Change, changed: Sequence[tuple[Ticket, Any]], *, by: Membership, at: datetime) -> BulkChange:
    bulk = BulkChange.objects.create(change=change, by=by, at=at)
    last = _last_events([ticket.pk for ticket, _before in changed])
    BulkItem.objects.bulk_create(
        BulkItem(bulk=bulk, ticket=ticket, before=before, last_event=last[ticket.pk]) for ticket, before in changed
    )
    return bulk


def _last_events(ids: Sequence[int]) -> dict[int, int]:
    rows = Event.objects.filter(ticket__in=ids).exclude(kind__in=BY_THE_CLOCK).order_by()
    found = dict(rows.values_list("ticket_id").annotate(last=Max("pk")))
    return {pk: found.get(pk, 0) for pk in ids}


def _person(pk: int | None) -> Membership | None:
    return None if pk is None else Membership.objects.select_related("user").get(pk=pk)


def _give_back(ticket: Ticket, before: int | None, by: Membership, at: datetime) -> None:
    assign(ticket, to=_person(before), by=by, at=at)


def _back_to_team(ticket: Ticket, before: int | None, by: Membership, at: datetime) -> None:
    set_team(ticket, team=None if before is None else Team.objects.get(pk=before), by=by, at=at)


def _back_to_severity(ticket: Ticket, before: int | None, by: Membership, at: datetime) -> None:
    triage(ticket, severity=None if before is None else Priority.objects.get(pk=before), by=by, at=at)


def _back_to_state(ticket: Ticket, before: dict[str, Any], by: Membership, at: datetime) -> None:
    """To any state, also one that could not follow: the change before it is taken back. Clocks follow what happened: a
    resolution that was met stays on record, and its work goes on in a new cycle."""
    ticket = locked(ticket)
    since = before["unanswered_since"]
    change_state(ticket, State(before["state"]), by=by, at=at, reason=_("taken back"))
    ticket.unanswered_since = datetime.fromisoformat(since) if since else None
    ticket.save(update_fields=["unanswered_since"])


def _state_of(ticket: Ticket, to: object) -> dict[str, Any]:
    since = ticket.unanswered_since
    return {"state": ticket.state, "unanswered_since": since.isoformat() if since else None}


def _tag_of(ticket: Ticket, to: Tag) -> dict[str, Any]:
    return {"tag": to.pk, "had": TicketTag.objects.filter(ticket=ticket, tag=to).exists()}


def _back_to_tag(ticket: Ticket, before: dict[str, Any], by: Membership, at: datetime) -> None:
    known = Tag.objects.filter(pk=before["tag"]).first()
    if known is None:
        raise Refused(_("the tag is gone"))
    (tag if before["had"] else untag)(ticket, tag=known, by=by, at=at)


WAYS: dict[Change, Way] = {
    Change.ASSIGN: Way(
        lambda ticket, to, by, at: assign(ticket, to=to, by=by, at=at),
        lambda ticket, to: ticket.assignee_id,
        _give_back,
    ),
    Change.TEAM: Way(
        lambda ticket, to, by, at: set_team(ticket, team=to, by=by, at=at),
        lambda ticket, to: ticket.team_id,
        _back_to_team,
    ),
    Change.STATE: Way(lambda ticket, to, by, at: set_state(ticket, to, by=by, at=at), _state_of, _back_to_state),
    Change.SEVERITY: Way(
        lambda ticket, to, by, at: triage(ticket, severity=to, by=by, at=at),
        lambda ticket, to: ticket.severity_id,
        _back_to_severity,
    ),
    Change.TAG: Way(lambda ticket, to, by, at: tag(ticket, tag=to, by=by, at=at), _tag_of, _back_to_tag),
    Change.UNTAG: Way(lambda ticket, to, by, at: untag(ticket, tag=to, by=by, at=at), _tag_of, _back_to_tag),
    Change.MERGE: Way(
        lambda ticket, to, by, at: merge(ticket, into=to, by=by, at=at),
        lambda ticket, to: ticket.merged_into_id,
        lambda ticket, before, by, at: unmerge(ticket, by=by, at=at),
    ),
}
