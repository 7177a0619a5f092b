"""What stands beside a ticket of those it has to do with. No query for what the timeline has no trace of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from supportdesk.accounts.models import Membership, Role
from tickets import links, merging, scope
from tickets.actions.time import may_change
from tickets.models import Event, ExternalIssue, Link, ScopeDecision, Ticket, TimeEntry
from tickets.models.event import Kind
from tickets.models.message import MessageChannel
from tickets.queries import Entry
from tickets.regrouping import LinkForm
from tickets.time_spent import TimeForm, timer_of


def together(ticket: Ticket, entries: Sequence[Entry], who: Membership, at: datetime) -> dict[str, Any]:
    """Links, what was merged in, and the form for one more link."""
    events = [entry.event for entry in entries if entry.event is not None]
    kinds = {event.kind for event in events}
    found = links.linked_with(ticket, Link.objects.of(ticket)) if Kind.LINKED in kinds else []
    return {
        "links": found,
        "children": [each for each in found if each.is_child],
        "merged_in": merged_in(events, at),
        **scoped(ticket, events),
        **timed(ticket, entries, who, at),
        "link_form": LinkForm(ticket=ticket, by=who),
    }


def scoped(ticket: Ticket, events: Sequence[Event]) -> dict[str, Any]:
    """What was decided of the scope, and what other teams track for the ticket, on both sides' pages."""
    kinds = {event.kind for event in events}
    decision = ScopeDecision.objects.filter(ticket=ticket).select_related("by__user", "answered_by__user")
    issues = ExternalIssue.objects.filter(ticket=ticket).order_by("pk")
    return {
        "scope_decision": decision.first() if Kind.SCOPE_DECIDED in kinds else None,
        "issues": list(issues) if Kind.ISSUE_ADDED in kinds else [],
    }


def timed(ticket: Ticket, entries: Sequence[Entry], who: Membership, at: datetime) -> dict[str, Any]:
    """The time spent on it, the latest entries first, the reader's running timer wherever it runs, and the form."""
    is_traced = any(
        (entry.event is not None and entry.event.kind == Kind.TIME_LOGGED)
        or (entry.message is not None and entry.message.channel == MessageChannel.PHONE)
        for entry in entries
    )
    spent = list(TimeEntry.objects.filter(ticket=ticket).for_rows()) if is_traced else []
    today = at.astimezone(who.user.zoneinfo).date()
    return {
        "time_entries": [(each, may_change(each, who)) for each in spent],
        "time_total": sum(each.minutes for each in spent),
        "time_billable": sum(each.minutes for each in spent if each.is_billable),
        "running_timer": timer_of(ticket, who),
        "time_form": TimeForm(ticket=ticket, initial={"spent_on": today}),
    }


def for_customer(ticket: Ticket, entries: Sequence[Entry], who: Membership) -> dict[str, Any]:
    """What a customer is told of it, and whether they may answer to a fee."""
    facts = scoped(ticket, [entry.event for entry in entries if entry.event is not None])
    decision = facts["scope_decision"]
    return {
        "scope_decision": decision if decision is not None and decision.exclusion else None,
        "may_answer_fee": decision is not None
        and decision.awaits_customer
        and (who.pk == ticket.requester_id or who.role == Role.MANAGER),
        "issues": scope.warnings(facts["issues"]) if facts["issues"] else [],
    }


def merged_in(events: Sequence[Event], at: datetime) -> list[tuple[int, bool]]:
    """The numbers of the tickets that are merged into this one, each with whether that can still be undone."""
    standing: dict[int, Event] = {}
    for event in events:
        number = event.data.get("from")
        if number and event.kind == Kind.MERGED:
            standing[number] = event
        elif number and event.kind == Kind.UNMERGED:
            standing.pop(number, None)
    return [(number, at <= merging.undoable_until(event)) for number, event in standing.items()]
