"""What every page of the solutions shows besides its own: the rail at the desk, and the present."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from supportdesk.knowledge.models import Article
from tickets.views.rail import rail


def page(request: VendorRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template in the portal's dress for customers, in the desk's for staff (one query more)."""
    at = timezone.now()
    beside: dict[str, Any] = {"rail": None, "role_of_leads": Role.LEAD, "now": at}
    if request.membership.is_staff_side:
        beside |= rail(request.membership, at, current="solutions")
    return render(request, f"knowledge/{template}", beside | context, status=status)


def visible(request: VendorRequest, slug: str) -> Article:
    """The article if this person may read it; raises Http404."""
    return get_object_or_404(Article.objects.visible_to(request.membership).for_page(), slug=slug)
