"""Signing in and getting to the right desk."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accent import variants
from supportdesk.accounts.access import member, public
from supportdesk.accounts.context import vendors_of
from supportdesk.accounts.forms import ProfileForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """To sign-in, to the only desk, or to a choice of desks."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    vendors = vendors_of(request.user)
    if len(vendors) == 1:
        return redirect("vendor-home", vendor=vendors[0].slug)
    return render(request, "accounts/home.html", {"vendors": vendors})


@require_GET
@member
def vendor_home(request: VendorRequest) -> HttpResponse:
    """Staff to the queue, customers to their tickets."""
    return redirect("desk-queue" if request.membership.is_staff_side else "portal-tickets", vendor=request.vendor.slug)


@require_GET
@public
@cache_control(max_age=300, public=True)
def theme_css(request: VendorRequest) -> HttpResponse:
    """The vendor's accent as custom properties, checked for contrast."""
    return HttpResponse(variants(request.vendor.accent).css, content_type="text/css; charset=utf-8")


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demo's people, with no password; exists only while DEMO is on."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(User, email=request.POST.get("email", ""), email__endswith=".example")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")
