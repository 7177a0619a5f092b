"""Reading what happened to tickets, for backtests: a batch of tickets in two queries. Needs a vendor scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from plans.models import PlanVersion
from plans.queries import plan_names
from sla.backtest import BRINGS_TERMS, History, Question
from sla.drafts import Drafts, say_the_same
from sla.facts import Fact
from sla.targets import Terms
from sla.terms import terms_by_id
from sla.timeline import TELLING, facts_of
from tickets.models import Event, Ticket


def tickets_between(start: datetime, end: datetime) -> list[int]:
    """The tickets on which a clock may have started in [start, end): received before its end, and not resolved for
    good before its start. In order of their ids."""
    lasted = Q(resolved_at__isnull=True) | Q(resolved_at__gte=start)
    return list(Ticket.objects.filter(lasted, received_at__lt=end).order_by("pk").values_list("pk", flat=True))


def histories(ticket_ids: Sequence[int]) -> list[History]:
    """What happened to these tickets, in the order in which it was recorded."""
    numbers = dict(Ticket.objects.filter(pk__in=ticket_ids).values_list("pk", "number"))
    rows = Event.objects.filter(ticket_id__in=ticket_ids, kind__in=TELLING).order_by("pk")
    facts: dict[int, list[Fact]] = {ticket_id: [] for ticket_id in numbers}
    versions: dict[int, list[int | None]] = {ticket_id: [] for ticket_id in numbers}
    for event, fact in facts_of(rows.only("ticket_id", "kind", "by_id", "at", "data", "vendor_id")):
        if fact.kind in BRINGS_TERMS:
            versions[event.ticket_id].append(fact.terms.plan_version_id if fact.terms else None)
            fact = replace(fact, terms=None)
        facts[event.ticket_id].append(fact)
    return [
        History(ticket_id, number, tuple(facts[ticket_id]), tuple(versions[ticket_id]))
        for ticket_id, number in numbers.items()
    ]


def question(
    drafts: Drafts, *, start: datetime, end: datetime, at: datetime, against_present: bool = False
) -> Question:
    """How clocks started in [start, end) would have stood at ``at`` had the drafts always been the terms.

    Compared with how they stood under the terms of their time, or (``against_present``) with how they would have stood
    under the terms that are in force at ``at``.
    """
    versions = list(PlanVersion.objects.all())
    own = terms_by_id(version.pk for version in versions)
    present = {version.plan_id: own[version.pk] for version in reversed(PlanVersion.objects.in_force(at))}
    names = plan_names()
    return Question(
        now=_standing_for(versions, own, present if against_present else {}),
        then=_standing_for(versions, own, drafts),
        plans={version.pk: names[version.plan_id] for version in versions},
        start=start,
        end=end,
        at=at,
    )


def _standing_for(versions: Sequence[PlanVersion], own: Mapping[int, Terms], drafts: Drafts) -> dict[int, Terms]:
    """What each version is taken to promise: its plan's draft where that says anything else."""
    taken = {}
    for version in versions:
        mine, draft = own[version.pk], drafts.get(version.plan_id)
        terms = mine if draft is None or say_the_same(mine, draft) else draft
        taken[version.pk] = replace(terms, plan_version_id=version.pk)
    return taken
