"""Which organization a page is about: a customer's own, in the portal; any of the vendor's, on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from supportdesk.accounts import actions
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Organization, Role
from tickets.views.rail import rail


@dataclass(frozen=True, slots=True)
class Place:
    """An organization as the reader reaches it, and whether they may change it."""

    organization: Organization
    vendor: str
    on_desk: bool
    may_manage: bool
    may_invite: bool

    def url(self, name: str, **kwargs: Any) -> str:
        """The address of one of the organization's pages where the reader is: portal or desk."""
        if self.on_desk:
            name, kwargs = f"desk-{name}", {"slug": self.organization.slug, **kwargs}
        return reverse(name, kwargs={"vendor": self.vendor, **kwargs})


def place_of(request: VendorRequest, slug: str) -> Place:
    """The organization named by ``slug`` for staff, without it the reader's own; raises Http404 for any other."""
    who = request.membership
    if bool(slug) != who.is_staff_side:
        raise Http404
    organization = get_object_or_404(Organization, slug=slug) if slug else who.organization
    if organization is None:
        raise Http404
    may_manage = actions.may_manage(who, organization)
    may_invite = actions.may_invite(who, Role.CUSTOMER, organization)
    return Place(organization, request.vendor.slug, who.is_staff_side, may_manage, may_invite)


def managed_place(request: VendorRequest, slug: str) -> Place:
    """As ``place_of``, for a change: raises PermissionDenied for those who may only read."""
    place = place_of(request, slug)
    if not place.may_manage:
        raise PermissionDenied(_("Only the organization's managers and leads of the support team change this."))
    return place


def inviting_place(request: VendorRequest, slug: str) -> Place:
    """As ``place_of``, for inviting: raises PermissionDenied for those who add nobody."""
    place = place_of(request, slug)
    if not place.may_invite:
        raise PermissionDenied(_("Only the organization's managers and the support team add people."))
    return place


def context_of(request: VendorRequest, place: Place, tab: str, at: datetime) -> dict[str, Any]:
    """What every page of an organization shows around its own content."""
    context: dict[str, Any] = {"place": place, "organization": place.organization, "tab": tab, "now": at}
    return context | rail(request.membership, at, current="organizations") if place.on_desk else context
