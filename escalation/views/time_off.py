"""Who of the team is away: noted one by one, or read from a calendar file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from escalation import actions
from escalation.actions.time_off import Kept, may_note
from escalation.forms import CalendarForm, TimeOffForm
from escalation.models import TimeOff
from escalation.views.rotas import around
from supportdesk import ics
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership

SHOWN = 300


@require_http_methods(["GET", "POST"])
@agent
def time_off(request: VendorRequest) -> HttpResponse:
    """Who is away and when; notes one's own, a lead anybody's."""
    if request.method == "GET":
        return _page(request)
    form = TimeOffForm(request.POST, by=request.membership)
    if not form.is_valid():
        return _page(request, form=form)
    data = form.cleaned_data
    try:
        row = actions.note_time_off(
            data["person"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            note=data["note"],
            by=request.membership,
            at=timezone.now(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form=form)
    undo = reverse("time-off-removal", kwargs={"vendor": request.vendor.slug, "pk": row.pk})
    messages.success(
        request,
        _("Noted. The next in order stands in for %(name)s.") % {"name": row.person.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect("time-off", vendor=request.vendor.slug)


@require_POST
@agent
def upload(request: VendorRequest) -> HttpResponse:
    """Reads a calendar file. Events that cannot be read are named; the others are kept."""
    form = CalendarForm(request.POST, request.FILES, by=request.membership)
    if not form.is_valid():
        return _page(request, calendar=form)
    person = form.cleaned_data["person"]
    try:
        found = ics.read(form.cleaned_data["calendar"].read(ics.LARGEST + 1), person.user.zoneinfo)
    except ics.UnreadableCalendar as error:
        form.add_error("calendar", str(error))
        return _page(request, calendar=form)
    kept = actions.keep_calendar(found.events, person=person, by=request.membership, at=timezone.now())
    undo = reverse("time-off-upload-undo", kwargs={"vendor": request.vendor.slug, "pk": person.pk, "batch": kept.batch})
    messages.success(request, _outcome(kept), extra_tags=f"undo:{undo}" if kept.added else "")
    for problem in found.problems[:10]:
        messages.warning(request, _("Left out: %(problem)s") % {"problem": problem})
    if len(found.problems) > 10:
        messages.warning(request, _("And %(count)s more were left out.") % {"count": len(found.problems) - 10})
    return redirect("time-off", vendor=request.vendor.slug)


@require_POST
@agent
def undo_upload(request: VendorRequest, pk: int, batch: UUID) -> HttpResponse:
    """Takes back what a calendar file brought."""
    person = get_object_or_404(Membership.objects.staff(), pk=pk)
    count = actions.remove_upload(person, batch, by=request.membership, at=timezone.now())
    messages.success(request, ngettext("%(num)s absence removed.", "%(num)s absences removed.", count) % {"num": count})
    return redirect("time-off", vendor=request.vendor.slug)


@require_POST
@agent
def remove(request: VendorRequest, pk: int) -> HttpResponse:
    """Somebody is there after all."""
    row = get_object_or_404(TimeOff.objects.select_related("person__user"), pk=pk)
    actions.remove_time_off(row, by=request.membership, at=timezone.now())
    messages.success(request, _("%(name)s counts as there again.") % {"name": row.person.name})
    return redirect("time-off", vendor=request.vendor.slug)


def _page(
    request: VendorRequest, *, form: TimeOffForm | None = None, calendar: CalendarForm | None = None
) -> HttpResponse:
    at: datetime = timezone.now()
    rows = TimeOff.objects.filter(withdrawn_at__isnull=True, ends_at__gt=at).select_related("person__user")
    context: dict[str, Any] = {
        "rows": [(row, may_note(row.person, request.membership)) for row in rows.order_by("starts_at", "pk")[:SHOWN]],
        "form": form or TimeOffForm(by=request.membership),
        "calendar": calendar or CalendarForm(by=request.membership),
    }
    wrong = (form is not None and form.errors) or (calendar is not None and calendar.errors)
    return render(
        request, "escalation/time_off.html", context | around(request, at, "time-off"), status=422 if wrong else 200
    )


def _outcome(kept: Kept) -> str:
    said = [ngettext("%(num)s absence noted.", "%(num)s absences noted.", kept.added) % {"num": kept.added}]
    if kept.changed:
        said.append(ngettext("%(num)s changed.", "%(num)s changed.", kept.changed) % {"num": kept.changed})
    if kept.past:
        said.append(ngettext("%(num)s is over already.", "%(num)s are over already.", kept.past) % {"num": kept.past})
    return " ".join(said)
