"""Who else sees a new ticket unless its requester says otherwise."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.actions.people import may_manage
from supportdesk.accounts.models import Membership, Organization


@transaction.atomic
def set_sharing(organization: Organization, *, shares: bool, by: Membership, at: datetime) -> None:
    """Whether new tickets of this organization begin shared. Tickets that exist stay as they are.

    Raises PermissionDenied unless ``by`` manages the organization.
    """
    if not may_manage(by, organization):
        raise PermissionDenied(_("You may not change how this organization shares its tickets."))
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.shares_by_default == shares:
        return
    organization.shares_by_default = shares
    organization.save(update_fields=["shares_by_default"])
    audit.record("organization.sharing_changed", by=by, at=at, subject=organization, shares=shares)
