"""The page of one's own API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts import tokens
from supportdesk.accounts.access import member
from supportdesk.accounts.forms import TokenForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import ApiToken
from tickets.views.rail import rail


@require_http_methods(["GET", "POST"])
@member
def api_tokens(request: VendorRequest) -> HttpResponse:
    """One's own API tokens; a new one's secret is shown here, once."""
    at = timezone.now()
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_valid():
        data = form.cleaned_data
        _token, secret = tokens.create(
            name=data["name"], scopes=data["scopes"], days=data["days"], by=request.membership, at=at
        )
        form = TokenForm()
    rows = list(ApiToken.objects.filter(membership=request.membership).order_by("-created_at"))
    context: dict[str, Any] = {"form": form, "tokens": rows, "secret": secret, "now": at}
    if request.membership.is_staff_side:
        context |= rail(request.membership, at)
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@member
def revoke_token(request: VendorRequest, pk: int) -> HttpResponse:
    """Makes one of one's own tokens worthless."""
    token = get_object_or_404(ApiToken, pk=pk, membership=request.membership)
    tokens.revoke(token, by=request.membership, at=timezone.now())
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("api-tokens-page", vendor=request.vendor.slug)
