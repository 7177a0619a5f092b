"""Subscribing a project to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from plans.hours import allowances_of
from plans.models import Plan, Subscription
from supportdesk.accounts import audit
from supportdesk.accounts.actions import may_add_organizations
from supportdesk.accounts.models import Membership, Project

MOST_HOURS = 10_000


def subscribe(
    *,
    project: Project,
    plan: Plan,
    starts_on: date,
    ends_on: date | None = None,
    by: Membership | None,
    at: datetime,
) -> Subscription:
    """Gives the project the plan on the dates [starts_on, ends_on) in the vendor's zone; without `ends_on`, for good.

    Raises PermissionDenied unless ``by`` (None: the system) is a lead or an admin; ValidationError when the dates are
    reversed, the plan is retired, or the project has a plan on one of them.
    """
    _check(by)
    if plan.retired_at is not None:
        raise ValidationError({"plan": _("The plan %(plan)s is no longer sold.") % {"plan": plan.name}})
    if ends_on is not None and ends_on <= starts_on:
        raise ValidationError({"ends_on": _("A subscription ends after the day on which it starts.")})
    Project.objects.select_for_update().get(pk=project.pk)
    _refuse_overlap(project, starts_on, ends_on)
    subscription = Subscription.objects.create(
        project=project, plan=plan, starts_on=starts_on, ends_on=ends_on, created_at=at
    )
    audit.record(
        "project.subscribed",
        by=by,
        at=at,
        subject=subscription,
        project=project.pk,
        plan=plan.slug,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    return subscription


def end_subscription(
    subscription: Subscription, *, ends_on: date | None, by: Membership | None, at: datetime
) -> date | None:
    """Ends a subscription: `ends_on` is the first date without it; None: it runs on. Answers what was before, for
    undoing.

    Raises PermissionDenied as above, ValidationError when it lies too early, or when the project has another plan on a
    date that is added.
    """
    _check(by)
    if ends_on is not None and ends_on <= subscription.starts_on:
        raise ValidationError({"ends_on": _("A subscription ends after the day on which it starts.")})
    Project.objects.select_for_update().get(pk=subscription.project_id)
    subscription.refresh_from_db(fields=["ends_on"])
    before = subscription.ends_on
    if before is not None and (ends_on is None or ends_on > before):
        _refuse_overlap(subscription.project, subscription.starts_on, ends_on, besides=subscription)
    if ends_on == before:
        return before
    subscription.ends_on = ends_on
    subscription.save(update_fields=["ends_on"])
    audit.record(
        "project.subscription_ended",
        by=by,
        at=at,
        subject=subscription,
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    return before


def order_hours(subscription: Subscription, *, hours: Mapping[str, int | None], by: Membership, at: datetime) -> None:
    """Writes down how many hours a period were ordered, by the slug of the plan's allowance; None: not known.

    Raises PermissionDenied as above, ValidationError for hours in which the allowance is not sold.
    """
    _check(by)
    known = {each.slug: each for each in allowances_of(subscription.plan, at)}
    for slug, ordered in hours.items():
        allowance = known.get(slug)
        if allowance is None:
            raise ValidationError(_("The plan gives no hours of this kind."))
        sold = allowance.hours or range(1, MOST_HOURS + 1)
        if ordered is not None and ordered not in sold:
            raise ValidationError({slug: _("%(name)s is not sold in this many hours.") % {"name": allowance.name}})
    before = subscription.ordered_hours
    now = {slug: ordered for slug, ordered in {**before, **hours}.items() if ordered is not None}
    if now != before:
        subscription.ordered_hours = now
        subscription.save(update_fields=["ordered_hours"])
        audit.record("project.hours_ordered", by=by, at=at, subject=subscription, before=before, now=now)


def _check(by: Membership | None) -> None:
    if by is not None and not may_add_organizations(by):
        raise PermissionDenied(_("Only leads and admins of the support team change what a customer has bought."))


def _refuse_overlap(
    project: Project, starts_on: date, ends_on: date | None, besides: Subscription | None = None
) -> None:
    others = Subscription.objects.filter(project=project).overlapping(starts_on, ends_on).select_related("plan")
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    other = others.first()
    if other is not None:
        raise ValidationError(
            _("%(project)s already has the plan %(plan)s from %(start)s.")
            % {"project": project.name, "plan": other.plan.name, "start": other.starts_on.isoformat()}
        )
