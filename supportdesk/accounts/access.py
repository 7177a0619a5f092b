"""Who may open a view: every view under ``/<vendor>/`` carries exactly one of these."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _

from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role

View = Callable[..., HttpResponse]


def at_least(role: Role) -> Callable[[View], View]:
    """Members of the request's vendor whose role includes this one; others get 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: VendorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.membership.is_at_least(role):
                raise PermissionDenied(_("Your role at this desk does not include this page."))
            return view(request, *args, **kwargs)

        guarded.access = role.value  # type: ignore[attr-defined]
        return guarded

    return guard


def api(view: View) -> View:
    """An API view: who is let in, by session or token, is decided by its authentication and permission classes."""
    view.access = "api"  # type: ignore[attr-defined]
    view.is_public = True  # type: ignore[attr-defined]
    return view


member = at_least(Role.CUSTOMER)
agent = at_least(Role.AGENT)
lead = at_least(Role.LEAD)
admin = at_least(Role.ADMIN)


def public(view: View) -> View:
    """Anybody, signed in or not: ``request.membership`` may be None."""

    @wraps(view)
    def open_to_all(*args: Any, **kwargs: Any) -> HttpResponse:
        return view(*args, **kwargs)

    open_to_all.access = "public"  # type: ignore[attr-defined]
    open_to_all.is_public = True  # type: ignore[attr-defined]
    return open_to_all
