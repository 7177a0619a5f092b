"""Writes about what is agreed before support is needed: launches announced, functions critical to business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from onboarding.models import CriticalFunction, Launch
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Project, Role, Vendor
from supportdesk.notifications.actions import tell

MOST_FUNCTIONS = 50


@transaction.atomic
def announce(*, project: Project, planned_on: date, by: Membership, at: datetime, note: str = "") -> Launch:
    """Support is made aware of a launch: it is on record, and the leads are told. The same date twice is once.

    Raises ValidationError for a day before ``at`` in the vendor's zone, PermissionDenied when ``by`` does not see the
    project.
    """
    vendor = Vendor.objects.get(pk=project.vendor_id)
    _check(project, by)
    if planned_on < at.astimezone(vendor.zoneinfo).date():
        raise ValidationError({"planned_on": _("This day is over. Choose the day on which you plan to launch.")})
    launch, is_new = Launch.objects.announced().get_or_create(
        project=project,
        planned_on=planned_on,
        defaults={"note": note.strip(), "announced_by": by, "announced_at": at},
    )
    if is_new:
        audit.record("launch.announced", by=by, at=at, subject=launch, **_facts(launch))
        _tell(launch, vendor, _("%(organization)s launches %(project)s on %(day)s"), by=by, at=at)
    return launch


@transaction.atomic
def call_off(launch: Launch, *, by: Membership, at: datetime) -> None:
    """The date no longer holds. Called off twice is once. Raises PermissionDenied as above, and to customers other than
    who announced it and the organization's managers."""
    _check(launch.project, by)
    if not may_call_off(launch, by):
        raise PermissionDenied(_("Only who announced it, a manager or the support team can call it off."))
    if launch.withdrawn_at is None:
        launch.withdrawn_at = at
        launch.save(update_fields=["withdrawn_at"])
        audit.record("launch.called_off", by=by, at=at, subject=launch, **_facts(launch))
        vendor = Vendor.objects.get(pk=launch.vendor_id)
        _tell(launch, vendor, _("%(organization)s no longer launches %(project)s on %(day)s"), by=by, at=at)


def may_call_off(launch: Launch, by: Membership) -> bool:
    return by.is_staff_side or by.role == Role.MANAGER or by.pk == launch.announced_by_id


@transaction.atomic
def agree_functions(project: Project, names: Sequence[str], *, by: Membership, at: datetime) -> list[CriticalFunction]:
    """These functions of a project, and no others, are critical to its business from now on.

    Raises PermissionDenied for customers (it is agreed with support, who writes it down), ValidationError for too many
    or too long.
    """
    if not by.is_staff_side:
        raise PermissionDenied(_("The support team writes down what was agreed."))
    wanted = list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if len(wanted) > MOST_FUNCTIONS:
        raise ValidationError({"functions": _("At most %(most)s functions.") % {"most": MOST_FUNCTIONS}})
    if any(len(name) > 200 for name in wanted):
        raise ValidationError({"functions": _("A function’s name has at most 200 characters.")})
    known = {each.name: each for each in CriticalFunction.objects.agreed().filter(project=project)}
    gone = [each.pk for name, each in known.items() if name not in wanted]
    CriticalFunction.objects.filter(pk__in=gone).update(retired_at=at)
    for position, name in enumerate(wanted):
        if name in known:
            CriticalFunction.objects.filter(pk=known[name].pk).update(position=position)
        else:
            CriticalFunction.objects.create(project=project, name=name, position=position, agreed_by=by, agreed_at=at)
    if wanted != list(known):
        audit.record("critical_functions.agreed", by=by, at=at, subject=project, was=list(known), now=wanted)
    return list(CriticalFunction.objects.agreed().filter(project=project))


def _check(project: Project, by: Membership) -> None:
    if not Project.objects.open_to(by).filter(pk=project.pk).exists():
        raise PermissionDenied(_("You do not see this project."))


def _tell(launch: Launch, vendor: Vendor, title: str, *, by: Membership, at: datetime) -> None:
    project = launch.project
    organization = project.organization
    day = formats.date_format(launch.planned_on, "D j F Y")
    tell(
        [lead for lead in Membership.objects.leads() if lead.pk != by.pk],
        kind="launch",
        title=title % {"organization": organization.name, "project": project.name, "day": day},
        body=launch.note,
        path=reverse("desk-organization-launches", kwargs={"vendor": vendor.slug, "slug": organization.slug}),
        key=f"launch-{launch.pk}-{'off' if launch.withdrawn_at else 'on'}",
        at=at,
    )


def _facts(launch: Launch) -> dict[str, object]:
    return {"project": launch.project_id, "planned_on": launch.planned_on.isoformat(), "note": launch.note}
