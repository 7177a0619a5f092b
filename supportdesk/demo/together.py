"""What agents do between tickets in the demo: links, an incident, time, a call for today, limits of support."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from plans import queries as plan_queries
from supportdesk.accounts.models import Membership
from supportdesk.demo.stage import Stage
from tickets import actions, scope
from tickets.models import Ticket
from tickets.models.link import LinkKind
from tickets.models.scope_decision import ScopeAction

NUMBERS = ("+49 30 901820", "+380 44 255 7333", "+1 303 555 0142")
TIMED = 14
WORK = ("Read the logs", "Reproduced it on staging", "Wrote the answer", "Asked engineering", "Checked the deployment")


def work_together(stage: Stage, *, at: datetime, rng: Random) -> None:
    """Needs the vendor's scope. Files, closes and answers nothing: the tickets stand as their stories left them."""
    before = at - timedelta(hours=2)
    tickets = Ticket.objects.filter(created_at__lt=before).select_related("assignee__user", "plan_version")
    ready = list(tickets.open().order_by("-pk")[:6])
    lead = stage.lead
    for other, kind in zip(ready[1:3], (LinkKind.RELATED, LinkKind.CAUSED), strict=False):
        actions.link(ready[0], to=other, kind=kind, by=lead, at=before)
    for part in ready[4:6]:
        actions.link(part, to=ready[3], kind=LinkKind.PART, by=lead, at=before)
    for ticket in tickets.exclude(assignee=None).order_by("-pk")[:TIMED]:
        _log(ticket, rng, at)
    if ready:
        _arrange_a_call(ready[0], ready[0].assignee or lead, at, rng)
        _limit(ready[-1], lead, before)
    contract = plan_queries.current_contract()
    if ready and contract is not None and contract.conference is not None:
        actions.open_conference(ready[0], by=ready[0].assignee or lead, at=before, starts_at=at + timedelta(hours=3))


def _log(ticket: Ticket, rng: Random, at: datetime) -> None:
    who = ticket.assignee
    done = min(ticket.resolved_at or at, at)
    if who is not None:
        is_billable = rng.random() < 0.4
        minutes = rng.choice((5, 10, 15, 25, 40, 75))
        actions.log_time(ticket, by=who, at=done, minutes=minutes, note=rng.choice(WORK), is_billable=is_billable)


def _arrange_a_call(ticket: Ticket, who: Membership, at: datetime, rng: Random) -> None:
    starts_at = (at + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    number = rng.choice(NUMBERS)
    actions.schedule_callback(
        ticket, number=number, starts_at=starts_at, by=who, at=at - timedelta(hours=1), note="Walk through the logs"
    )


def _limit(ticket: Ticket, lead: Membership, at: datetime) -> None:
    """Where the contract limits support, and where another team can be asked for a hotfix."""
    offered = scope.section()
    limited = next((each for each in offered.exclusions if each.action == ScopeAction.LIMITED.value), None)
    if limited is not None:
        actions.decide_scope(ticket, exclusion=limited, by=lead, at=at, reason="Their platform has no builds of ours.")
    asked = next((each for each in offered.handovers() if each[1].warning), None)
    if asked is not None:
        address = f"https://tracker.{ticket.vendor.slug}.example/issues/{400 + ticket.number}"
        actions.add_issue(ticket, url=address, title="Cache is never cleared", asked=asked, by=lead, at=at)
