"""A rota's layers and settings: edited with their consequence beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalation import actions, drafts
from escalation.drafts import Draft
from escalation.grid import week_of
from escalation.models import Rota, RotaVersion
from escalation.preview import Preview, four_weeks, preview
from escalation.queries import layers_at, planned_versions
from escalation.rota_forms import LayerForm, RotaForm
from escalation.views.rotas import around
from supportdesk.accounts.access import lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership


@dataclass(slots=True)
class Edited:
    """The forms of the page, and the preview where they make sense."""

    rota: Rota | None
    form: RotaForm
    layers: list[LayerForm]
    preview: Preview | None = None

    def uncomplaining(self, request: VendorRequest, at: datetime) -> Edited:
        """The same as it was entered, with no word about what is wrong."""
        entered = {name: request.POST[name] for name in self.form.fields if name in request.POST}
        form = RotaForm(rota=self.rota, zone=request.vendor.zone, at=at, initial=entered)
        layers = [LayerForm(each.draft, each.number, each.staff, is_sent=False) for each in self.layers]
        return Edited(self.rota, form, layers, self.preview)

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(each.is_valid() for each in self.layers)]) and bool(self.layers)


@require_http_methods(["GET", "POST"])
@lead
def new(request: VendorRequest) -> HttpResponse:
    """Makes a rota."""
    at = timezone.now()
    if request.method == "GET":
        return _page(request, _edited(None, None, [_blank(request, at, 0)], request, at), at)
    button = _button(request)
    edited = _sent(request, None, at, button)
    if button != "save":
        return _page(request, edited, at)
    if edited.is_valid():
        try:
            rota = actions.make_rota(
                **edited.form.facts(), layers=[each.terms() for each in edited.layers], by=request.membership, at=at
            )
        except ValidationError as error:
            edited.form.add_error(None, error)
        else:
            messages.success(request, _("“%(name)s” holds from now on.") % {"name": rota.name})
            return redirect("rota", vendor=request.vendor.slug, slug=rota.slug)
    return _page(request, edited, at, status=422)


@require_http_methods(["GET", "POST"])
@lead
def edit(request: VendorRequest, slug: str) -> HttpResponse:
    """Changes a rota. What was stays: changed layers are a new version, from now or a later instant on."""
    at = timezone.now()
    rota = get_object_or_404(Rota.objects.in_use(), slug=slug)
    if request.method == "GET":
        return _page(request, _edited(rota, None, drafts.of_rows(layers_at(rota, at)), request, at), at)
    button = _button(request)
    edited = _sent(request, rota, at, button)
    if button != "save":
        return _page(request, edited, at)
    if edited.is_valid():
        try:
            rota = actions.change_rota(rota, **edited.form.facts(), by=request.membership, at=at)
            terms = [each.terms() for each in edited.layers]
            begins_at = edited.form.begins_at
            version = actions.change_layers(rota, terms, effective_at=begins_at, by=request.membership, at=at)
        except ValidationError as error:
            edited.form.add_error(None, error)
        else:
            messages.success(request, _saved(version, begins_at, at))
            return redirect("rota", vendor=request.vendor.slug, slug=rota.slug)
    return _page(request, edited, at, status=422)


@require_POST
@lead
def discard(request: VendorRequest, pk: int) -> HttpResponse:
    """A planned change will not happen."""
    version = get_object_or_404(RotaVersion.objects.select_related("rota"), pk=pk)
    try:
        actions.withdraw_version(version, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The change is discarded: the layers stay as they are."))
    return redirect("rota", vendor=request.vendor.slug, slug=version.rota.slug)


def _button(request: VendorRequest) -> str:
    """Which button sent the form; none when a field changed, which only looks at the consequence."""
    return request.POST.get("do", "look" if request.headers.get("HX-Request") else "save")


def _sent(request: VendorRequest, rota: Rota | None, at: datetime, button: str) -> Edited:
    layers = drafts.sent(request.POST)
    layers = drafts.changed(layers, button, new=_blank(request, at, len(layers)))
    return _edited(rota, request.POST, layers, request, at)


def _edited(
    rota: Rota | None, data: QueryDict | None, layers: list[Draft], request: VendorRequest, at: datetime
) -> Edited:
    staff = {each.pk: each for each in Membership.objects.staff().order_by("user__name", "pk")}
    form = RotaForm(data, rota=rota, zone=request.vendor.zone, at=at)
    edited = Edited(rota, form, [LayerForm(draft, number, staff) for number, draft in enumerate(layers)])
    if edited.layers and all(each.is_valid() for each in edited.layers):
        if data is not None:
            form.is_valid()
        zone = ZoneInfo(timezone.get_current_timezone_name())
        terms = [each.terms() for each in edited.layers]
        begins_at = form.begins_at if data is not None else at
        edited.preview = preview(rota, terms, four_weeks(at, zone), effective_at=begins_at, at=at)
    return edited


def _page(request: VendorRequest, edited: Edited, at: datetime, *, status: int = 200) -> HttpResponse:
    rota = edited.rota
    names = [(each.pk, each.name) for each in Membership.objects.staff().order_by("user__name", "pk")]
    if status != 422:  # a button of the form is no attempt to save: nothing is complained of
        edited = edited.uncomplaining(request, at)
    context: dict[str, Any] = {
        "rota": rota,
        "form": edited.form,
        "layers": edited.layers,
        "preview": edited.preview,
        "staff": names,
        "planned": planned_versions(rota, at) if rota else [],
        "today": timezone.localtime(at).date(),
    }
    template = "escalation/_edited.html" if request.headers.get("HX-Request") else "escalation/settings.html"
    return render(request, template, context | around(request, at), status=status)


def _blank(request: VendorRequest, at: datetime, number: int) -> Draft:
    monday = week_of(at.astimezone(request.vendor.zoneinfo).date())
    names = [_("Primary"), _("Secondary")]
    return drafts.blank(request.vendor.zone, monday, name=names[number] if number < len(names) else "")


def _saved(version: RotaVersion | None, begins_at: datetime, at: datetime) -> str:
    if version is None:
        return _("Saved. The layers stay as they were.")
    if begins_at > at:
        return _("Saved. The new layers hold from %(when)s on.") % {
            "when": timezone.localtime(begins_at).strftime("%Y-%m-%d %H:%M")
        }
    return _("Saved. The new layers hold from now on; what was stays on record.")
