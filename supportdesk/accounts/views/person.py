"""One person of an organization: role, projects seen, leaving and coming back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts import actions
from supportdesk.accounts.access import agent, member
from supportdesk.accounts.forms import PersonForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from supportdesk.accounts.models.organization import seen_projects
from supportdesk.accounts.views.place import Place, context_of, managed_place, place_of
from tickets import actions as ticket_actions
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet

MOST_OFFERED = 50
"""Tickets that are offered for keeping somebody informed."""


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
        return _page(request, place, found, form)
    try:
        role, projects = actions.change_person(found, by=request.membership, at=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, place, found, form)
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


@require_POST
@agent
def inform(request: VendorRequest, pk: int, slug: str) -> HttpResponse:
    """Lets somebody see open tickets of their organization that they would not see otherwise: they are kept
    informed of those chosen (``tickets``: numbers)."""
    place = place_of(request, slug)
    found, at = _found(place, pk), timezone.now()
    chosen = [int(each) for each in request.POST.getlist("tickets") if each.isdecimal() and len(each) < 10]
    tickets = list(_closed_to(place, found).filter(number__in=chosen))
    try:
        with transaction.atomic():
            for ticket in tickets:
                ticket_actions.follow(ticket, who=found, by=request.membership, at=at)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(place.url("organization-person", pk=pk))
    if tickets:
        numbers = ", ".join(f"#{each.number}" for each in tickets)
        messages.success(request, _("%(name)s now sees %(tickets)s.") % {"name": found.name, "tickets": numbers})
    return redirect(place.url("organization-person", pk=pk))


def _page(request: VendorRequest, place: Place, person: Membership, form: PersonForm) -> HttpResponse:
    context = context_of(request, place, "people", timezone.now()) | {"person": person, "form": form}
    if place.on_desk:
        tickets = Ticket.objects.filter(organization=place.organization).open()
        context["sees"] = tickets.visible_to(person).count()
        context["closed_to"] = list(_closed_to(place, person).select_related("requester__user")[:MOST_OFFERED])
    return render(request, "organization/person.html", context, status=422 if form.errors else 200)


def _closed_to(place: Place, person: Membership) -> TicketQuerySet:
    """The organization's open tickets, of projects that this person sees, which they do not see: private ones of
    others. The newest first."""
    tickets = Ticket.objects.filter(seen_projects(person, "project_id"), organization=place.organization).open()
    seen = Ticket.objects.filter(organization=place.organization).visible_to(person)
    return tickets.exclude(pk__in=seen.values("pk")).order_by("-pk")


def _is_sent(request: VendorRequest) -> bool:
    return request.method == "POST"


def _found(place: Place, pk: int, *, is_active: bool = True) -> Membership:
    people = Membership.objects.filter(organization=place.organization, is_active=is_active).select_related("user")
    return get_object_or_404(people, pk=pk)
