"""What a macro will do to a ticket, said before it is done. No writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import transitions
from tickets.composer import in_words
from tickets.models import Macro, Ticket
from tickets.models.macro import Assign


@dataclass(frozen=True, slots=True)
class Step:
    """One change in words. ``is_needed`` is False for what is so already; ``problem``: why it cannot be."""

    icon: str
    text: str
    is_needed: bool = True
    problem: str = ""


def steps_of(macro: Macro, ticket: Ticket, *, by: Membership, labels: Mapping[str, str], deciders: str) -> list[Step]:
    """In the order in which they are done. ``labels`` are the vendor's names of the states; ``deciders`` the group that
    alone decides the severity, where ``by`` is not of it."""
    steps: list[Step] = []
    if macro.severity is not None:
        is_kept = ticket.severity_id == macro.severity_id
        problem = _("%(team)s alone decides the severity.") % {"team": deciders} if deciders and not is_kept else ""
        steps.append(Step("filter", _("Severity: %(code)s") % {"code": macro.severity.code}, not is_kept, problem))
    steps += _who(macro, ticket, by)
    if macro.tags:
        steps.append(Step("tag", _("Tags: %(names)s") % {"names": ", ".join(macro.tags)}))
    if macro.note:
        steps.append(Step("lock", _("Add an internal note")))
    if macro.reply:
        steps.append(Step("send", _("Reply to %(name)s") % {"name": ticket.requester.name}))
    if macro.next_update_minutes:
        within = in_words(macro.next_update_minutes)
        steps.append(Step("clock", _("Promise the next update within %(time)s") % {"time": within}))
    if macro.then_state:
        steps.append(_state(macro, ticket, labels))
    return steps


def _who(macro: Macro, ticket: Ticket, by: Membership) -> list[Step]:
    steps: list[Step] = []
    if macro.group is not None:
        text = _("Group: %(name)s") % {"name": macro.group.name}
        if macro.assign == Assign.NOBODY:
            text = _("Hand it over to %(name)s, whose agents are told") % {"name": macro.group.name}
        is_needed = ticket.team_id != macro.group_id or macro.assign == Assign.NOBODY
        steps.append(Step("users", text, is_needed))
    elif macro.assign == Assign.NOBODY:
        steps.append(Step("user", _("Let it go: nobody has it"), ticket.assignee_id is not None))
    if macro.assign in (Assign.ME, Assign.PERSON):
        to = by if macro.assign == Assign.ME else macro.assignee
        assert to is not None
        problem = "" if to.is_active else _("%(name)s is no longer here.") % {"name": to.name}
        steps.append(Step("user", _("Assign to %(name)s") % {"name": to.name}, ticket.assignee_id != to.pk, problem))
    return steps


def _state(macro: Macro, ticket: Ticket, labels: Mapping[str, str]) -> Step:
    now, to = State(ticket.state), State(macro.then_state)
    text = _("Status: %(label)s") % {"label": labels[to]}
    if now is to:
        return Step("check", text, is_needed=False)
    problem = "" if transitions.may_follow(now, to) else _("It cannot follow %(label)s.") % {"label": labels[now]}
    return Step("check", text, problem=problem)
