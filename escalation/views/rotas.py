"""The rotas, and the calendar of one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalation import actions
from escalation.calendar import WIDEST, Calendar, calendar_of
from escalation.forms import CoverForm
from escalation.grid import Grid, week_of
from escalation.models import Rota
from escalation.on_call import Watch, watches
from escalation.overview import overview_of
from escalation.queries import changes_within, planned_versions, requests_for, rotas_at_a_glance
from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.views.rail import rail

WEEK, MONTH = "week", "month"
SLOTS = {WEEK: 48, MONTH: 24}


@require_GET
@agent
def rotas(request: VendorRequest) -> HttpResponse:
    """Every rota: who is on call now, who is next, and what nobody covers; and seven days of all of them in one table,
    in the reader's zone, from today or ``?on=`` a day."""
    at = timezone.now()
    today = timezone.localtime(at).date()
    first = _day(request.GET.get("on", "")) or today
    grid = Grid(first, 7, SLOTS[WEEK], ZoneInfo(timezone.get_current_timezone_name()))
    context: dict[str, Any] = {
        "rotas": rotas_at_a_glance(request.membership, at),
        "overview": overview_of(grid, now=at),
        "today": today,
        "earlier": first - timedelta(days=7),
        "later": first + timedelta(days=7),
        "archived": list(Rota.objects.filter(archived_at__isnull=False).order_by("name")[:50])
        if request.membership.is_at_least(Role.LEAD)
        else [],
    }
    return render(request, "escalation/rotas.html", context | around(request, at))


@require_GET
@agent
def calendar(request: VendorRequest, slug: str) -> HttpResponse:
    """A week or a month of a rota, in the reader's zone; ``?on=`` a day in it."""
    at = timezone.now()
    rota = get_object_or_404(Rota.objects.select_related("team"), slug=slug)
    kind = MONTH if request.GET.get("view") == MONTH else WEEK
    today = timezone.localtime(at).date()
    on = _day(request.GET.get("on", "")) or today
    grid = _grid(kind, on)
    watch = watches([rota], grid.start - WIDEST, grid.end + WIDEST, now=at)[rota.pk]
    found = calendar_of(watch, grid)
    context: dict[str, Any] = {
        "rota": rota,
        "calendar": found,
        "kind": kind,
        "on": on,
        "today": today,
        "earlier": _earlier(kind, grid),
        "later": grid.first + timedelta(days=grid.days),
        "planned": planned_versions(rota, at),
        "changes": changes_within(rota, grid.start, grid.end),
        "cover": cover_form(request, rota, watch, found),
    }
    return render(request, "escalation/calendar.html", context | around(request, at))


@require_POST
@lead
def archive(request: VendorRequest, slug: str) -> HttpResponse:
    """Nobody is on call on it any more; it can be brought back."""
    rota = get_object_or_404(Rota, slug=slug)
    actions.archive_rota(rota, by=request.membership, at=timezone.now())
    place = {"vendor": request.vendor.slug, "slug": rota.slug}
    messages.success(
        request,
        _("“%(name)s” is archived: nobody is on call on it any more.") % {"name": rota.name},
        extra_tags=f"undo:{reverse('rota-return', kwargs=place)}",
    )
    return redirect("rotas", vendor=request.vendor.slug)


@require_POST
@lead
def restore(request: VendorRequest, slug: str) -> HttpResponse:
    """Brings an archived rota back."""
    rota = get_object_or_404(Rota, slug=slug)
    actions.restore_rota(rota, by=request.membership, at=timezone.now())
    messages.success(request, _("“%(name)s” is in use again.") % {"name": rota.name})
    return redirect("rota", vendor=request.vendor.slug, slug=rota.slug)


def around(request: VendorRequest, at: datetime, tab: str = "rotas") -> dict[str, Any]:
    """What stands around every page about shifts."""
    context: dict[str, Any] = {
        "now": at,
        "tab": tab,
        "waiting": len(requests_for(request.membership, at)),
        "is_lead": request.membership.is_at_least(Role.LEAD),
    }
    return context | rail(request.membership, at, current="rotas")


def cover_form(
    request: VendorRequest, rota: Rota, watch: Watch, found: Calendar, data: Any = None, **initial: Any
) -> CoverForm:
    layers = [(row.key, row.name) for row in found.rows]
    return CoverForm(data, rota=rota, layers=layers, by=request.membership, initial=initial)


def _grid(kind: str, on: date) -> Grid:
    zone = ZoneInfo(timezone.get_current_timezone_name())
    if kind == MONTH:
        first = on.replace(day=1)
        days = ((first + timedelta(days=32)).replace(day=1) - first).days
    else:
        first, days = week_of(on), 7
    return Grid(first, days, SLOTS[kind], zone)


def _earlier(kind: str, grid: Grid) -> date:
    before = grid.first - timedelta(days=1)
    return before.replace(day=1) if kind == MONTH else week_of(before)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2100, 1, 1) else None
