"""Noting when people of the team are away, one by one or from a calendar file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import shift_notices
from escalation.actions.locking import colleague
from escalation.models import Rota, TimeOff
from escalation.turns import instant
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role
from supportdesk.ics import Away

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a calendar file: how many were new, changed, and over already."""

    batch: UUID
    added: int
    changed: int
    past: int


def may_note(person: Membership, by: Membership) -> bool:
    """One's own, and a lead everybody's."""
    return by.is_staff_side and by.is_active and (by.pk == person.pk or by.is_at_least(Role.LEAD))


@transaction.atomic
def note_time_off(
    person: Membership, *, starts_on: date, ends_on: date, by: Membership, at: datetime, note: str = ""
) -> TimeOff:
    """The person is away on whole days of their zone, both included; their turns go to the next in order meanwhile.

    Raises PermissionDenied for somebody else's below a lead, ValidationError naming the day that is wrong.
    """
    _check(person, by)
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day is before the first.")})
    if (ends_on - starts_on).days > LONGEST_DAYS:
        raise ValidationError({"ends_on": _("This lasts more than a year. Is the year right?")})
    starts_at, ends_at = _instants(person, starts_on, ends_on)
    if ends_at <= at:
        raise ValidationError({"ends_on": _("These days are over: who was on call stays on record.")})
    row = TimeOff.objects.create(
        person=person,
        starts_at=starts_at,
        ends_at=ends_at,
        note=" ".join(note.split())[:200],
        told_by=by,
        told_at=at,
    )
    audit.record("time_off.noted", by=by, at=at, subject=row, **_facts(row))
    shift_notices.schedule(Rota.objects.in_use(), at=at)
    return row


@transaction.atomic
def keep_calendar(events: Sequence[Away], *, person: Membership, by: Membership, at: datetime) -> Kept:
    """The events of a calendar file as time off. One whose uid is there already replaces those days; what was over
    is left out. Raises PermissionDenied as above."""
    _check(person, by)
    batch = uuid4()
    ahead = [event for event in events if _instants(person, event.starts_on, event.ends_on)[1] > at]
    uids = [event.uid for event in ahead if event.uid]
    known = {row.uid: row for row in TimeOff.objects.filter(person=person, uid__in=uids, withdrawn_at__isnull=True)}
    added, changed = 0, 0
    for event in ahead:
        starts_at, ends_at = _instants(person, event.starts_on, event.ends_on)
        row = known.get(event.uid)
        if row is not None:
            if (row.starts_at, row.ends_at) == (starts_at, ends_at):
                continue
            # Replaced and not changed: who was on call while the old days held stays on record.
            TimeOff.objects.filter(pk=row.pk).update(withdrawn_at=at)
            changed += 1
        else:
            added += 1
        TimeOff.objects.create(
            person=person,
            starts_at=starts_at,
            ends_at=ends_at,
            note=event.name,
            uid=event.uid,
            batch=batch,
            told_by=by,
            told_at=at,
        )
    kept = Kept(batch, added, changed, len(events) - len(ahead))
    audit.record(
        "time_off.uploaded", by=by, at=at, subject=person, batch=str(batch), added=kept.added, changed=kept.changed
    )
    shift_notices.schedule(Rota.objects.in_use(), at=at)
    return kept


@transaction.atomic
def remove_time_off(row: TimeOff, *, by: Membership, at: datetime) -> None:
    """They are there after all, from ``at`` on. Twice is once. Raises PermissionDenied as above."""
    _check(row.person, by)
    if TimeOff.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(withdrawn_at=at):
        audit.record("time_off.removed", by=by, at=at, subject=row, **_facts(row))
        shift_notices.schedule(Rota.objects.in_use(), at=at)


@transaction.atomic
def remove_upload(person: Membership, batch: UUID, *, by: Membership, at: datetime) -> int:
    """Takes back what a calendar file brought; how many."""
    _check(person, by)
    count = TimeOff.objects.filter(person=person, batch=batch, withdrawn_at__isnull=True).update(withdrawn_at=at)
    if count:
        audit.record("time_off.upload_removed", by=by, at=at, subject=person, batch=str(batch), count=count)
        shift_notices.schedule(Rota.objects.in_use(), at=at)
    return count


def _check(person: Membership, by: Membership) -> None:
    colleague(person)
    if not may_note(person, by):
        raise PermissionDenied(_("You note your own time off; a lead that of others."))


def _instants(person: Membership, starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    zone = person.user.zoneinfo
    first, after = datetime.combine(starts_on, time()), datetime.combine(ends_on + timedelta(days=1), time())
    return instant(first, zone), instant(after, zone)


def _facts(row: TimeOff) -> dict[str, object]:
    return {
        "person": row.person_id,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "note": row.note,
    }
