"""The report pages, for leads and admins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plans import choices
from sla import exports
from sla.attainment import percent
from sla.breaches import Breach, all_breaches, breaches
from sla.chips import label_of
from sla.forms import ReportForm, by_of
from sla.reports import By, Line, Selection, Times, attainment, in_total, times
from supportdesk.accounts.access import lead
from supportdesk.accounts.middleware import VendorRequest
from tickets.views.rail import rail

SHOWN = 25


@require_GET
@lead
def reports(request: VendorRequest) -> HttpResponse:
    """How promises were kept over a period: the figures, what they are made of, and what was missed."""
    at = timezone.now()
    form = _form(request, at)
    by = by_of(request.GET.get("by", ""))
    context: dict[str, Any] = {"form": form, "by": by, "now": at, "zone": request.vendor.zone}
    if form.is_valid():
        context |= _figures(request, form, by, at)
    context |= rail(request.membership, at, current="reports")
    return render(request, "reports/reports.html", context, status=200 if form.is_valid() else 422)


@require_GET
@lead
def attainment_csv(request: VendorRequest) -> HttpResponse:
    """The attainment table."""
    at, by = timezone.now(), by_of(request.GET.get("by", ""))
    found = attainment(_selection(request, at), by, at=at, zone=request.vendor.zoneinfo)
    return _csv(exports.attainment_rows(found, by), f"attainment-by-{by}")


@require_GET
@lead
def times_csv(request: VendorRequest) -> HttpResponse:
    """Median and p90 of the time to first response and to resolution."""
    at = timezone.now()
    return _csv(exports.times_rows(times(_selection(request, at), at=at)), "times")


@require_GET
@lead
def breaches_csv(request: VendorRequest) -> HttpResponse:
    """Every promise of the period that was not kept in time."""
    at = timezone.now()
    found = list(all_breaches(_selection(request, at), at=at))
    return _csv(exports.breach_rows(found, request.vendor.zoneinfo), "breaches")


def _figures(request: VendorRequest, form: ReportForm, by: By, at: datetime) -> dict[str, Any]:
    selection = form.selection()
    lines = attainment(selection, by, at=at, zone=request.vendor.zoneinfo)
    try:
        missed = breaches(selection, at=at, after=request.GET.get("after", ""), limit=SHOWN + 1)
    except ValueError as error:
        raise Http404 from error
    asked = {name: request.GET[name] for name in ("start", "end", "plan", "audience") if request.GET.get(name)}
    return {
        "asked": asked,
        "query": urlencode(asked | {"by": by.value}),
        "tabs": [(_tab(each), f"?{urlencode(asked | {'by': each.value})}", each is by) for each in By],
        "totals": _totals(in_total(lines), times(selection, at=at)),
        "lines": [_line(line, by) for line in lines],
        "breaches": [_breach(each) for each in missed[:SHOWN]],
        "labels": choices.status_labels(for_customers=False),
        "older": urlencode(asked | {"by": by.value, "after": missed[SHOWN - 1].place}) if len(missed) > SHOWN else "",
        "is_continued": bool(request.GET.get("after")),
    }


def _totals(lines: list[Line], measured: list[Times]) -> list[dict[str, Any]]:
    took = {(each.metric, each.audience): each for each in measured}
    return [_line(line, By.MONTH) | {"times": took.get((line.metric, line.audience))} for line in lines]


def _line(line: Line, by: By) -> dict[str, Any]:
    return {
        "label": _label(line.label, by),
        "promise": label_of(line.metric, line.audience),
        "counts": line.counts,
        "share": percent(line.counts.share),
    }


def _breach(breach: Breach) -> dict[str, Any]:
    return {"breach": breach, "promise": label_of(breach.metric, breach.audience)}


def _label(label: str, by: By) -> str:
    if by is By.MONTH and label:
        return date_format(date.fromisoformat(label), "F Y")
    return label or _("No team")


def _tab(by: By) -> str:
    return {By.MONTH: _("Month"), By.PLAN: _("Plan"), By.PRIORITY: _("Priority"), By.TEAM: _("Team")}[by]


def _form(request: VendorRequest, at: datetime) -> ReportForm:
    return ReportForm(request.GET.dict(), zone=request.vendor.zoneinfo, at=at)


def _selection(request: VendorRequest, at: datetime) -> Selection:
    form = _form(request, at)
    if not form.is_valid():
        raise Http404
    return form.selection()


def _csv(rows: Iterable[exports.Row], name: str) -> HttpResponse:
    body = "\ufeff" + "".join(exports.lines(rows))
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
