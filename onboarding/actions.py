"""Writes about absences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from onboarding.models import Absence
from supportdesk.accounts import audit
from supportdesk.accounts.actions import may_manage
from supportdesk.accounts.models import Membership, Organization
from supportdesk.ics import Away


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a calendar file's events: ``batch`` names the new ones, for undoing."""

    batch: UUID
    added: int
    changed: int
    past: int


@transaction.atomic
def note_absence(
    *,
    organization: Organization,
    person: Membership | None,
    starts_on: date,
    ends_on: date,
    by: Membership,
    at: datetime,
    note: str = "",
) -> Absence:
    """Somebody (None: everybody) is away on these days, both included.

    Raises PermissionDenied unless ``by`` manages the organization, ValidationError when the days are reversed or the
    person is another organization's.
    """
    _check(organization, person, by)
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day is before the first.")})
    absence = Absence.objects.create(
        organization=organization,
        person=person,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note.strip(),
        told_by=by,
        told_at=at,
    )
    audit.record("absence.noted", by=by, at=at, subject=absence, **_facts(absence))
    return absence


@transaction.atomic
def keep_calendar(
    events: Sequence[Away],
    *,
    organization: Organization,
    person: Membership | None,
    today: date,
    by: Membership,
    at: datetime,
) -> Kept:
    """The events of a calendar file as absences. One whose uid this person has already replaces those days; what
    was over before ``today`` is left out. Raises as ``note_absence``."""
    _check(organization, person, by)
    batch = uuid4()
    ahead = [event for event in events if event.ends_on >= today]
    uids = [event.uid for event in ahead if event.uid]
    known = {each.uid: each for each in Absence.objects.filter(organization=organization, person=person, uid__in=uids)}
    new = [event for event in ahead if event.uid not in known]
    Absence.objects.bulk_create(
        [
            Absence(
                organization=organization,
                person=person,
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                note=event.name,
                uid=event.uid,
                batch=batch,
                told_by=by,
                told_at=at,
            )
            for event in new
        ]
    )
    changed = []
    for event in ahead:
        absence = known.get(event.uid)
        facts = (event.starts_on, event.ends_on, event.name)
        if absence and (absence.starts_on, absence.ends_on, absence.note) != facts:
            absence.starts_on, absence.ends_on, absence.note = facts
            changed.append(absence)
    Absence.objects.bulk_update(changed, ["starts_on", "ends_on", "note"])
    kept = Kept(batch, len(new), len(changed), len(events) - len(ahead))
    audit.record(
        "absences.uploaded",
        by=by,
        at=at,
        subject=organization,
        batch=str(batch),
        added=kept.added,
        changed=kept.changed,
    )
    return kept


@transaction.atomic
def remove_absence(absence: Absence, *, by: Membership, at: datetime) -> None:
    """It was cancelled, or wrong. Raises PermissionDenied as above."""
    _check(absence.organization, None, by)
    audit.record("absence.removed", by=by, at=at, subject=absence, **_facts(absence))
    absence.delete()


@transaction.atomic
def remove_upload(organization: Organization, batch: UUID, *, by: Membership, at: datetime) -> int:
    """Takes back what an upload added (not what it changed); how many. Raises PermissionDenied as above."""
    _check(organization, None, by)
    count, _by_model = Absence.objects.filter(organization=organization, batch=batch).delete()
    audit.record("absences.upload_undone", by=by, at=at, subject=organization, batch=str(batch), removed=count)
    return count


def _check(organization: Organization, person: Membership | None, by: Membership) -> None:
    if not may_manage(by, organization):
        raise PermissionDenied(_("Only the organization's managers and leads of the support team change this."))
    if person is not None and person.organization_id != organization.pk:
        raise ValidationError({"person": _("This person belongs to another organization.")})


def _facts(absence: Absence) -> dict[str, object]:
    return {
        "organization": absence.organization_id,
        "person": absence.person_id,
        "starts_on": absence.starts_on.isoformat(),
        "ends_on": absence.ends_on.isoformat(),
        "note": absence.note,
    }
