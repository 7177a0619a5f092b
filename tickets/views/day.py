"""An agent's day: what is due, whom to call, who is awake, what runs, and how the week goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalation import on_call
from escalation.models import Rota
from sla import pages as sla_pages
from sla.attainment import percent
from sla.week import figures, week_of
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, TeamMember
from tickets import phone_numbers
from tickets.models import Callback, Mention, RunningTimer, Ticket
from tickets.views.rail import rail

SHOWN = 25


@require_GET
@agent
def day(request: VendorRequest) -> HttpResponse:
    """My tickets by what is due, and everything else that is mine today."""
    at, who = timezone.now(), request.membership
    mine = list(Ticket.objects.visible_to(who).filter(assignee=who).open().for_rows().by_next_due()[: SHOWN + 1])
    start = week_of(at, who.user.zoneinfo)
    own, team = figures(who, start=start, end=at)
    context = {
        "rows": mine[:SHOWN],
        "has_more": len(mine) > SHOWN,
        "chips": sla_pages.chips_for(mine[:SHOWN], at=at, for_customer=False),
        "mentions": list(Mention.objects.of(who).unread().with_notes()[:10]),
        "calls": [(each, phone_numbers.readable(each.number)) for each in calls_today(who, at)],
        "running_timer": RunningTimer.objects.filter(person=who).select_related("ticket").first(),
        "rotas": _rotas(who, at),
        "figures": [(own, percent(own.met)), (team, percent(team.met))],
        "since": start,
        "now": at,
        **rail(who, at, current="day"),
    }
    return render(request, "desk/day.html", context)


@require_POST
@agent
def sound(request: VendorRequest) -> HttpResponse:
    """Whether new urgent tickets are heard."""
    who = request.membership
    who.plays_sound = request.POST.get("plays_sound") == "yes"
    who.save(update_fields=["plays_sound"])
    said = _("New urgent tickets are heard while the queue is open.") if who.plays_sound else _("No more sounds.")
    messages.success(request, said)
    return redirect("desk-day", vendor=request.vendor.slug)


def calls_today(who: Membership, at: datetime) -> list[Callback]:
    """The calls that are this person's to make until their midnight, or of their tickets and groups while nobody has
    claimed them; the earliest first, those wanted as soon as possible before all."""
    midnight = at.astimezone(who.user.zoneinfo).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    groups = TeamMember.objects.filter(membership=who).values("team")
    nobodys = Q(claimed_by=None) & (Q(ticket__assignee=who) | Q(ticket__assignee=None, ticket__team__in=groups))
    waiting = Callback.objects.open().filter(Q(starts_at=None) | Q(starts_at__lt=midnight))
    related = ("ticket__requester__user", "ticket__organization")
    found = waiting.filter(Q(claimed_by=who) | nobodys).select_related(*related)
    return sorted(found[:50], key=lambda each: each.starts_at or each.asked_at - timedelta(days=365))


def _rotas(who: Membership, at: datetime) -> list[dict[str, Any]]:
    """Each rota in use with who is on call now."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    found = on_call.on_call_of(rotas, at)
    return [
        {
            "name": rota.name,
            "people": list(dict.fromkeys(person.name for person in found[rota.pk] if person is not None)),
            "is_mine": who in found[rota.pk],
        }
        for rota in rotas
    ]
