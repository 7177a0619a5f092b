"""From anywhere at the desk to a ticket, a view, a customer or a person, by typing a little of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, Organization
from tickets.models import Ticket
from tickets.views.rail import rail

MOST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    text: str
    more: str
    icon: str
    href: str


@require_GET
@agent
def palette(request: VendorRequest) -> HttpResponse:
    """What the words may mean, the likeliest first; without words the views."""
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    found = [*_ticket(request, words), *_views(request, words)]
    if len(words) > 1:
        found += [*_people(request, words), *_customers(request, words)]
    search = f"{_path(request, 'desk-search')}?q="
    return render(request, "desk/_palette.html", {"found": found, "words": words, "search": search})


def _path(request: VendorRequest, name: str, **arguments: object) -> str:
    return reverse(name, kwargs={"vendor": request.vendor.slug, **arguments})


def _ticket(request: VendorRequest, words: str) -> list[Place]:
    number = words.removeprefix("#")
    if not (number.isdecimal() and number.isascii() and len(number) <= 9):
        return []
    rows = Ticket.objects.visible_to(request.membership).filter(number=int(number)).values_list("number", "subject")
    return [Place(subject, f"#{n}", "ticket", _path(request, "desk-ticket", number=n)) for n, subject in rows]


def _views(request: VendorRequest, words: str) -> list[Place]:
    queue, items = _path(request, "desk-queue"), rail(request.membership, timezone.now())["rail"]["all"]
    fitting = [item for item in items if words.lower() in item.title.lower()]
    return [Place(item.title, _("View"), item.icon, f"{queue}?{item.query}") for item in fitting]


def _people(request: VendorRequest, words: str) -> list[Place]:
    queue = _path(request, "desk-queue")
    rows = Membership.objects.filter(user__name__icontains=words, is_active=True).select_related("user", "organization")
    return [
        Place(
            person.name,
            str(person.organization or _("Colleague")),
            "user",
            f"{queue}?view=all&{'requester' if person.is_customer_side else 'assignee'}={person.pk}",
        )
        for person in rows.order_by("user__name", "pk")[:MOST_OF_A_KIND]
    ]


def _customers(request: VendorRequest, words: str) -> list[Place]:
    rows = Organization.objects.filter(name__icontains=words).order_by("name", "pk")[:MOST_OF_A_KIND]
    return [
        Place(row.name, _("Customer"), "building", _path(request, "desk-organization", slug=row.slug)) for row in rows
    ]
