"""Hours that come with a plan: ordered, used and left."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plans import allowances
from plans.allowances import Account
from plans.hours import Ordered, ordered_for
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Project
from supportdesk.accounts.views.place import context_of, place_of
from tickets import hours_used


@require_GET
@member
def hours(request: VendorRequest, slug: str = "") -> HttpResponse:
    """A statement of each allowance of the projects that the reader sees, by period, and what it was spent on."""
    place, at = place_of(request, slug), timezone.now()
    today = timezone.localtime(at, request.vendor.zoneinfo).date()
    projects = list(Project.objects.open_to(request.membership).filter(organization=place.organization))
    ordered = ordered_for(projects, at)
    since = min((each.subscription.starts_on for each in ordered), default=today)
    spent = hours_used.minutes_used(projects, since=since) if ordered else {}
    entries = hours_used.entries_of(projects, since=since) if ordered else []
    context: dict[str, Any] = context_of(request, place, "hours", at) | {
        "today": today,
        "statements": [(each, _accounts(each, spent, today)) for each in ordered],
        "entries": entries,
        "readable": hours_used.readable(entries, request.membership) if entries else set(),
        "periods": {"month": _("a month"), "quarter": _("a quarter"), "year": _("a year"), "package": _("in all")},
    }
    return render(request, "organization/hours.html", context)


def _accounts(ordered: Ordered, spent: dict[tuple[int, str], dict[date, int]], today: date) -> list[Account]:
    bought = ordered.subscription
    found = allowances.periods(ordered.allowance.per, starts_on=bought.starts_on, ends_on=bought.ends_on, today=today)
    used = spent.get((bought.project_id, ordered.allowance.slug), {})
    mine = {day: minutes for day, minutes in used.items() if bought.stands(day) == "current"}
    return allowances.accounts(ordered.allowance, found, ordered.hours or 0, mine)
