"""Launches of an organization's projects, and which of their functions are critical to business."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onboarding import launching
from onboarding.launch_forms import FunctionsForm, LaunchForm
from onboarding.models import CriticalFunction, Launch
from plans import queries as plan_queries
from plans.contract.amounts import write_duration
from supportdesk.accounts.access import agent, member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Project
from supportdesk.accounts.views.place import Place, context_of, place_of


@require_http_methods(["GET", "POST"])
@member
def launches(request: VendorRequest, slug: str = "") -> HttpResponse:
    """What is announced; everybody who sees a project may announce its launch."""
    place = place_of(request, slug)
    at = timezone.now()
    if request.method == "GET":
        return _page(request, place, at)
    form = LaunchForm(request.POST, projects=_projects(request, place))
    if form.is_valid():
        data = form.cleaned_data
        try:
            launch = launching.announce(
                project=data["project"], planned_on=data["planned_on"], note=data["note"], by=request.membership, at=at
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                _("The support team is told of the launch of %(project)s.") % {"project": launch.project.name},
                extra_tags=f"undo:{place.url('organization-launch-call-off', pk=launch.pk)}",
            )
            return redirect(place.url("organization-launches"))
    return _page(request, place, at, form=form)


@require_POST
@member
def call_off(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """The date no longer holds."""
    place = place_of(request, slug)
    launch = get_object_or_404(
        Launch.objects.of(place.organization).announced(), pk=pk, project__in=_projects(request, place)
    )
    launching.call_off(launch, by=request.membership, at=timezone.now())
    messages.success(request, _("The launch of %(project)s is called off.") % {"project": launch.project.name})
    return redirect(place.url("organization-launches"))


@require_POST
@agent
def functions(request: VendorRequest, slug: str, pk: int) -> HttpResponse:
    """What was agreed as critical to the business of a project, written down by support."""
    place = place_of(request, slug)
    project = get_object_or_404(Project, pk=pk, organization=place.organization)
    at = timezone.now()
    form = FunctionsForm(request.POST, prefix=f"p{pk}")
    if form.is_valid():
        try:
            launching.agree_functions(project, form.names, by=request.membership, at=at)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved for %(project)s.") % {"project": project.name})
            return redirect(place.url("organization-launches"))
    return _page(request, place, at, edited=(pk, form))


def _projects(request: VendorRequest, place: Place) -> list[Project]:
    found = Project.objects.open_to(request.membership).filter(organization=place.organization, is_active=True)
    return list(found.select_related("organization").order_by("name"))


def _page(
    request: VendorRequest,
    place: Place,
    at: datetime,
    *,
    form: LaunchForm | None = None,
    edited: tuple[int, FunctionsForm] | None = None,
) -> HttpResponse:
    projects = _projects(request, place)
    agreed: dict[int, list[str]] = {}
    for each in CriticalFunction.objects.agreed().filter(project__in=projects):
        agreed.setdefault(each.project_id, []).append(each.name)
    announced = Launch.objects.of(place.organization).filter(project__in=projects)
    contract = plan_queries.current_contract()
    notice = contract.launch_notice if contract else None
    asked = {name: request.GET[name] for name in ("project", "planned_on") if name in request.GET}
    rows = []
    for project in projects:
        lines = "\n".join(agreed.get(project.pk, ()))
        fresh = FunctionsForm(prefix=f"p{project.pk}", initial={"functions": lines})
        rows.append((project, agreed.get(project.pk, []), edited[1] if edited and edited[0] == project.pk else fresh))
    context = context_of(request, place, "launches", at) | {
        "launches": [
            (each, launching.may_call_off(each, request.membership))
            for each in announced.around(timezone.localtime(at, request.vendor.zoneinfo).date())
        ],
        "today": timezone.localtime(at, request.vendor.zoneinfo).date(),
        "projects": rows,
        "form": form or LaunchForm(projects=projects, initial=asked),
        "notice": notice,
        "notice_before": write_duration(notice.at_least_before) if notice else "",
    }
    wrong = form is not None or edited is not None
    return render(request, "organization/launches.html", context, status=422 if wrong else 200)
