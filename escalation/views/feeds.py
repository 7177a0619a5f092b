"""Calendar addresses: making, revoking, and what a calendar program reads there."""

from __future__ import annotations

import hmac
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation import actions
from escalation.feeds import as_calendar, entries_of, etag_of
from escalation.models import Feed, Rota
from escalation.views.rotas import around
from supportdesk.accounts.access import agent, public
from supportdesk.accounts.middleware import VendorRequest

MINUTE = 60
READS = 20
"""A minute, of one address: calendar programs come every few hours."""
MISSES = 30
"""A minute, of one caller: nobody tries secrets out."""


@require_safe
@public
def read(request: VendorRequest, secret: str) -> HttpResponse:
    """The calendar behind a secret address, in UTC. 404 for one that was revoked, or never made; 429 when it is asked
    for too often."""
    digest = Feed.digest_of(secret)
    caller = f"feed-misses-{get_adapter().get_client_ip(request)}"
    if _count(f"feed-{digest}") > READS or cache.get(caller, 0) > MISSES:
        return HttpResponse(status=429, headers={"Retry-After": f"{MINUTE}"})
    feed = (
        Feed.objects.filter(digest=digest, revoked_at__isnull=True, person__is_active=True)
        .select_related("person", "rota")
        .first()
    )
    # The index finds the digest, which tells nothing about the secret; the comparison takes the same time for each.
    if feed is None or not hmac.compare_digest(feed.digest, digest) or not feed.person.is_staff_side:
        _count(caller)
        raise Http404
    at = timezone.now()
    root = settings.BASE_URL.rstrip("/") + reverse("vendor-home", kwargs={"vendor": request.vendor.slug})
    entries = entries_of(feed, at, host=request.get_host().split(":")[0], path=root)
    Feed.objects.filter(pk=feed.pk).update(read_at=at)
    etag = f'"{etag_of(entries)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    name = feed.rota.name if feed.rota else _("On call at %(vendor)s") % {"vendor": request.vendor.name}
    return HttpResponse(
        as_calendar(entries, name=name, at=at),
        content_type="text/calendar; charset=utf-8",
        headers={"ETag": etag, "Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer"},
    )


@require_POST
@agent
def my_feed(request: VendorRequest) -> HttpResponse:
    """Makes the address of one's own shifts; it is shown here, once."""
    return _made(request, None)


@require_http_methods(["GET", "POST"])
@agent
def rota_feed(request: VendorRequest, slug: str) -> HttpResponse:
    """One's address of a rota's shifts; a new one is shown here, once."""
    rota = get_object_or_404(Rota.objects.in_use(), slug=slug)
    if request.method == "POST":
        return _made(request, rota)
    feed = Feed.objects.filter(person=request.membership, rota=rota, revoked_at__isnull=True).first()
    return _page(request, rota, feed, "")


@require_POST
@agent
def revoke(request: VendorRequest, pk: int) -> HttpResponse:
    """Makes an address worthless."""
    feed = get_object_or_404(Feed.objects.select_related("rota"), pk=pk, person=request.membership)
    actions.revoke_feed(feed, by=request.membership, at=timezone.now())
    messages.success(request, _("The address is revoked: calendars that read it stay as they were."))
    if feed.rota is None:
        return redirect("my-shifts", vendor=request.vendor.slug)
    return redirect("rota-feed", vendor=request.vendor.slug, slug=feed.rota.slug)


def _count(key: str) -> int:
    """How often in this minute, with this time."""
    cache.add(key, 0, MINUTE)
    try:
        return int(cache.incr(key))
    except ValueError:  # the minute ended in between
        return 1


def _made(request: VendorRequest, rota: Rota | None) -> HttpResponse:
    feed, secret = actions.make_feed(rota=rota, by=request.membership, at=timezone.now())
    path = reverse("calendar-feed", kwargs={"vendor": request.vendor.slug, "secret": secret})
    return _page(request, rota, feed, settings.BASE_URL.rstrip("/") + path)


def _page(request: VendorRequest, rota: Rota | None, feed: Feed | None, secret_url: str) -> HttpResponse:
    context: dict[str, Any] = {"feed": feed, "secret_url": secret_url}
    if rota is not None:
        context["rota"] = rota
    tab = "mine" if rota is None else "rotas"
    response = render(request, "escalation/feed.html", context | around(request, timezone.now(), tab))
    if secret_url:
        response.headers["Cache-Control"] = "no-store"
    return response
