"""Invitations: sent, taken back, accepted."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from supportdesk.accounts import actions
from supportdesk.accounts.forms import JoinForm
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Invitation, User
from supportdesk.tenancy.scope import all_vendors, vendor_scope


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


def send_invitation(request: VendorRequest, invitation: Invitation, secret: str) -> None:
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
