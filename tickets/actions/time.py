"""Time spent on tickets: logged, corrected, and measured by a timer that runs while somebody works."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import AuditEntry, Membership, Role
from tickets import events
from tickets.actions.locking import staff_only
from tickets.errors import Refused
from tickets.models import Message, RunningTimer, Ticket, TimeEntry
from tickets.models.event import Kind
from tickets.models.time_entry import MOST_MINUTES

DELETED = "time.deleted"
UNDO_WITHIN = timedelta(hours=1)
"""After it a deleted entry is not put back: sums have been read without it."""


@transaction.atomic
def log_time(
    ticket: Ticket,
    *,
    by: Membership,
    at: datetime,
    minutes: int,
    spent_on: date | None = None,
    note: str = "",
    is_billable: bool = False,
    allowance: str = "",
    message: Message | None = None,
) -> TimeEntry:
    """``minutes`` of ``by`` on the ticket; on today's date in their zone unless another is said. Time taken from one of
    the plan's allowances is billable. Customers do not see it. Raises Refused, naming the field."""
    staff_only(by)
    facts = _checked(
        ticket, by, at, minutes=minutes, spent_on=spent_on, note=note, is_billable=is_billable, allowance=allowance
    )
    entry = TimeEntry.objects.create(ticket=ticket, person=by, message=message, created_at=at, **facts)
    events.record(ticket, Kind.TIME_LOGGED, by=by, at=at, minutes=minutes, is_billable=entry.is_billable)
    return entry


@transaction.atomic
def change_time(
    entry: TimeEntry,
    *,
    by: Membership,
    at: datetime,
    minutes: int,
    spent_on: date,
    note: str = "",
    is_billable: bool = False,
    allowance: str = "",
) -> TimeEntry:
    """Corrects an entry; the audit log keeps what it said. One's own, or as a lead anybody's (PermissionDenied)."""
    entry = _own(entry, by)
    before = _said(entry)
    facts = _checked(
        entry.ticket,
        by,
        at,
        minutes=minutes,
        spent_on=spent_on,
        note=note,
        is_billable=is_billable,
        allowance=allowance,
    )
    for name, value in facts.items():
        setattr(entry, name, value)
    after = _said(entry)
    if after != before:
        entry.save(update_fields=list(facts))
        audit.record("time.changed", by=by, at=at, subject=entry, before=before, after=after)
    return entry


@transaction.atomic
def delete_time(entry: TimeEntry, *, by: Membership, at: datetime) -> None:
    """Takes an entry away; the audit log keeps it. One's own, or as a lead anybody's (PermissionDenied)."""
    entry = _own(entry, by)
    rest = {"message": entry.message_id, "created_at": entry.created_at.isoformat()}
    audit.record(DELETED, by=by, at=at, subject=entry, before=_said(entry) | rest)
    entry.delete()


@transaction.atomic
def restore_time(ticket: Ticket, pk: int, *, by: Membership, at: datetime) -> TimeEntry:
    """Puts a deleted entry back as it was, under its own number, so that a second press changes nothing. One's own, or
    as a lead anybody's (PermissionDenied). Raises Refused later than ``UNDO_WITHIN`` after."""
    staff_only(by)
    deleted = AuditEntry.objects.filter(
        action=DELETED, subject_type=TimeEntry._meta.label_lower, subject_id=pk, at__gte=at - UNDO_WITHIN
    )
    entry = deleted.order_by("-at", "-pk").first()
    said = dict(entry.data["before"]) if entry is not None else {}
    if said.pop("ticket", None) != ticket.number:
        raise Refused(_("This time was deleted more than an hour ago; log it anew."))
    if said["person"] != by.pk and not by.is_at_least(Role.LEAD):
        raise PermissionDenied(_("Only who logged this time, or a lead, can change it."))
    facts = {
        "ticket": ticket,
        "person_id": said.pop("person"),
        "message_id": said.pop("message"),
        "spent_on": date.fromisoformat(said.pop("spent_on")),
        "created_at": datetime.fromisoformat(said.pop("created_at")),
    }
    restored, is_new = TimeEntry.objects.get_or_create(pk=pk, defaults=facts | said)
    if is_new:
        audit.record("time.restored", by=by, at=at, subject=restored, after=_said(restored))
    return restored


