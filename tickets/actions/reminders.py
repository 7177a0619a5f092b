"""What the desk writes by itself to a customer who is waited for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from plans import queries as plan_queries
from plans.states import State
from tickets import events
from tickets.actions.conversation import write
from tickets.actions.status import change_state
from tickets.models import Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageChannel, MessageKind


@transaction.atomic
def remind(ticket: Ticket, *, number: int, of: int, resolves_at: datetime | None, at: datetime) -> Message:
    """The ``number``-th of ``of`` reminders on a locked ticket: that an answer is needed, and what happens without."""
    lines = [
        _("We are waiting for your answer to go on with this request."),
        _("This is reminder %(number)s of %(of)s, sent automatically.") % {"number": number, "of": of},
    ]
    if resolves_at is not None:
        lines.append(_("Without an answer we resolve the request on %(when)s.") % {"when": _said(ticket, resolves_at)})
    elif number == of:
        lines.append(_("It is the last one; the request stays open."))
    data: dict[str, object] = {
        "reminder": number,
        "of": of,
        "resolves_at": resolves_at.isoformat() if resolves_at else None,
    }
    return _say(ticket, " ".join(lines), data, at=at)


@transaction.atomic
def resolve_unanswered(ticket: Ticket, *, reminders: int, at: datetime) -> None:
    """Resolves a locked ticket whose customer did not answer, and says how it can go on."""
    lines = [
        _("We have not heard from you after %(reminders)s reminders, so this request is now resolved.")
        % {"reminders": reminders}
    ]
    contract = plan_queries.current_contract()
    if contract is not None:
        until = _said(ticket, at + contract.reopen.within)
        lines.append(_("If it still matters, write here: until %(until)s that reopens it.") % {"until": until})
    _say(ticket, " ".join(lines), {"then": State.RESOLVED.value}, at=at)
    reason = _("No answer after %(reminders)s reminders.") % {"reminders": reminders}
    change_state(ticket, State.RESOLVED, by=None, at=at, reason=reason)


def _say(ticket: Ticket, body: str, data: dict[str, object], *, at: datetime) -> Message:
    message = write(ticket, by=None, at=at, body=body, files=(), kind=MessageKind.AUTO, channel=MessageChannel.SYSTEM)
    events.record(ticket, Kind.AUTO_REPLIED, data, by=None, at=at, message=message)
    return message


def _said(ticket: Ticket, instant: datetime) -> str:
    """The instant in the requester's zone, which it names."""
    local = instant.astimezone(ZoneInfo(ticket.requester.user.zone))
    return date_format(local, pgettext("date format", "D j F Y, H:i T"))
