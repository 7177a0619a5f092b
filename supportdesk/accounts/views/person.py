"""One person of an organization: role, projects seen, leaving and coming back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts import actions
from supportdesk.accounts.access import member
from supportdesk.accounts.forms import PersonForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from supportdesk.accounts.views.place import Place, context_of, managed_place


@require_http_methods(["GET", "POST"])
@member
def person(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """Role and projects. What is sent may stand in the address instead, for undoing."""
    place = managed_place(request, slug)
    found = _found(place, pk)
    form = PersonForm(
        (request.POST if "role" in request.POST else request.GET) if _is_sent(request) else None, of=found
    )
    if not form.is_valid():
        context = context_of(request, place, "people", timezone.now()) | {"person": found, "form": form}
        return render(request, "organization/person.html", context, status=422 if form.errors else 200)
    try:
        role, projects = actions.change_person(found, by=request.membership, at=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        context = context_of(request, place, "people", timezone.now()) | {"person": found, "form": form}
        return render(request, "organization/person.html", context, status=422)
    undo = urlencode({"role": role.value, "projects": projects}, doseq=True)
    messages.success(
        request,
        _("What %(name)s may do and see is saved.") % {"name": found.name},
        extra_tags=f"undo:{place.url('organization-person', pk=pk)}?{undo}",
    )
    return redirect(place.url("organization"))


@require_POST
@member
def remove(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """Takes access away."""
    place = managed_place(request, slug)
    found = _found(place, pk)
    try:
        actions.remove_person(found, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(place.url("organization-person", pk=pk))
    messages.success(
        request,
        _("%(name)s no longer has access. Their tickets stay.") % {"name": found.name},
        extra_tags=f"undo:{place.url('organization-restore', pk=pk)}",
    )
    return redirect(place.url("organization"))


@require_POST
@member
def restore(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """Gives access back."""
    place = managed_place(request, slug)
    found = _found(place, pk, is_active=False)
    actions.restore_person(found, by=request.membership, at=timezone.now())
    messages.success(request, _("%(name)s has access again.") % {"name": found.name})
    return redirect(place.url("organization"))


def _is_sent(request: VendorRequest) -> bool:
    return request.method == "POST"


def _found(place: Place, pk: int, *, is_active: bool = True) -> Membership:
    people = Membership.objects.filter(organization=place.organization, is_active=is_active).select_related("user")
    return get_object_or_404(people, pk=pk)
