"""Time on tickets: the timer, entries, and what leads read of a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, time_spent
from tickets.actions.time import may_change
from tickets.errors import Refused
from tickets.models import TimeEntry
from tickets.models.time_entry import TimeEntryQuerySet
from tickets.time_spent import PeriodForm, TimeForm
from tickets.views import desk_context
from tickets.views.asking import did, found
from tickets.views.rail import rail


@require_POST
@agent
def log(request: VendorRequest, number: int) -> HttpResponse:
    """Logs time on the ticket."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    form = TimeForm(request.POST, ticket=ticket)
    if did(form, lambda data: actions.log_time(ticket, by=by, at=at, **data)):
        n = form.cleaned_data["minutes"]
        messages.success(request, ngettext("%(n)s minute logged.", "%(n)s minutes logged.", n) % {"n": n})
        return _back(request, number)
    context = desk_context.ticket_page(request, ticket, at) | {"time_form": form}
    return render(request, "desk/ticket.html", context, status=422)


@require_http_methods(["GET", "POST"])
@agent
def entry(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Corrects what was logged."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    rows = TimeEntry.objects.filter(ticket=ticket).select_related("ticket__plan_version")
    logged = get_object_or_404(rows, pk=pk)
    if not may_change(logged, by):
        return _back(request, number)
    names = ("minutes", "spent_on", "note", "is_billable", "allowance")
    form = TimeForm(request.POST or None, ticket=ticket, initial={name: getattr(logged, name) for name in names})
    if did(form, lambda data: actions.change_time(logged, by=by, at=at, **data)):
        messages.success(request, _("Time corrected."))
        return _back(request, number)
    context = {"ticket": ticket, "entry": logged, "form": form, "now": at, **rail(by, at)}
    return render(request, "desk/time_entry.html", context, status=422 if form.is_bound else 200)


@require_POST
@agent
def remove(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Takes an entry away."""
    logged = get_object_or_404(TimeEntry, ticket=found(request, number), pk=pk)
    actions.delete_time(logged, by=request.membership, at=timezone.now())
    undo = reverse("desk-time-return", kwargs={"vendor": request.vendor.slug, "number": number, "pk": pk})
    n = logged.minutes
    said = ngettext("%(n)s minute taken off this ticket.", "%(n)s minutes taken off this ticket.", n) % {"n": n}
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return _back(request, number)


@require_POST
@agent
def restore(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Takes the deletion back."""
    try:
        logged = actions.restore_time(found(request, number), pk, by=request.membership, at=timezone.now())
        n = logged.minutes
        said = ngettext("%(n)s minute is back on this ticket.", "%(n)s minutes are back on this ticket.", n)
        messages.success(request, said % {"n": n})
    except Refused as error:
        messages.error(request, error.text)
    return _back(request, number)


@require_POST
@agent
def start(request: VendorRequest, number: int) -> HttpResponse:
    """Starts the timer on this ticket; what ran elsewhere is logged there."""
    ticket, by = found(request, number), request.membership
    logged = actions.start_timer(ticket, by=by, at=timezone.now())
    if logged is not None:
        said = ngettext(
            "Your timer ran on #%(number)s: %(n)s minute is logged there. It runs here now.",
            "Your timer ran on #%(number)s: %(n)s minutes are logged there. It runs here now.",
            logged.minutes,
        )
        messages.success(request, said % {"number": logged.ticket.number, "n": logged.minutes})
    else:
        messages.success(request, _("The timer runs. It goes on while you look elsewhere."))
    return _back(request, number)


@require_POST
@agent
def stop(request: VendorRequest, number: int) -> HttpResponse:
    """Stops the reader's timer and logs what has run."""

    def log_it() -> str:
        logged = actions.stop_timer(by=request.membership, at=timezone.now(), note=request.POST.get("note", ""))
        said = ngettext("%(n)s minute logged on #%(number)s.", "%(n)s minutes logged on #%(number)s.", logged.minutes)
        return said % {"n": logged.minutes, "number": logged.ticket.number}

    return _ended(request, number, log_it)


@require_POST
@agent
def discard(request: VendorRequest, number: int) -> HttpResponse:
    """Stops the reader's timer and logs nothing."""

    def forget() -> str:
        actions.discard_timer(by=request.membership)
        return _("The timer is stopped and nothing is logged.")

    return _ended(request, number, forget)


@require_GET
@lead
def report(request: VendorRequest) -> HttpResponse:
    """What was spent in a period, by organization and by person."""
    at = timezone.now()
    form, entries = _period(request, at.astimezone(request.vendor.zoneinfo).date())
    context = {
        "form": form,
        "by_organization": time_spent.totals(entries, "ticket__organization__name") if entries is not None else [],
        "by_person": time_spent.totals(entries, "person__user__name") if entries is not None else [],
        "query": request.GET.urlencode(),
        "now": at,
        **rail(request.membership, at, current="time"),
    }
    return render(request, "desk/time.html", context, status=422 if form.errors else 200)


@require_GET
@lead
def as_csv(request: VendorRequest) -> HttpResponse:
    """The same period, entry by entry, as a file."""
    _form, entries = _period(request, timezone.now().astimezone(request.vendor.zoneinfo).date())
    if entries is None:
        return redirect("desk-time-report", vendor=request.vendor.slug)
    response = HttpResponse(time_spent.spent_csv(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.vendor.slug}-time.csv"'
    return response


def _period(request: VendorRequest, today: date) -> tuple[PeriodForm, TimeEntryQuerySet | None]:
    """What is asked for, this month unless said; None where that is no period."""
    usual = {"start": today.replace(day=1), "end": today}
    form = (
        PeriodForm(request.GET)
        if "start" in request.GET
        else PeriodForm({name: day.isoformat() for name, day in usual.items()})
    )
    if not form.is_valid():
        return form, None
    data = form.cleaned_data
    end = min(data["end"], data["start"] + timedelta(days=366))
    return form, time_spent.in_period(data["start"], end, data["organization"])


def _ended(request: VendorRequest, number: int, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except Refused as error:
        messages.error(request, error.text)
    return _back(request, number)


def _back(request: VendorRequest, number: int) -> HttpResponse:
    address = reverse("desk-ticket", kwargs={"vendor": request.vendor.slug, "number": number})
    return redirect(f"{address}#ticket-time")
