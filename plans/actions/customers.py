"""Taking on a customer."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.actions.subscribe import subscribe
from plans.models import Plan
from supportdesk.accounts.actions import add_organization, add_project
from supportdesk.accounts.models import Membership, Organization


@transaction.atomic
def take_on(
    *,
    name: str,
    project: str,
    plan: Plan | None,
    starts_on: date,
    ends_on: date | None = None,
    by: Membership,
    at: datetime,
) -> Organization:
    """A new organization with its first project and, with a ``plan``, what is bought for it.

    Raises PermissionDenied unless ``by`` is a lead or an admin, ValidationError as the three steps do.
    """
    organization = add_organization(name=name, by=by, at=at)
    try:
        made = add_project(organization, name=project, by=by, at=at)
    except ValidationError as error:
        raise ValidationError({"project": error.messages}) from error
    if plan is not None:
        subscribe(project=made, plan=plan, starts_on=starts_on, ends_on=ends_on, by=by, at=at)
    return organization