@transaction.atomic
def start_timer(ticket: Ticket, *, by: Membership, at: datetime) -> TimeEntry | None:
    """Time runs on this ticket from now; what ran on another one is logged there, and answered."""
    staff_only(by)
    Membership.objects.select_for_update().get(pk=by.pk)
    running = RunningTimer.objects.filter(person=by).first()
    if running is not None and running.ticket_id == ticket.pk:
        return None
    logged = stop_timer(by=by, at=at) if running is not None else None
    RunningTimer.objects.create(person=by, ticket=ticket, started_at=at)
    return logged


@transaction.atomic
def stop_timer(*, by: Membership, at: datetime, note: str = "") -> TimeEntry:
    """Logs what has run, rounded up to the full minute, at most a day. On a ticket that was merged meanwhile it counts
    for the one that goes on. Raises Refused when none runs."""
    running = _running(by)
    ticket = running.ticket.merged_into or running.ticket
    minutes = rounded(at - running.started_at)
    running.delete()
    started = running.started_at.astimezone(by.user.zoneinfo).date()
    return log_time(ticket, by=by, at=at, minutes=minutes, spent_on=started, note=note)


@transaction.atomic
def discard_timer(*, by: Membership) -> None:
    """Forgets what has run. Raises Refused when none runs."""
    _running(by).delete()


def rounded(spent: timedelta) -> int:
    """Minutes, every begun one counted; at least one, at most a day's."""
    return max(1, min(MOST_MINUTES, math.ceil(spent.total_seconds() / 60)))


def allowances_of(ticket: Ticket) -> dict[str, str]:
    """The allowances of the ticket's plan, name by slug."""
    details = ticket.plan_version.details if ticket.plan_version is not None else {}
    return {each["slug"]: each["name"] for each in details.get("allowances", ())}


def may_change(entry: TimeEntry, by: Membership) -> bool:
    return entry.person_id == by.pk or by.is_at_least(Role.LEAD)


def _checked(
    ticket: Ticket,
    by: Membership,
    at: datetime,
    *,
    minutes: int,
    spent_on: date | None,
    note: str,
    is_billable: bool,
    allowance: str,
) -> dict[str, object]:
    today = at.astimezone(by.user.zoneinfo).date()
    day = spent_on or today
    if not 1 <= minutes <= MOST_MINUTES:
        raise Refused(
            _("Minutes from 1 to %(most)s: one entry is of one day.") % {"most": MOST_MINUTES}, field="minutes"
        )
    if day > today:
        raise Refused(_("This day is yet to come."), field="spent_on")
    if allowance and allowance not in allowances_of(ticket):
        raise Refused(_("The support plan of this ticket has no such allowance."), field="allowance")
    billable = is_billable or bool(allowance)
    return {
        "minutes": minutes,
        "spent_on": day,
        "note": " ".join(note.split())[:300],
        "is_billable": billable,
        "allowance": allowance,
    }


def _own(entry: TimeEntry, by: Membership) -> TimeEntry:
    if not may_change(entry, by):
        raise PermissionDenied(_("Only who logged this time, or a lead, can change it."))
    return TimeEntry.objects.select_for_update(of=("self",)).select_related("ticket__plan_version").get(pk=entry.pk)


def _running(by: Membership) -> RunningTimer:
    rows = RunningTimer.objects.select_for_update(of=("self",)).select_related(
        "ticket__merged_into", "ticket__plan_version"
    )
    running = rows.filter(person=by).first()
    if running is None:
        raise Refused(_("No timer of yours is running."))
    return running


def _said(entry: TimeEntry) -> dict[str, object]:
    return {
        "ticket": entry.ticket.number,
        "person": entry.person_id,
        "minutes": entry.minutes,
        "spent_on": entry.spent_on.isoformat(),
        "note": entry.note,
        "is_billable": entry.is_billable,
        "allowance": entry.allowance,
    }
