"""Absences of an organization: noted one by one, or read from a calendar file."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from onboarding import actions
from onboarding.forms import AbsenceForm, CalendarForm
from onboarding.models import Absence
from supportdesk import ics
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.views.place import Place, context_of, managed_place, place_of


@require_http_methods(["GET", "POST"])
@member
def absences(request: VendorRequest, slug: str = "") -> HttpResponse:
    """Who is away and when; managers note one. What is sent may stand in the address, for undoing a removal."""
    if request.method == "GET":
        return _page(request, place_of(request, slug))
    place = managed_place(request, slug)
    form = AbsenceForm(request.POST if "starts_on" in request.POST else request.GET, organization=place.organization)
    if not form.is_valid():
        return _page(request, place, form=form)
    absence = actions.note_absence(
        organization=place.organization, by=request.membership, at=timezone.now(), **form.cleaned_data
    )
    messages.success(
        request,
        _("The absence of %(who)s is noted.") % {"who": _who(absence)},
        extra_tags=f"undo:{place.url('organization-absence-removal', pk=absence.pk)}",
    )
    return redirect(place.url("organization-absences"))


@require_POST
@member
def upload(request: VendorRequest, slug: str = "") -> HttpResponse:
    """Reads a calendar file. Events that cannot be read are named; the others are kept."""
    place = managed_place(request, slug)
    at = timezone.now()
    form = CalendarForm(request.POST, request.FILES, organization=place.organization)
    if not form.is_valid():
        return _page(request, place, calendar=form)
    zone = ZoneInfo(request.membership.user.zone)
    file = form.cleaned_data["calendar"]
    try:
        found = ics.read(file.read(ics.LARGEST + 1), zone)
    except ics.UnreadableCalendar as error:
        form.add_error("calendar", str(error))
        return _page(request, place, calendar=form)
    kept = actions.keep_calendar(
        found.events,
        organization=place.organization,
        person=form.cleaned_data["person"],
        today=at.astimezone(zone).date(),
        by=request.membership,
        at=at,
    )
    undo = place.url("organization-upload-undo", batch=kept.batch)
    messages.success(request, _outcome(kept), extra_tags=f"undo:{undo}" if kept.added else "")
    for problem in found.problems[:10]:
        messages.warning(request, _("Left out: %(problem)s") % {"problem": problem})
    if len(found.problems) > 10:
        messages.warning(request, _("And %(count)s more were left out.") % {"count": len(found.problems) - 10})
    return redirect(place.url("organization-absences"))


@require_POST
@member
def undo_upload(request: VendorRequest, batch: str, slug: str = "") -> HttpResponse:
    """Takes back what a calendar file added."""
    place = managed_place(request, slug)
    try:
        named = UUID(batch)
    except ValueError as error:
        raise Http404 from error
    count = actions.remove_upload(place.organization, named, by=request.membership, at=timezone.now())
    messages.success(request, ngettext("%(num)s absence removed.", "%(num)s absences removed.", count) % {"num": count})
    return redirect(place.url("organization-absences"))


@require_POST
@member
def remove(request: VendorRequest, pk: int, slug: str = "") -> HttpResponse:
    """Removes an absence."""
    place = managed_place(request, slug)
    absence = get_object_or_404(Absence.objects.of(place.organization), pk=pk)
    again = urlencode(
        {
            "person": absence.person_id or "",
            "starts_on": absence.starts_on.isoformat(),
            "ends_on": absence.ends_on.isoformat(),
            "note": absence.note,
        }
    )
    actions.remove_absence(absence, by=request.membership, at=timezone.now())
    messages.success(
        request,
        _("The absence of %(who)s is removed.") % {"who": _who(absence)},
        extra_tags=f"undo:{place.url('organization-absences')}?{again}",
    )
    return redirect(place.url("organization-absences"))


def _page(
    request: VendorRequest, place: Place, *, form: AbsenceForm | None = None, calendar: CalendarForm | None = None
) -> HttpResponse:
    at: datetime = timezone.now()
    today = timezone.localtime(at).date()
    context = context_of(request, place, "absences", at) | {
        "absences": list(Absence.objects.of(place.organization).not_over(today)[:500]),
        "today": today,
        "form": form or AbsenceForm(organization=place.organization),
        "calendar": calendar or CalendarForm(organization=place.organization),
    }
    wrong = (form is not None and form.errors) or (calendar is not None and calendar.errors)
    return render(request, "organization/absences.html", context, status=422 if wrong else 200)


def _who(absence: Absence) -> str:
    return absence.person.name if absence.person else _("everybody")


def _outcome(kept: actions.Kept) -> str:
    said = [ngettext("%(num)s absence noted.", "%(num)s absences noted.", kept.added) % {"num": kept.added}]
    if kept.changed:
        said.append(ngettext("%(num)s changed.", "%(num)s changed.", kept.changed) % {"num": kept.changed})
    if kept.past:
        said.append(ngettext("%(num)s is over already.", "%(num)s are over already.", kept.past) % {"num": kept.past})
    return " ".join(said)
