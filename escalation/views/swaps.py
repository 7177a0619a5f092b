"""Answering requests for cover."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalation import actions
from escalation.models import Swap
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest


@require_POST
@agent
def take(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes somebody's shift, or swaps with them."""
    swap = _swap(pk)
    try:
        swap = actions.take(swap, by=request.membership, at=timezone.now())
    except ValidationError as error:
        return _told(request, error)
    undo = reverse("swap-return", kwargs={"vendor": request.vendor.slug, "pk": pk})
    said = _("The shift is yours. %(name)s is told.")
    if swap.is_exchange:
        said = _("Swapped: the shift is yours, and %(name)s has the other one. They are told.")
    messages.success(request, said % {"name": swap.giver.name}, extra_tags=f"undo:{undo}")
    return redirect("my-shifts", vendor=request.vendor.slug)


@require_POST
@agent
def decline(request: VendorRequest, pk: int) -> HttpResponse:
    """Says no to a request."""
    swap = _swap(pk)
    try:
        actions.decline(swap, by=request.membership, at=timezone.now(), answer=request.POST.get("answer", ""))
    except ValidationError as error:
        return _told(request, error)
    messages.success(request, _("Declined. %(name)s is told.") % {"name": swap.giver.name})
    return redirect("my-shifts", vendor=request.vendor.slug)


@require_POST
@agent
def withdraw(request: VendorRequest, pk: int) -> HttpResponse:
    """Keeps one's shift after all."""
    try:
        actions.withdraw(_swap(pk), by=request.membership, at=timezone.now())
    except ValidationError as error:
        return _told(request, error)
    messages.success(request, _("The request is withdrawn: you keep the shift."))
    return redirect("my-shifts", vendor=request.vendor.slug)


@require_POST
@agent
def give_back(request: VendorRequest, pk: int) -> HttpResponse:
    """Gives a shift back that one had taken."""
    swap = _swap(pk)
    try:
        actions.give_back(swap, by=request.membership, at=timezone.now())
    except ValidationError as error:
        return _told(request, error)
    said = _("The shift is with %(name)s again, who is told.") % {"name": swap.giver.name}
    messages.success(request, _("Swapped back: both shifts are as they were.") if swap.is_exchange else said)
    return redirect("my-shifts", vendor=request.vendor.slug)


def _swap(pk: int) -> Swap:
    return get_object_or_404(Swap.objects.for_rows(), pk=pk)


def _told(request: VendorRequest, error: ValidationError) -> HttpResponse:
    messages.error(request, " ".join(error.messages))
    return redirect("my-shifts", vendor=request.vendor.slug)
