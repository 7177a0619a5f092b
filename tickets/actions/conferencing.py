"""Meeting on a ticket, to talk or to share a screen ("Phone calls and screen-sharing may be employed", Platform.sh)."""

from __future__ import annotations

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from plans import queries as plan_queries
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Conference, Ticket
from tickets.models.event import Kind


@transaction.atomic
def open_conference(
    ticket: Ticket, *, by: Membership, at: datetime, url: str = "", starts_at: datetime | None = None
) -> Conference:
    """A link for both sides, now or at an instant, in place of an open one. Without ``url`` a room of the contract's.

    Raises Refused, naming the field, for what is no https address, without one where the contract has no rooms, and
    for an instant in the past.
    """
    staff_only(by)
    ticket = locked(ticket)
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    url = url.strip() or room_for(ticket)
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise Refused(_("Write the https address of the meeting."), field="url")
    if starts_at is not None and starts_at <= at:
        raise Refused(_("This time has passed; leave it empty to begin now."), field="starts_at")
    Conference.objects.filter(ticket=ticket).open().update(ended_at=at)
    conference = Conference.objects.create(
        ticket=ticket, url=f"https://{url[8:]}", starts_at=starts_at, added_by=by, added_at=at
    )
    said = starts_at.isoformat() if starts_at else None
    events.record(ticket, Kind.CONFERENCE_ADDED, by=by, at=at, conference=conference.pk, starts_at=said)
    return conference


@transaction.atomic
def end_conference(ticket: Ticket, *, by: Membership, at: datetime) -> None:
    """The link is taken off the ticket. Raises Refused when there is none."""
    staff_only(by)
    ticket = locked(ticket)
    if not Conference.objects.filter(ticket=ticket).open().update(ended_at=at):
        raise Refused(_("There is no meeting on this ticket."))
    events.record(ticket, Kind.CONFERENCE_ENDED, by=by, at=at)


def room_for(ticket: Ticket) -> str:
    """A new room by the contract's address; empty where the contract has none. Nobody can guess its token."""
    contract = plan_queries.current_contract()
    if contract is None or contract.conference is None:
        return ""
    return contract.conference.url.replace("{token}", secrets.token_hex(10)).replace("{number}", str(ticket.number))
