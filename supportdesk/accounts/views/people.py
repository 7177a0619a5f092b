"""Everybody who has access to a vendor: the desk's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from supportdesk.accounts import actions
from supportdesk.accounts.access import agent, member
from supportdesk.accounts.forms import InvitationForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Invitation, Membership
from supportdesk.accounts.views.invitations import send_invitation
from tickets.views.rail import rail


@require_GET
@member
def people(request: VendorRequest) -> HttpResponse:
    """Who has access: staff see everybody; a customer's people are on their organization's page."""
    if request.membership.is_customer_side:
        return redirect("organization", vendor=request.vendor.slug)
    return _people_page(request, InvitationForm(by=request.membership))


@require_POST
@agent
def invite(request: VendorRequest) -> HttpResponse:
    """Sends an invitation by e-mail."""
    form = InvitationForm(request.POST, by=request.membership)
    if form.is_valid():
        try:
            invitation, secret = actions.invite(by=request.membership, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            send_invitation(request, invitation, secret)
            messages.success(request, _("Invitation sent to %(email)s.") % {"email": invitation.email})
            return redirect("people", vendor=request.vendor.slug)
    return _people_page(request, form, status=422)


@require_POST
@agent
def withdraw_invitation(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes an invitation back."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    actions.withdraw(invitation, by=request.membership, at=timezone.now())
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("people", vendor=request.vendor.slug)


def _people_page(request: VendorRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    rows = Membership.objects.filter(is_active=True).select_related("user", "organization")
    waiting = Invitation.objects.filter(accepted_at=None).select_related("organization")
    context: dict[str, Any] = {
        "form": form,
        "people": list(rows.order_by("organization__name", "user__name")[:500]),
        "waiting": list(waiting.order_by("-invited_at")[:100]),
        "may_invite": bool(form.roles),
        "now": timezone.now(),
    }
    context |= rail(request.membership, context["now"], current="people")
    return render(request, "accounts/people.html", context, status=status)
