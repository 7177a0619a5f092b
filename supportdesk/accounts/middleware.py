"""Turns the first path segment into a vendor scope, and closes the door on people of other vendors."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from supportdesk.accounts.models import Membership, User, Vendor
from supportdesk.accounts.models.vendor import RESERVED_SLUGS
from supportdesk.tenancy.scope import vendor_scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class VendorRequest(HttpRequest):
    """A request under ``/<vendor>/…``, after the middleware: what every tenant view receives."""

    vendor: Vendor
    membership: Membership
    user: User


class VendorMiddleware:
    """Runs everything under ``/<vendor>/`` in that vendor's scope: one transaction a request.

    The transaction is rolled back when the view raises, so nothing half-written stays. A custom domain shows its own
    vendor and no other.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = self._vendor_of_host(request)
        slug = request.path_info.lstrip("/").split("/", 1)[0]
        if not slug and own is not None:
            return HttpResponseRedirect(f"/{own.slug}/")
        if not slug or slug in RESERVED_SLUGS or "." in slug:
            return self.get_response(request)
        vendor = (
            own if own is not None and own.slug == slug else Vendor.objects.filter(slug=slug, is_active=True).first()
        )
        if vendor is None or (own is not None and own.slug != slug):
            return self.get_response(request)
        request.vendor = vendor  # type: ignore[attr-defined]
        with vendor_scope(vendor):
            response = self.get_response(request)
            if getattr(request, "raised", False) or response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Anonymous people are asked to sign in; people without a membership here see nothing at all (404)."""
        if "vendor" not in kwargs:
            return None
        kwargs.pop("vendor")
        if not hasattr(request, "vendor"):
            raise Http404
        request.membership = None  # type: ignore[attr-defined]
        user = request.user
        if user.is_authenticated:
            membership = (
                Membership.objects.filter(user_id=user.pk, is_active=True).select_related("organization").first()
            )
            if membership is not None:
                membership.user = user
                request.membership = membership  # type: ignore[attr-defined]
                return None
        if getattr(view, "is_public", False):
            return None
        if user.is_authenticated:
            raise Http404
        return redirect_to_login(_way_back(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.raised = True  # type: ignore[attr-defined]

    @staticmethod
    def _vendor_of_host(request: HttpRequest) -> Vendor | None:
        host = request.get_host().split(":")[0].lower()
        if host in settings.PLATFORM_HOSTS:
            return None
        return Vendor.objects.filter(domain=host, is_active=True).exclude(domain="").first()


def _way_back(request: HttpRequest) -> str:
    """Where somebody goes on after signing in: to the page they asked for, or on which they pressed what needs it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    pressed_on = urlsplit(request.headers.get("Referer", ""))
    home = f"/{request.path_info.lstrip('/').split('/', 1)[0]}/"
    if pressed_on.netloc != request.get_host() or not pressed_on.path.startswith(home):
        return home
    return f"{pressed_on.path}?{pressed_on.query}" if pressed_on.query else pressed_on.path


class ZoneMiddleware:
    """Shows every instant in the reader's own time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        zone = user.zone if isinstance(user, User) else "UTC"
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return self.get_response(request)
