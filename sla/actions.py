"""What is done to clocks besides following their tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plans.models import PlanVersion
from sla import ledger
from sla.moves import moves_of
from sla.terms import terms_by_id
from supportdesk.accounts.models import Membership, Vendor
from supportdesk.tenancy.scope import vendor_scope
from tickets import events
from tickets.models import Event, Ticket
from tickets.models.event import Kind

BATCH = 500


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many open tickets came under newer terms, and how many of their clocks moved, began or ended by that."""

    tickets: int = 0
    clocks: int = 0


def recompute_open(vendor: Vendor, *, by: Membership | None, at: datetime) -> Recomputed:
    """Brings every open ticket of the vendor under the version of its plan that is in force at ``at``.

    Calendars count as part of their plans' versions. Each ticket gets the change on its timeline, its open clocks keep
    their start and pauses and take the new target; settled clocks stay as they are. Transactions of 500 tickets, so
    that nobody waits long for a ticket; run again after an interruption, it does the rest.
    """
    with vendor_scope(vendor):
        superseded = _superseded(at)
    tickets = clocks = 0
    after = 0
    while superseded:
        with vendor_scope(vendor):
            batch = list(
                Ticket.objects.select_for_update(of=("self",))
                .open()
                .filter(plan_version_id__in=superseded, pk__gt=after)
                .select_related("assignee__user", "requester__user", "organization", "team", "plan_version")
                .order_by("pk")[:BATCH]
            )
            if not batch:
                break
            clocks += _bring_under(batch, superseded, by=by, at=at)
        tickets += len(batch)
        after = batch[-1].pk
    return Recomputed(tickets, clocks)


def _superseded(at: datetime) -> dict[int, PlanVersion]:
    """Each version of a plan that is not the one in force, and the one that is."""
    in_force = {
        version.plan_id: version
        for version in PlanVersion.objects.in_force(at)
        .order_by("plan_id", "-number")
        .distinct("plan_id")
        .select_related("plan")
    }
    versions = PlanVersion.objects.filter(plan_id__in=in_force).values_list("pk", "plan_id")
    return {pk: in_force[plan_id] for pk, plan_id in versions if pk != in_force[plan_id].pk}


def _bring_under(
    tickets: list[Ticket], superseded: dict[int, PlanVersion], *, by: Membership | None, at: datetime
) -> int:
    """How many clocks of these locked tickets moved."""
    entries = ledger.load(ticket.pk for ticket in tickets)
    newer = {ticket.pk: superseded[ticket.plan_version_id] for ticket in tickets if ticket.plan_version_id}
    terms = terms_by_id(version.pk for version in newer.values())
    moved = sum(len(moves_of(entries[ticket_id].book, terms[version.pk], at)) for ticket_id, version in newer.items())
    changes = []
    for ticket in tickets:
        version = newer[ticket.pk]
        moving = {"from": ticket.plan_version_id, "to": version.pk, "is_edit": True}
        ticket.plan_version, ticket.plan_rank = version, version.plan.rank
        changes.append(Event(ticket=ticket, kind=Kind.PLAN_CHANGED, by=by, at=at, data=moving))
    Ticket.objects.bulk_update(tickets, ["plan_version", "plan_rank"], batch_size=BATCH)
    events.record_many(changes)
    return moved


def follow_contract(vendor: Vendor, at: datetime) -> str:
    """Recomputes after a contract was loaded, and says what moved; empty when no open ticket was concerned."""
    done = recompute_open(vendor, by=None, at=at)
    if not done.tickets:
        return ""
    return f"{_counted(done.tickets, 'open ticket')} under the new terms, {_counted(done.clocks, 'clock')} moved"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
