"""An organization's people and how it shares: for its managers to run, for its people and for staff to read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plans import queries as plan_queries
from supportdesk.accounts import actions
from supportdesk.accounts.access import member
from supportdesk.accounts.forms import OrganizationInvitationForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Invitation, Membership, Organization, Project
from supportdesk.accounts.views.invitations import send_invitation
from supportdesk.accounts.views.place import Place, context_of, inviting_place, managed_place, place_of


@require_GET
@member
def people(request: VendorRequest, slug: str = "") -> HttpResponse:
    """Who has access, with what they see; who is invited; how tickets are shared."""
    if not slug and request.membership.is_staff_side:
        return redirect("desk-organizations", vendor=request.vendor.slug)
    place = place_of(request, slug)
    return _page(request, place, OrganizationInvitationForm(organization=place.organization, by=request.membership))


@require_POST
@member
def invite(request: VendorRequest, slug: str = "") -> HttpResponse:
    """Invites somebody into the organization by e-mail."""
    place = inviting_place(request, slug)
    form = OrganizationInvitationForm(request.POST, organization=place.organization, by=request.membership)
    if form.is_valid():
        try:
            invitation, secret = actions.invite(
                by=request.membership, at=timezone.now(), organization=place.organization, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            send_invitation(request, invitation, secret)
            messages.success(
                request,
                _("Invitation sent to %(email)s.") % {"email": invitation.email},
                extra_tags=f"undo:{place.url('organization-withdraw', pk=invitation.pk)}",
            )
            return redirect(place.url("organization"))
    return _page(request, place, form, status=422)


@require_POST
@member
def withdraw(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """Takes an invitation back: its link is worth nothing."""
    place = inviting_place(request, slug)
    invitation = get_object_or_404(Invitation, pk=pk, organization=place.organization, accepted_at=None)
    actions.withdraw(invitation, by=request.membership, at=timezone.now())
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect(place.url("organization"))


@require_POST
@member
def sharing(request: VendorRequest, slug: str = "") -> HttpResponse:
    """Whether new tickets begin shared; ``shares`` is 1 or 0, sent or in the address (for undoing)."""
    place = managed_place(request, slug)
    shares = (request.POST.get("shares") or request.GET.get("shares")) == "1"
    before = place.organization.shares_by_default
    actions.set_sharing(place.organization, shares=shares, by=request.membership, at=timezone.now())
    if shares != before:
        messages.success(
            request,
            _("New tickets begin shared. Everybody can still choose when filing.")
            if shares
            else _("New tickets begin private. Everybody can still choose when filing."),
            extra_tags=f"undo:{place.url('organization-sharing')}?shares={int(before)}",
        )
    return redirect(place.url("organization"))


def _page(request: VendorRequest, place: Place, form: OrganizationInvitationForm, *, status: int = 200) -> HttpResponse:
    organization: Organization = place.organization
    everybody = (
        Membership.objects.filter(organization=organization)
        .select_related("user")
        .prefetch_related("projects__project")
        .order_by("user__name", "pk")
    )
    people = list(everybody)
    contract = plan_queries.current_contract()
    waiting = Invitation.objects.filter(organization=organization, accepted_at=None).order_by("-invited_at")
    context: dict[str, Any] = context_of(request, place, "people", timezone.now()) | {
        "people": [each for each in people if each.is_active],
        "former": [each for each in people if not each.is_active],
        "waiting": list(waiting[:100]) if place.may_invite else [],
        "has_projects": Project.objects.filter(organization=organization, is_active=True)[1:2].exists(),
        "sharing": contract.sharing if contract else None,
        "form": form,
    }
    return render(request, "organization/people.html", context, status=status)
