"""Covering a stretch of a layer."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import shift_notices
from escalation.actions.locking import colleague, leads_only, locked, staff_only
from escalation.models import Layer, Override, Rota
from escalation.on_call import watches
from escalation.rota import shifts
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role

LONGEST_DAYS = 366


@transaction.atomic
def cover(
    rota: Rota,
    *,
    layer_key: int,
    person: Membership,
    starts_at: datetime,
    ends_at: datetime,
    by: Membership,
    at: datetime,
    reason: str = "",
) -> Override:
    """``person`` is on call over the stretch, whoever's turn it is, from ``at`` at the earliest. They, and those whose
    shifts it takes, are told.

    Agents cover shifts themselves; a lead puts anybody on. Raises PermissionDenied, or ValidationError naming the field
    that is wrong.
    """
    staff_only(by)
    if person.pk != by.pk:
        leads_only(by)
    rota = locked(rota)
    colleague(person)
    check_layer(rota, layer_key)
    starts_at = max(starts_at, at)
    check_stretch(starts_at, ends_at, at)
    relieved = _relieved(rota, layer_key, starts_at, ends_at, at)
    override = Override.objects.create(
        rota=rota,
        layer_key=layer_key,
        person=person,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=" ".join(reason.split())[:200],
        made_by=by,
        made_at=at,
    )
    audit.record("override.made", by=by, at=at, subject=override, **_facts(override))
    shift_notices.tell_of_cover(override, relieved, by=by, at=at)
    shift_notices.schedule([rota], at=at)
    return override


@transaction.atomic
def uncover(override: Override, *, by: Membership, at: datetime) -> None:
    """Takes an override back: from ``at`` on it is whoever's turn it is. Twice is once.

    Raises PermissionDenied unless a lead, who made it or who covers asks; ValidationError when it is over.
    """
    staff_only(by)
    rota = locked(override.rota)
    override = Override.objects.select_for_update(of=("self",)).select_related("person__user").get(pk=override.pk)
    if not may_uncover(override, by):
        raise PermissionDenied(_("A lead, or who covers, can take this back."))
    if override.withdrawn_at is not None:
        return
    if override.ends_at <= at:
        raise ValidationError(_("This cover is over: it stays on record."))
    override.withdrawn_at, override.withdrawn_by = at, by
    override.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.record("override.withdrawn", by=by, at=at, subject=override, **_facts(override))
    back = _relieved(rota, override.layer_key, max(at, override.starts_at), override.ends_at, at)
    shift_notices.tell_of_uncover(override, back, by=by, at=at)
    shift_notices.schedule([rota], at=at)


def may_uncover(override: Override, by: Membership) -> bool:
    return by.is_at_least(Role.LEAD) or by.pk in (override.made_by_id, override.person_id)


def check_layer(rota: Rota, layer_key: int) -> None:
    """Raises ValidationError for a layer that the rota never had."""
    if not Layer.objects.filter(version__rota=rota, key=layer_key).exists():
        raise ValidationError({"layer": _("Choose one of the rota’s layers.")})


def check_stretch(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= at:
        raise ValidationError({"ends_at": _("This is over already. Choose an end that is still to come.")})
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end is not after the start.")})
    if (ends_at - starts_at).days > LONGEST_DAYS:
        raise ValidationError({"ends_at": _("This lasts more than a year. Is the year right?")})


def _relieved(rota: Rota, layer_key: int, start: datetime, end: datetime, at: datetime) -> list[Membership]:
    """Who has shifts of the layer in that time, as things are."""
    watch = watches([rota], start, end, now=at)[rota.pk]
    held = [each for each in shifts(watch.roster, start, end) if each.layer == layer_key]
    return list(dict.fromkeys(watch.people[each.person] for each in held))


def _facts(override: Override) -> dict[str, object]:
    return {
        "rota": override.rota_id,
        "layer": override.layer_key,
        "person": override.person_id,
        "starts_at": override.starts_at.isoformat(),
        "ends_at": override.ends_at.isoformat(),
        "reason": override.reason,
    }
