"""A macro done to a ticket: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets.actions.conversation import note, promise_update, reply
from tickets.actions.locking import locked
from tickets.actions.status import set_state
from tickets.actions.tagging import tag, tag_named
from tickets.actions.triage import assign, hand_over, set_team, triage
from tickets.errors import Refused
from tickets.models import Macro, Ticket
from tickets.models.macro import Assign
from tickets.variables import filled, missing_in


@transaction.atomic
def apply_macro(
    ticket: Ticket,
    macro: Macro,
    *,
    by: Membership,
    at: datetime,
    values: Mapping[str, str],
    text: str | None = None,
    seen: int | None = None,
) -> Ticket:
    """Does everything the macro says through the same actions as by hand, in one transaction: what one of them refuses,
    the whole macro refuses, and nothing is written.

    ``values`` fill the variables; ``text`` is the reply as the agent changed it, None as it is prepared; ``seen`` holds
    the reply back as in ``reply``.
    """
    if not Macro.objects.usable_by(by).filter(pk=macro.pk).exists():
        raise PermissionDenied(_("This macro is not yours to use."))
    ticket = locked(ticket)
    if macro.severity is not None:
        ticket = triage(ticket, severity=macro.severity, by=by, at=at)
    ticket = _pass_on(ticket, macro, by=by, at=at)
    for name in macro.tags:
        ticket = tag(ticket, tag=tag_named(name), by=by, at=at)
    if macro.note:
        note(ticket, by=by, at=at, body=_complete(macro.note, values, field="note"))
    to = State(macro.then_state) if macro.then_state and macro.then_state != ticket.state else None
    until = at + timedelta(minutes=macro.next_update_minutes) if macro.next_update_minutes else None
    if macro.reply:
        body = _complete(macro.reply if text is None else text, values, field="body")
        reply(ticket, by=by, at=at, body=body, then_state=to, next_update_at=until, seen=seen)
        return locked(ticket)
    if until is not None:
        promise_update(ticket, by=by, at=at, next_update_at=until)
    return set_state(ticket, to, by=by, at=at) if to is not None else ticket


def _pass_on(ticket: Ticket, macro: Macro, *, by: Membership, at: datetime) -> Ticket:
    if macro.assign == Assign.NOBODY and macro.group is not None:
        return hand_over(ticket, team=macro.group, by=by, at=at)
    if macro.group is not None:
        ticket = set_team(ticket, team=macro.group, by=by, at=at)
    if macro.assign == Assign.NOBODY:
        return assign(ticket, to=None, by=by, at=at)
    if macro.assign in (Assign.ME, Assign.PERSON):
        to = by if macro.assign == Assign.ME else macro.assignee
        if to is not None and not to.is_active:
            raise Refused(_("%(name)s is no longer here.") % {"name": to.name})
        return assign(ticket, to=to, by=by, at=at)
    return ticket


def _complete(text: str, values: Mapping[str, str], *, field: str) -> str:
    body = filled(text, values)
    missing = missing_in(body)
    if missing:
        raise Refused(_("Put something in the place of %(mark)s first.") % {"mark": missing[0]}, field=field)
    return body
