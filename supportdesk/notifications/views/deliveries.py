"""Deliveries for admins: what was given up and why, what waits, and sending again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from supportdesk.accounts import audit
from supportdesk.accounts.access import admin
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.notifications.actions import retry_all_dead
from supportdesk.notifications.models import UNSETTLED, Delivery, DeliveryState, Destination
from tickets.views.rail import rail

PAGE = 50
MANY = 99
MOST_AT_ONCE = 1000
SHOWN = {
    "dead": (DeliveryState.DEAD,),
    "waiting": UNSETTLED,
    "skipped": (DeliveryState.SKIPPED, DeliveryState.CANCELLED),
    "sent": (DeliveryState.SENT,),
}


@require_GET
@admin
def deliveries(request: VendorRequest) -> HttpResponse:
    """The newest fifty; ``?state=`` dead (default), waiting, skipped or sent, ``?channel=``, ``?ticket=`` its number,
    ``?before=`` an id."""
    at = timezone.now()
    state = request.GET.get("state", "dead")
    state = state if state in SHOWN else "dead"
    channel, before = request.GET.get("channel", ""), request.GET.get("before", "")
    listed = Delivery.objects.filter(state__in=SHOWN[state]).select_related("integration").defer("body", "headers")
    if channel:
        listed = listed.filter(channel=channel)
    ticket = _number(request.GET.get("ticket", ""))
    if ticket is not None:
        listed = listed.filter(ticket_number=ticket)
    if before.isdecimal() and len(before) < 19:
        listed = listed.filter(pk__lt=int(before))
    rows = list(listed.order_by("-id")[: PAGE + 1])
    dead = Delivery.objects.dead()[: MANY + 1].count()
    kept = {"state": state} | ({"channel": channel} if channel else {}) | ({"ticket": ticket} if ticket else {})
    context = {
        "deliveries": rows[:PAGE],
        "state": state,
        "channel": channel,
        "ticket": ticket,
        "channels": sorted(set(Delivery.objects.dead().order_by().values_list("channel", flat=True).distinct()[:20])),
        "older": f"?{urlencode(kept | {'before': rows[PAGE - 1].pk})}" if len(rows) > PAGE else "",
        "dead_text": f"{MANY}+" if dead > MANY else str(dead),
        "has_dead": bool(dead),
        "down": list(Destination.objects.filter(opened_at__isnull=False).order_by("opened_at")[:10]),
        "now": at,
    }
    return render(request, "deliveries/list.html", context | rail(request.membership, at, current="deliveries"))


@require_POST
@admin
def retry(request: VendorRequest) -> HttpResponse:
    """Tries dead letters again: those that were ticked (``delivery``), or ``all``, of a channel, of a ticket."""
    at = timezone.now()
    if "all" in request.POST:
        dead = Delivery.objects.dead()
        if request.POST.get("channel"):
            dead = dead.filter(channel=request.POST["channel"])
        if (ticket := _number(request.POST.get("ticket", ""))) is not None:
            dead = dead.filter(ticket_number=ticket)
        ids = list(dead.values_list("pk", flat=True)[:MOST_AT_ONCE])
    else:
        ids = [int(each) for each in request.POST.getlist("delivery") if each.isdecimal() and len(each) < 19]
    count = retry_all_dead(ids, at=at)
    if count:
        audit.record("deliveries.retried", by=request.membership, at=at, count=count)
        said = ngettext("%(count)s message is tried again.", "%(count)s messages are tried again.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.warning(request, _("Nothing was chosen that was given up."))
    kept = {name: request.POST[name] for name in ("channel", "ticket") if request.POST.get(name)}
    query = urlencode({"state": "dead"} | kept)
    return redirect(f"{reverse('deliveries', kwargs={'vendor': request.vendor.slug})}?{query}")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
