"""What an organization is promised: subscriptions, the matrix of each plan, and what else comes with it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plans.models import PlanVersion
from plans.promised import sold_to
from plans.queries import covered_projects
from sla.targets import Metric
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Project
from supportdesk.accounts.views.place import context_of, place_of


@require_GET
@member
def promises(request: VendorRequest, slug: str = "") -> HttpResponse:
    """The plans of the projects that the reader sees, with the version in force, or with the one named by
    ``version``."""
    place = place_of(request, slug)
    at = timezone.now()
    projects = list(
        Project.objects.open_to(request.membership)
        .filter(organization=place.organization, is_active=True)
        .order_by("name")
    )
    shown = _named(request.GET.get("version", ""))
    sold = sold_to(place.organization, projects, at=at, shown=shown)
    if shown is not None and all(each.version != shown for each in sold):
        raise Http404
    covered = covered_projects(projects, at)
    context = context_of(request, place, "promises", at) | {
        "sold": sold,
        "without": [each for each in projects if each.pk not in covered],
        "metrics": {
            Metric.FIRST_RESPONSE: _("First answer"),
            Metric.NEXT_RESPONSE: _("Further answers"),
            Metric.UPDATE: _("Updates"),
            Metric.RESOLUTION: _("Solution"),
            Metric.DELIVERY: _("Delivery"),
            Metric.CALLBACK: _("Call back"),
        },
        "channels": {
            "portal": _("this portal"),
            "email": _("e-mail"),
            "phone": _("phone"),
            "phone_callback": _("a phone call back"),
            "screen_sharing": _("screen sharing"),
            "status_page": _("the status page"),
        },
        "periods": {
            "month": _("a month"),
            "quarter": _("a quarter"),
            "year": _("a year"),
            "package": _("in the package that was ordered"),
            "calendar month": _("each calendar month"),
        },
    }
    return render(request, "organization/promises.html", context)


def _named(written: str) -> PlanVersion | None:
    """The plan version of an address; raises Http404 for one that there is not."""
    if not written:
        return None
    found = (
        PlanVersion.objects.filter(pk=int(written)).select_related("plan__offering").first()
        if written.isdecimal() and len(written) < 18
        else None
    )
    if found is None:
        raise Http404
    return found
