"""Integrations: the list, setting one up, changing, testing, disabling and removing it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accounts.access import admin
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.notifications import integrations as actions
from supportdesk.notifications import sealing
from supportdesk.notifications.channels import twilio, webhook
from supportdesk.notifications.channels.registry import HEARERS, LISTENING_SECRET
from supportdesk.notifications.forms import IntegrationForm
from supportdesk.notifications.models import Delivery, Destination, Integration, IntegrationKind
from tickets.views.rail import rail

RECENT = 10
VICTOROPS_PAYLOAD = json.dumps(
    {
        "entity_id": "${{ALERT.entity_id}}",
        "phase": "${{STATE.CURRENT_ALERT_PHASE}}",
        "author": "${{STATE.ACK_USER}}",
    },
    indent=2,
)


@require_GET
@admin
def integrations(request: VendorRequest) -> HttpResponse:
    """All of them with how they are doing, and the kinds there are."""
    at = timezone.now()
    rows = list(Integration.objects.order_by("name"))
    health = {each.name: each for each in Destination.objects.filter(name__in=[row.destination for row in rows])}
    has_twilio = any(row.kind == IntegrationKind.TWILIO for row in rows)
    context = {
        "rows": [(row, health.get(row.destination)) for row in rows],
        "kinds": [kind for kind in IntegrationKind if not (has_twilio and kind is IntegrationKind.TWILIO)],
        "now": at,
    }
    return render(request, "integrations/list.html", context | rail(request.membership, at, current="integrations"))


@require_http_methods(["GET", "POST"])
@admin
def add(request: VendorRequest, kind: str) -> HttpResponse:
    """Sets up one of this kind."""
    chosen = _kind(kind)
    if chosen is IntegrationKind.TWILIO:
        existing = Integration.objects.filter(kind=chosen).first()
        if existing is not None:
            return redirect("integration", vendor=request.vendor.slug, pk=existing.pk)
    form = IntegrationForm(request.POST if request.method == "POST" else None, kind=chosen)
    if form.is_valid():
        secrets = form.secrets()
        made = chosen is IntegrationKind.WEBHOOK and not secrets["secret"]
        if made:
            secrets["secret"] = webhook.make_secret()
        integration = actions.add(
            kind=chosen,
            name=form.cleaned_data["name"],
            config=form.config(),
            secrets=secrets,
            by=request.membership,
            at=timezone.now(),
        )
        messages.success(request, _("%(name)s is set up. Send a test to see it arrive.") % {"name": integration.name})
        return _page(request, integration, shown_once=secrets["secret"]) if made else _to(request, integration)
    at = timezone.now()
    context = {"form": form, "kind": chosen} | rail(request.membership, at, current="integrations")
    return render(request, "integrations/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@admin
def integration(request: VendorRequest, pk: int) -> HttpResponse:
    """One of them: its settings, its health, its last messages, and how it reports back."""
    found = _found(pk)
    if request.method == "GET":
        return _page(request, found, test=request.GET.get("test", ""))
    form = IntegrationForm(request.POST, kind=IntegrationKind(found.kind), of=found)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    secrets = form.secrets()
    if found.kind == IntegrationKind.WEBHOOK and secrets["secret"]:
        secrets["old_secret"] = _old_secret(found)
    actions.change(
        found,
        name=form.cleaned_data["name"],
        config=form.config(),
        secrets=secrets,
        by=request.membership,
        at=timezone.now(),
    )
    messages.success(request, _("Saved."))
    return _to(request, found)


@require_POST
@admin
def disable(request: VendorRequest, pk: int) -> HttpResponse:
    """Nothing is sent there any more, until it is enabled again."""
    found = _found(pk)
    actions.disable(found, by=request.membership, at=timezone.now())
    undo = reverse("integration-enable", kwargs={"vendor": request.vendor.slug, "pk": pk})
    messages.success(request, _("%(name)s is disabled.") % {"name": found.name}, extra_tags=f"undo:{undo}")
    return _to(request, found)


@require_POST
@admin
def enable(request: VendorRequest, pk: int) -> HttpResponse:
    """It is used again."""
    found = _found(pk)
    actions.enable(found, by=request.membership, at=timezone.now())
    messages.success(request, _("%(name)s is enabled.") % {"name": found.name})
    return _to(request, found)


@require_POST
@admin
def remove(request: VendorRequest, pk: int) -> HttpResponse:
    """Removes it with its secrets."""
    found = _found(pk)
    try:
        actions.remove(found, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _to(request, found)
    messages.success(request, _("%(name)s is removed, with its secrets.") % {"name": found.name})
    return redirect("integrations", vendor=request.vendor.slug)


@require_POST
@admin
def test(request: VendorRequest, pk: int) -> HttpResponse:
    """Sends a message through the same machinery as any other; its page then shows what the service answered."""
    found = _found(pk)
    try:
        delivery = actions.send_test(found, to=request.POST.get("to", ""), by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _to(request, found)
    address = reverse("integration", kwargs={"vendor": request.vendor.slug, "pk": pk})
    return redirect(f"{address}?test={delivery.pk}#test")


@require_GET
@admin
def test_result(request: VendorRequest, pk: int, delivery_id: int) -> HttpResponse:
    """What became of a test, as a part of the page that asks for it."""
    delivery = get_object_or_404(_tests(_found(pk)), pk=delivery_id)
    return render(request, "integrations/_test.html", {"test": delivery, "now": timezone.now()})


def _page(
    request: VendorRequest,
    found: Integration,
    *,
    form: IntegrationForm | None = None,
    test: str = "",
    shown_once: str = "",
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    kind = IntegrationKind(found.kind)
    path = reverse("hook", kwargs={"vendor": request.vendor.slug, "token": found.token})
    recent = Delivery.objects.filter(integration=found).exclude(kind=actions.TEST).order_by("-id")
    context: dict[str, Any] = {
        "integration": found,
        "kind": kind,
        "form": form or IntegrationForm(kind=kind, of=found),
        "health": Destination.objects.filter(name=found.destination).first(),
        "recent": list(recent[:RECENT]),
        "test": _tests(found).filter(pk=int(test)).first() if test.isdecimal() and len(test) < 19 else None,
        "shown_once": shown_once,
        "hook": request.build_absolute_uri(path) if kind in HEARERS else "",
        "listens": _listens(found),
        "can_report": kind is IntegrationKind.TWILIO and _has_reports(found),
        "payload": VICTOROPS_PAYLOAD if kind is IntegrationKind.VICTOROPS else "",
        "numbers": actions.numbers_of(request.membership) if kind is IntegrationKind.TWILIO else [],
        "now": at,
    }
    context |= rail(request.membership, at, current="integrations")
    return render(request, "integrations/integration.html", context, status=status)


def _tests(found: Integration) -> Any:
    return Delivery.objects.filter(integration=found, kind=actions.TEST)


def _listens(found: Integration) -> bool:
    """Whether it has the secret without which its reports are refused."""
    return LISTENING_SECRET.get(IntegrationKind(found.kind), "") in actions.kept(found)


def _has_reports(found: Integration) -> bool:
    try:
        return twilio.has_reports(found)
    except sealing.Unreadable:
        return False


def _old_secret(found: Integration) -> str:
    try:
        return found.secrets.get("secret", "")
    except sealing.Unreadable:
        return ""


def _kind(slug: str) -> IntegrationKind:
    try:
        return IntegrationKind(slug)
    except ValueError:
        raise Http404 from None


def _found(pk: int) -> Integration:
    found: Integration = get_object_or_404(Integration.objects.select_related("vendor"), pk=pk)
    return found


def _to(request: VendorRequest, found: Integration) -> HttpResponse:
    return redirect("integration", vendor=request.vendor.slug, pk=found.pk)
