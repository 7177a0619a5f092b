"""Everything about a desk that can be set up, on one page: what each person may open, by what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.views.rail import rail


@dataclass(frozen=True, slots=True)
class Place:
    """A page where something is set up, and from which role on it can be opened."""

    route: str
    icon: str
    name: Promise
    about: Promise
    role: Role = Role.AGENT


GROUPS: tuple[tuple[Promise, tuple[Place, ...]], ...] = (
    (
        _("Answering"),
        (
            Place("desk-responses", "note", _("Responses"), _("Texts that are written once and used often")),
            Place("desk-macros", "bolt", _("Macros"), _("Several changes to a ticket with one press")),
            Place("desk-tags", "tag", _("Tags"), _("Words that tickets are found by")),
            Place("desk-views", "filter", _("Views"), _("Which views stand in your rail, and in which order")),
        ),
    ),
    (
        _("On call"),
        (
            Place("rotas", "calendar", _("Rotas"), _("Who is on call, and who covers whom")),
            Place("policies", "ladder", _("Escalation policies"), _("Who is woken, by what, and who next")),
            Place("assignment", "user", _("Assignment"), _("Who gets a new ticket"), Role.LEAD),
        ),
    ),
    (
        _("People"),
        (
            Place("people", "users", _("People"), _("Colleagues and customers with access to this desk")),
            Place("desk-organizations", "building", _("Customers"), _("Organizations, their projects and plans")),
        ),
    ),
    (
        _("Connections"),
        (
            Place("integrations", "link", _("Integrations"), _("Paging services, chats and webhooks"), Role.ADMIN),
            Place("deliveries", "send", _("Messages out"), _("What left, what waits, what was given up"), Role.ADMIN),
            Place("api-tokens-page", "key", _("API tokens"), _("For programs that act in your name")),
        ),
    ),
    (
        _("Yours"),
        (
            Place("notification-preferences", "bell", _("Notifications"), _("What reaches you, and by which way")),
            Place("time-off", "calendar", _("Time off"), _("When you cannot be on call")),
        ),
    ),
)


@require_GET
@agent
def settings(request: VendorRequest) -> HttpResponse:
    """Links to what this person may set up, in groups."""
    context = rail(request.membership, timezone.now(), current="settings")
    return render(request, "accounts/settings.html", context | {"groups": list(_groups(request))})


def _groups(request: VendorRequest) -> Iterator[tuple[Promise, list[tuple[Place, str]]]]:
    vendor = request.vendor.slug
    for name, places in GROUPS:
        offered = [
            (place, reverse(place.route, kwargs={"vendor": vendor}))
            for place in places
            if request.membership.is_at_least(place.role)
        ]
        if offered:
            yield name, offered
