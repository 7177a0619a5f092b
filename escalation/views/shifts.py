"""One shift: who has it and why, covering it, asking for cover; and one's own shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalation import actions
from escalation import rota as rules
from escalation.actions.overrides import may_uncover
from escalation.forms import AskForm, CoverForm
from escalation.models import Feed, Override, Rota, Swap
from escalation.on_call import Watch, watches
from escalation.queries import OnOffer, my_shifts, overrides_within, requests_for, requests_of, shifts_on_offer
from escalation.shift_notices import layer_names
from escalation.views.rotas import around
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, Role

WIDE = timedelta(days=62)
AHEAD = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Found:
    """A shift with the rows around it."""

    rota: Rota
    layer: int
    layer_name: str
    shift: rules.Shift
    person: Membership
    instead_of: Membership | None


@require_GET
@agent
def mine(request: VendorRequest) -> HttpResponse:
    """One's next shifts, requests for cover to answer and one's own, and the calendar's address."""
    at, who = timezone.now(), request.membership
    waiting, own = requests_for(who, at), requests_of(who, at)
    names = layer_names({each.rota for each in (*waiting, *own)})

    def named(swap: Swap) -> tuple[Swap, str, str]:
        layers = (swap.layer_key, swap.return_layer_key or 0)
        layer, back = (names.get((swap.rota_id, key), "") for key in layers)
        return swap, layer, back

    context: dict[str, Any] = {
        "shifts": my_shifts(who, at, until=at + AHEAD),
        "requests": [named(each) for each in waiting],
        "own": [named(each) for each in own],
        "feed": Feed.objects.filter(person=who, rota__isnull=True, revoked_at__isnull=True).first(),
    }
    return render(request, "escalation/my_shifts.html", context | around(request, at, "mine"))


@require_GET
@agent
def shift(request: VendorRequest, slug: str) -> HttpResponse:
    """The shift of ``?layer=`` that runs at ``?at=``: what can be done about it, and what was."""
    found = _found(request, slug)
    return _page(request, found)


@require_http_methods(["GET", "POST"])
@agent
def cover(request: VendorRequest, slug: str) -> HttpResponse:
    """Puts somebody on over a stretch of a layer. ``?layer= start= end=`` fill the form."""
    at = timezone.now()
    rota = get_object_or_404(Rota.objects.in_use(), slug=slug)
    layers = [(key, name) for (_rota, key), name in layer_names([rota]).items()]
    posted = request.POST if request.method == "POST" else None
    start, end = (_instant(request.GET.get(name, "")) for name in ("start", "end"))
    initial = {"layer": request.GET.get("layer", ""), "starts_at": start, "ends_at": end}
    form = CoverForm(posted, rota=rota, layers=layers, by=request.membership, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.cover(
                rota,
                layer_key=data["layer"],
                person=data["person"],
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                reason=data["reason"],
                by=request.membership,
                at=at,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _covered(request, made)
    context = {"rota": rota, "form": form} | around(request, at)
    return render(request, "escalation/cover.html", context, status=422 if form.errors else 200)


@require_POST
@agent
def uncover(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes a cover back."""
    override = get_object_or_404(Override.objects.select_related("rota", "person__user"), pk=pk)
    try:
        actions.uncover(override, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(name)s no longer covers.") % {"name": override.person.name})
    return redirect("rota", vendor=request.vendor.slug, slug=override.rota.slug)


@require_POST
@agent
def ask(request: VendorRequest, slug: str) -> HttpResponse:
    """Asks somebody to take (a part of) the shift of ``?layer=`` that runs at ``?at=``."""
    found = _found(request, slug)
    at = timezone.now()
    form = AskForm(request.POST, giver=found.person, on_offer=_on_offer(found, at))
    if form.is_valid():
        data, wanted = form.cleaned_data, form.cleaned_data["in_return"]
        try:
            made = actions.ask(
                found.rota,
                layer_key=found.layer,
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                asked=data["asked"],
                in_return=actions.InReturn(wanted.layer, wanted.start, wanted.end) if wanted is not None else None,
                note=data["note"],
                giver=found.person,
                by=request.membership,
                at=at,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            whom = made.asked.name if made.asked else _("Everybody on the rota")
            said = _("%(whom)s was asked. You have the shift until somebody takes it.")
            if made.is_exchange:
                said = _("%(whom)s was asked to swap. Both shifts stay as they are until they agree.")
            undo = reverse("swap-withdrawal", kwargs={"vendor": request.vendor.slug, "pk": made.pk})
            messages.success(request, said % {"whom": whom}, extra_tags=f"undo:{undo}")
            return redirect("my-shifts", vendor=request.vendor.slug)
    return _page(request, found, form)


def _page(request: VendorRequest, found: Found, form: AskForm | None = None) -> HttpResponse:
    at, by = timezone.now(), request.membership
    start, end = found.shift.start, found.shift.end
    swaps = Swap.objects.filter(rota=found.rota, layer_key=found.layer).within(start, end).for_rows()
    own = found.person.pk == by.pk
    lead = by.is_at_least(Role.LEAD)
    may_ask = (own or lead) and end > at
    if form is None:
        initial = {"starts_at": max(start, at), "ends_at": end}
        form = AskForm(giver=found.person, on_offer=_on_offer(found, at) if may_ask else (), initial=initial)
    overrides = [each for each in overrides_within(found.rota, start, end) if each.layer_key == found.layer]
    context: dict[str, Any] = {
        "found": found,
        "is_over": end <= at,
        "is_own": own,
        "may_ask": may_ask,
        "form": form,
        "overrides": [(each, may_uncover(each, by) and each.ends_at > at) for each in overrides],
        "swaps": list(swaps.order_by("asked_at", "pk")),
    }
    status = 422 if form.errors else 200
    return render(request, "escalation/shift.html", context | around(request, at), status=status)


def _on_offer(found: Found, at: datetime) -> list[OnOffer]:
    return shifts_on_offer(found.rota, found.person, at, until=at + AHEAD)


def _covered(request: VendorRequest, made: Override) -> HttpResponse:
    messages.success(
        request,
        _("%(name)s covers from %(start)s to %(end)s.")
        % {
            "name": made.person.name,
            "start": _spoken(made.starts_at),
            "end": _spoken(made.ends_at),
        },
        extra_tags=f"undo:{reverse('override-removal', kwargs={'vendor': request.vendor.slug, 'pk': made.pk})}",
    )
    place = reverse("rota", kwargs={"vendor": request.vendor.slug, "slug": made.rota.slug})
    return redirect(f"{place}?on={timezone.localtime(made.starts_at).date().isoformat()}")


def _spoken(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D j M, H:i")


def _found(request: VendorRequest, slug: str) -> Found:
    rota = get_object_or_404(Rota.objects.select_related("team"), slug=slug)
    moment = _instant(request.GET.get("at", ""))
    try:
        key = int(request.GET.get("layer", ""))
    except ValueError:
        raise Http404 from None
    if moment is None:
        raise Http404
    watch: Watch = watches([rota], moment - WIDE, moment + WIDE, now=timezone.now())[rota.pk]
    held = rules.shifts(watch.roster, moment - WIDE, moment + WIDE)
    one = next((each for each in held if each.layer == key and each.start <= moment < each.end), None)
    if one is None:
        raise Http404
    name = layer_names([rota]).get((rota.pk, key), "")
    return Found(rota, key, name, one, watch.people[one.person], watch.people.get(one.duty.instead_of or 0))


def _instant(text: str) -> datetime | None:
    """An aware instant of ISO 8601, between the years 2000 and 2100."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and 2000 < found.year < 2100 else None
