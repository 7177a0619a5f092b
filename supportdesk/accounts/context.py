"""What every page's template knows besides its own context."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from supportdesk.accounts.models import Membership, Role, User, Vendor
from supportdesk.tenancy.scope import all_vendors


def desk(request: HttpRequest) -> dict[str, Any]:
    """The vendor and membership of the request, and at sign-in the demo people."""
    context: dict[str, Any] = {
        "vendor": getattr(request, "vendor", None),
        "membership": getattr(request, "membership", None),
        "demo": settings.DEMO,
        "demo_people": [],
    }
    if settings.DEMO and request.path == "/accounts/login/":
        context["demo_people"] = demo_people()
    return context


def vendors_of(user: User) -> list[Vendor]:
    """The vendors where this person has a place."""
    with all_vendors("a signed-in person's own vendors"):
        ids = Membership.objects.filter(user=user, is_active=True).values_list("vendor_id", flat=True)
        return list(Vendor.objects.filter(pk__in=list(ids), is_active=True).order_by("name"))


def demo_people() -> list[dict[str, Any]]:
    """By vendor: the demo's people with their roles, for the sign-in page."""
    with all_vendors("the demo's sign-in page lists everybody"):
        memberships = list(
            Membership.objects.filter(user__email__endswith=".example", is_active=True)
            .select_related("user", "organization", "vendor")
            .order_by("vendor__name", "id")
        )
    groups: dict[str, dict[str, Any]] = {}
    for each in memberships:
        group = groups.setdefault(
            each.vendor.slug, {"vendor": each.vendor.name, "accent": each.vendor.accent, "people": []}
        )
        place = each.organization.name if each.organization else (f"tier {each.tier}" if each.tier else "")
        role = str(Role(each.role).label)
        group["people"].append(
            {"name": each.name, "role": f"{role}, {place}" if place else role, "email": each.user.email}
        )
    return list(groups.values())
