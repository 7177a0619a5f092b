"""What every action on a rota begins with."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from escalation.models import Rota
from supportdesk.accounts.models import Membership, Role


def locked(rota: Rota) -> Rota:
    """The rota as it is now; all who change who is on call on it queue here. Raises ValidationError when it is
    archived."""
    found = Rota.objects.select_for_update(of=("self",)).get(pk=rota.pk)
    if found.archived_at is not None:
        raise ValidationError(_("This rota is archived: nobody is on call on it any more."))
    return found


def staff_only(by: Membership) -> None:
    if not by.is_staff_side or not by.is_active:
        raise PermissionDenied(_("Only the support team has shifts."))


def leads_only(by: Membership | None) -> None:
    """Raises PermissionDenied below a lead; the system (None) may."""
    if by is not None and not by.is_at_least(Role.LEAD):
        raise PermissionDenied(_("A lead plans who is on call."))


def colleague(person: Membership) -> Membership:
    """The person, who must be on the team. Raises ValidationError."""
    if not person.is_staff_side or not person.is_active:
        raise ValidationError({"person": _("Choose somebody of the support team.")})
    return person
