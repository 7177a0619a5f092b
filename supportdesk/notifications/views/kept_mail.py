"""The demo's mailbox: every e-mail that was kept instead of sent. Exists only while DEMO is on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from supportdesk.accounts.models import Vendor
from supportdesk.notifications.models import KeptMail

PAGE = 50
STYLES_ONLY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "sandbox": ["allow-popups"],
}
View = Callable[..., HttpResponseBase]


def demo_only(view: View) -> View:
    """404 unless DEMO is on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest first; ``?to=`` part of an address, ``?vendor=`` a slug, ``?page=`` onwards."""
    to, vendor_slug = request.GET.get("to", "").strip(), request.GET.get("vendor", "")
    mails = KeptMail.objects.defer("text", "html", "headers").order_by("-sent_at", "-id")
    if to:
        mails = mails.filter(recipients__icontains=to)
    if vendor_slug:
        mails = mails.filter(vendor_slug=vendor_slug)
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < len("100000") else 1
    rows = list(mails[(page - 1) * PAGE : page * PAGE + 1])
    kept = {"to": to, "vendor": vendor_slug}
    context = {
        "mails": rows[:PAGE],
        "to": to,
        "vendor_slug": vendor_slug,
        "vendors": Vendor.objects.filter(is_active=True).order_by("name"),
        "older": "?" + urlencode({**kept, "page": page + 1}) if len(rows) > PAGE else "",
        "newer": "?" + urlencode({**kept, "page": page - 1}) if page > 1 else "",
        "now": timezone.now(),
    }
    return render(request, "notifications/mailbox.html", context)


@require_safe
@demo_only
def message(request: HttpRequest, mail_id: int) -> HttpResponse:
    mail = get_object_or_404(KeptMail, pk=mail_id)
    return render(request, "notifications/mail.html", {"mail": mail})


@require_safe
@demo_only
@csp(STYLES_ONLY)  # type: ignore[arg-type]  # its annotation knows only views without arguments
def as_html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The HTML part alone, as a mail program would show it: styles allowed, everything else shut out."""
    mail = get_object_or_404(KeptMail.objects.exclude(html=""), pk=mail_id)
    return HttpResponse(mail.html)
