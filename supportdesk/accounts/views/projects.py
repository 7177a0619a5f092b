"""A customer's projects and what is bought for each: on the desk, for staff to read and for leads to change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from plans.actions import end_subscription, order_hours, subscribe
from plans.forms import EndForm, HoursForm, ProjectDetailsForm, ProjectForm, SubscriptionForm
from plans.hours import allowances_of
from plans.models import Subscription
from plans.queries import success_engineer_title
from supportdesk.accounts import actions
from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, Project
from supportdesk.accounts.views.place import Place, context_of, managed_place, place_of


@require_http_methods(["GET", "POST"])
@agent
def projects(request: VendorRequest, slug: str) -> HttpResponse:
    """Every project with its plan; a lead adds one."""
    place, at = place_of(request, slug), timezone.now()
    form = ProjectForm(request.POST or None)
    if request.method == "POST":
        managed_place(request, slug)
        if form.is_valid():
            try:
                project = actions.add_project(place.organization, by=request.membership, at=at, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("%(project)s is added. Choose its plan next.") % {"project": project.name})
                return redirect(place.url("organization-project", pk=project.pk))
    title = success_engineer_title()
    context = context_of(request, place, "projects", at) | {
        "projects": _with_plans(place, _today(request, at)),
        "form": form,
        "engineer_title": title,
        "engineer": place.organization.engineer if title else None,
        "colleagues": list(Membership.objects.staff().order_by("user__name")) if title and place.may_manage else (),
    }
    return render(request, "organization/projects.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@agent
def project(request: VendorRequest, slug: str, pk: int) -> HttpResponse:
    """One project: what it is called, where it runs, and its subscriptions."""
    place, found = _found(request, slug, pk)
    if request.method == "GET":
        return _page(request, place, found)
    managed_place(request, slug)
    form = _details(found, request.POST)
    if form.is_valid():
        try:
            name, addresses = form.cleaned_data["name"], form.addresses
            actions.change_project(found, name=name, addresses=addresses, by=request.membership, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(project)s is saved.") % {"project": name})
            return redirect(place.url("organization-project", pk=pk))
    return _page(request, place, found, details=form)


@require_POST
@lead
def buy(request: VendorRequest, slug: str, pk: int) -> HttpResponse:
    """Subscribes the project to a plan."""
    place, found = _found(request, slug, pk)
    at = timezone.now()
    form = SubscriptionForm(request.POST, today=_today(request, at))
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("plan", "starts_on", "ends_on")}
        try:
            subscribe(project=found, by=request.membership, at=at, **said)
        except ValidationError as error:
            _add_error(form, error)
        else:
            messages.success(
                request, _("%(project)s has the plan %(plan)s.") % {"project": found.name, "plan": said["plan"].name}
            )
            return redirect(place.url("organization-project", pk=pk))
    return _page(request, place, found, buying=form)


@require_POST
@lead
def end(request: VendorRequest, slug: str, pk: int, subscription: int) -> HttpResponse:
    """Says until when a subscription runs; ``last_day`` may stand in the address, for undoing."""
    place, found = _found(request, slug, pk)
    bought = get_object_or_404(Subscription.objects.select_related("project", "plan"), pk=subscription, project=found)
    form = EndForm(request.POST if "last_day" in request.POST else request.GET)
    if form.is_valid():
        last_day = bought.last_day
        try:
            end_subscription(bought, ends_on=form.ends_on, by=request.membership, at=timezone.now())
        except ValidationError as error:
            _add_error(form, error)
        else:
            address = place.url("organization-subscription", pk=pk, subscription=subscription)
            undo = f"{address}?{urlencode({'last_day': last_day.isoformat() if last_day else ''})}"
            messages.success(request, _("The dates are saved."), extra_tags=f"undo:{undo}")
            return redirect(place.url("organization-project", pk=pk))
    return _page(request, place, found, ending=(subscription, form))


@require_POST
@lead
def order(request: VendorRequest, slug: str, pk: int, subscription: int) -> HttpResponse:
    """Writes down how many hours were ordered with a subscription."""
    place, found = _found(request, slug, pk)
    bought = get_object_or_404(Subscription.objects.select_related("plan"), pk=subscription, project=found)
    at = timezone.now()
    form = _hours(bought, at, request.POST)
    if form.is_valid():
        try:
            order_hours(bought, hours=form.cleaned_data, by=request.membership, at=at)
        except ValidationError as error:
            _add_error(form, error)
        else:
            messages.success(request, _("The hours ordered are saved."))
            return redirect(place.url("organization-project", pk=pk))
    return _page(request, place, found, ordering=(subscription, form))


@require_POST
@lead
def set_active(request: VendorRequest, slug: str, pk: int) -> HttpResponse:
    """Ends a project or goes on with it; ``active`` is 1 or 0, sent or in the address (for undoing)."""
    place, found = _found(request, slug, pk)
    is_active = (request.POST.get("active") or request.GET.get("active")) == "1"
    actions.set_project_active(found, is_active=is_active, by=request.membership, at=timezone.now())
    said = _("Tickets can be filed for %(project)s again.") if is_active else _("%(project)s is closed.")
    undo = f"{place.url('organization-project-active', pk=pk)}?active={int(not is_active)}"
    messages.success(request, said % {"project": found.name}, extra_tags=f"undo:{undo}")
    return redirect(place.url("organization-projects"))


def _found(request: VendorRequest, slug: str, pk: int) -> tuple[Place, Project]:
    place = place_of(request, slug)
    return place, get_object_or_404(Project, pk=pk, organization=place.organization)


def _page(
    request: VendorRequest,
    place: Place,
    project: Project,
    *,
    details: forms.Form | None = None,
    buying: forms.Form | None = None,
    ending: tuple[int, EndForm] | None = None,
    ordering: tuple[int, HoursForm] | None = None,
) -> HttpResponse:
    at = timezone.now()
    today = _today(request, at)
    bought = list(_bought([project]))
    rows = []
    for each in bought:
        fresh = EndForm(initial={"last_day": each.last_day}, auto_id=f"id_%s_{each.pk}")
        end_form = ending[1] if ending and ending[0] == each.pk else fresh
        hours_form = ordering[1] if ordering and ordering[0] == each.pk else _hours(each, at)
        rows.append((each, each.stands(today), end_form, hours_form))
    context: dict[str, Any] = context_of(request, place, "projects", at) | {
        "project": project,
        "bought": rows,
        "ending": ending[0] if ending else None,
        "ordering": ordering[0] if ordering else None,
        "details": details or _details(project),
        "buying": buying or SubscriptionForm(today=_next_day(bought, today)),
    }
    is_wrong = details or buying or ending or ordering
    return render(request, "organization/project.html", context, status=422 if is_wrong else 200)


def _with_plans(place: Place, today: date) -> list[tuple[Project, list[tuple[Subscription, str]]]]:
    """The organization's projects, those that go on first, each with the subscriptions that are not over. Two
    queries."""
    found = list(Project.objects.filter(organization=place.organization).order_by("-is_active", "name"))
    bought: dict[int, list[tuple[Subscription, str]]] = {}
    for each in _bought(found):
        if (stands := each.stands(today)) != "over":
            bought.setdefault(each.project_id, []).append((each, stands))
    return [(each, bought.get(each.pk, [])) for each in found]


def _details(project: Project, sent: Any = None) -> ProjectDetailsForm:
    return ProjectDetailsForm(sent, of=project, addresses=actions.addresses_of(project))


def _hours(bought: Subscription, at: datetime, sent: Any = None) -> HoursForm:
    given = allowances_of(bought.plan, at)
    return HoursForm(sent, allowances=given, ordered=bought.ordered_hours, auto_id=f"id_%s_{bought.pk}")


def _bought(projects: Iterable[Project]) -> QuerySet[Subscription]:
    found = Subscription.objects.filter(project__in=projects).select_related("plan__offering")
    return found.order_by("-starts_on")


def _next_day(bought: list[Subscription], today: date) -> date:
    """The first day on which the project has no plan yet."""
    ends = [each.ends_on for each in bought if each.ends_on is not None]
    return max([today, *ends])


def _today(request: VendorRequest, at: datetime) -> date:
    return timezone.localtime(at, request.vendor.zoneinfo).date()


def _add_error(form: forms.Form, error: ValidationError) -> None:
    """What an action says of ``ends_on`` stands beside the last day."""
    said = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, texts in said.items():
        form.add_error({"ends_on": "last_day", "": None, "__all__": None}.get(name, name), texts)
