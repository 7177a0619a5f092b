"""Making API tokens, and letting programs in with them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from supportdesk.accounts import audit
from supportdesk.accounts.models import ApiToken, Membership, User
from supportdesk.accounts.models.api_token import TokenScope

PREFIX = "sd_"


@transaction.atomic
def create(*, name: str, scopes: Sequence[TokenScope], days: int, by: Membership, at: datetime) -> tuple[ApiToken, str]:
    """A token that acts for ``by``, and its secret, which is shown once and not kept. 1 to 366 days."""
    if not 1 <= days <= 366:
        raise ValueError("an API token lives 1 to 366 days")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        membership=by,
        name=name,
        hint=secret[:8],
        secret_hash=ApiToken.hash_of(secret),
        scopes=[scope.value for scope in scopes],
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    audit.record("api_token.created", by=by, at=at, subject=token, name=name, scopes=token.scopes)
    return token, secret


@transaction.atomic
def revoke(token: ApiToken, *, by: Membership, at: datetime) -> None:
    """Makes the secret worthless."""
    audit.record("api_token.revoked", by=by, at=at, subject=token, name=token.name)
    token.delete()


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer sd_…``, looked up among the tokens of the vendor in the path."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        at = timezone.now()
        token = (
            ApiToken.objects.filter(secret_hash=ApiToken.hash_of(secret), membership__is_active=True)
            .select_related("membership__user", "membership__organization")
            .first()
        )
        if token is None or not token.is_live(at):
            raise AuthenticationFailed(_("This API token is not valid, or has expired."))
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
        request._request.membership = token.membership  # type: ignore[attr-defined]
        return token.membership.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MemberSession(SessionAuthentication):
    """The signed-in person, if they have a place at this vendor; for others there is nothing here (404)."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        if found is not None and getattr(request._request, "membership", None) is None:
            raise Http404
        return found


class HasScope(BasePermission):
    """A member; with a token, one that carries the scope for reading or writing."""

    message = _("This API token does not carry the scope that this needs.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if getattr(request._request, "membership", None) is None:
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        needed = TokenScope.READ if request.method in ("GET", "HEAD", "OPTIONS") else TokenScope.WRITE
        return needed.value in request.auth.scopes


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes a token."""

    target_class = TokenAuthentication
    name = "apiToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made on the profile page."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes a session."""

    target_class = MemberSession
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
