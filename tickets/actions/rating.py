"""The customer's word on the outcome."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.locking import locked
from tickets.errors import Refused
from tickets.models import Rating, Ticket
from tickets.models.event import Kind


@transaction.atomic
def rate(ticket: Ticket, *, by: Membership, at: datetime, is_good: bool, comment: str = "") -> Rating:
    """Says whether the outcome is good, with a comment of up to 2,000 characters; again replaces what was said.

    Only the requester may (PermissionDenied). Raises Refused while the ticket is open.
    """
    if by.pk != ticket.requester_id:
        raise PermissionDenied(_("Only the person who filed this ticket can rate it."))
    ticket = locked(ticket)
    if ticket.is_open:
        raise Refused(_("The outcome can be rated once the ticket is resolved."))
    rating, _is_new = Rating.objects.update_or_create(
        ticket=ticket, defaults={"is_good": is_good, "comment": comment.strip()[:2000], "by": by, "at": at}
    )
    events.record(ticket, Kind.RATED, by=by, at=at, is_good=is_good)
    return rating
