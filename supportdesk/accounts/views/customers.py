"""The vendor's customers, on the desk: who they are, taking one on, renaming one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plans.actions import take_on
from plans.forms import CustomerForm, ProjectForm
from plans.queries import plans_of_organizations
from supportdesk.accounts import actions
from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from supportdesk.accounts.queries import organizations_at_a_glance
from supportdesk.accounts.views.place import managed_place
from tickets.views.rail import rail


@require_GET
@agent
def organizations(request: VendorRequest) -> HttpResponse:
    """Every customer by name, with what each has bought; ``q`` finds by name, ``after`` goes on."""
    at, query = timezone.now(), request.GET.get("q", "")
    page = organizations_at_a_glance(query, after=request.GET.get("after", ""))
    address = reverse("desk-organizations", kwargs={"vendor": request.vendor.slug})
    asked = {"q": query} if query else {}
    context = {
        "page": page,
        "plans": plans_of_organizations([each.organization for each in page.rows], at),
        "query": query,
        "first": f"{address}?{urlencode(asked)}" if request.GET.get("after") else "",
        "next": f"{address}?{urlencode({**asked, 'after': page.next_after})}" if page.next_after else "",
        "may_add": actions.may_add_organizations(request.membership),
        "now": at,
    }
    return render(request, "organization/list.html", context | rail(request.membership, at, current="organizations"))


@require_http_methods(["GET", "POST"])
@lead
def new(request: VendorRequest) -> HttpResponse:
    """Takes on a customer; the next step is to invite their people."""
    at = timezone.now()
    form = CustomerForm(request.POST or None, today=timezone.localtime(at, request.vendor.zoneinfo).date())
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("name", "project", "plan", "starts_on", "ends_on")}
        try:
            organization = take_on(**said, by=request.membership, at=at)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is added. Invite their people next.") % {"name": organization.name})
            address = reverse("desk-organization", kwargs={"vendor": request.vendor.slug, "slug": organization.slug})
            return redirect(f"{address}#invite")
    context = {"form": form, "now": at} | rail(request.membership, at, current="organizations")
    return render(request, "organization/new.html", context, status=422 if form.is_bound else 200)


@require_POST
@lead
def rename(request: VendorRequest, slug: str) -> HttpResponse:
    """Another name; ``name`` may stand in the address, for undoing."""
    place = managed_place(request, slug)
    if not place.on_desk:
        raise PermissionDenied
    form = ProjectForm(request.POST if "name" in request.POST else request.GET)
    address = place.url("organization-projects")
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(address)
    try:
        before = actions.rename_organization(
            place.organization, name=form.cleaned_data["name"], by=request.membership, at=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(address)
    undo = f"{place.url('organization-name')}?{urlencode({'name': before})}"
    messages.success(request, _("The new name is saved."), extra_tags=f"undo:{undo}")
    return redirect(address)


@require_POST
@lead
def success_engineer(request: VendorRequest, slug: str) -> HttpResponse:
    """Who it is for this customer; ``person`` may stand in the address, for undoing, and be empty for nobody."""
    place = managed_place(request, slug)
    if not place.on_desk:
        raise PermissionDenied
    asked = (request.POST if "person" in request.POST else request.GET).get("person", "")
    person = get_object_or_404(Membership.objects.staff(), pk=int(asked) if asked.isdecimal() else 0) if asked else None
    before = actions.name_success_engineer(place.organization, person=person, by=request.membership, at=timezone.now())
    undo = f"{place.url('organization-engineer')}?{urlencode({'person': before.pk if before else ''})}"
    said = _("%(name)s is it from now on.") % {"name": person.name} if person else _("Nobody in particular is it now.")
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return redirect(place.url("organization-projects"))
