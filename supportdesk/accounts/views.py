"""Signing in and getting to the right desk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accent import variants
from supportdesk.accounts import actions, tokens
from supportdesk.accounts.access import member, public
from supportdesk.accounts.context import vendors_of
from supportdesk.accounts.forms import InvitationForm, JoinForm, ProfileForm, TokenForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import ApiToken, Invitation, Membership, User
from supportdesk.tenancy.scope import all_vendors, vendor_scope
from tickets.views.rail import rail


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


@require_GET
@member
def people(request: VendorRequest) -> HttpResponse:
    """Who has access: staff see everybody, customers their own organization."""
    return _people_page(request, InvitationForm(by=request.membership))


@require_POST
@member
def invite(request: VendorRequest) -> HttpResponse:
    """Sends an invitation by e-mail."""
    form = InvitationForm(request.POST, by=request.membership)
    if form.is_valid():
        try:
            invitation, secret = actions.invite(by=request.membership, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _send_invitation(request, invitation, secret)
            messages.success(request, _("Invitation sent to %(email)s.") % {"email": invitation.email})
            return redirect("people", vendor=request.vendor.slug)
    return _people_page(request, form, status=422)


@require_POST
@member
def withdraw_invitation(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes an invitation back."""
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    actions.withdraw(invitation, by=request.membership, at=timezone.now())
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("people", vendor=request.vendor.slug)


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


@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of an invitation: a name and a password for newcomers, one button for those who have an account."""
    at = timezone.now()
    with all_vendors("an invitation's link names no vendor"):
        invitation = (
            Invitation.objects.filter(secret_hash=Invitation.hash_of(secret))
            .select_related("vendor", "organization", "invited_by__user")
            .first()
        )
    if invitation is None or not invitation.is_open(at):
        return render(request, "accounts/invitation_over.html", status=410)
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and request.user != user:
        messages.info(request, _("Sign in as %(email)s to accept the invitation.") % {"email": invitation.email})
        return redirect(f"{reverse('account_login')}?next={request.path}")
    form = JoinForm(request.POST or None, needs_account=user is None)
    if request.method == "POST" and form.is_valid():
        with vendor_scope(invitation.vendor_id):
            if user is None:
                user = User.objects.create_user(
                    invitation.email, form.cleaned_data["password"], name=form.cleaned_data["name"]
                )
            actions.accept(invitation, user=user, at=at)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("vendor-home", vendor=invitation.vendor.slug)
    return render(
        request, "accounts/invitation.html", {"form": form, "invitation": invitation, "needs_account": user is None}
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", {"reason": str(exception)}, status=403)


def no_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "errors/403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)


def _people_page(request: VendorRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    rows = Membership.objects.filter(is_active=True).select_related("user", "organization")
    waiting = Invitation.objects.filter(accepted_at=None).select_related("organization")
    if request.membership.is_customer_side:
        rows = rows.filter(organization=request.membership.organization)
        waiting = waiting.filter(organization=request.membership.organization)
    context: dict[str, Any] = {
        "form": form,
        "people": list(rows.order_by("organization__name", "user__name")[:500]),
        "waiting": list(waiting.order_by("-invited_at")[:100]),
        "may_invite": bool(form.roles),
        "now": timezone.now(),
    }
    if request.membership.is_staff_side:
        context |= rail(request.membership, context["now"], current="people")
    return render(request, "accounts/people.html", context, status=status)


def _send_invitation(request: VendorRequest, invitation: Invitation, secret: str) -> None:
    link = settings.BASE_URL + reverse("accept-invitation", kwargs={"secret": secret})
    body = _("%(who)s invites you to %(vendor)s's support desk.\n\nAccept it by %(until)s:\n%(link)s\n") % {
        "who": request.membership.name,
        "vendor": request.vendor.name,
        "until": f"{invitation.expires_at:%d %B %Y}",
        "link": link,
    }
    subject = _("Your invitation to %(vendor)s's support desk") % {"vendor": request.vendor.name}
    headers = {"X-Supportdesk-Vendor": request.vendor.slug}
    EmailMessage(subject, body, to=[invitation.email], headers=headers).send(fail_silently=False)
