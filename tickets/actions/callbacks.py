"""Asking to be called, and no longer wanting it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets import callbacks, events, phone_numbers
from tickets.actions.locking import locked, readers_only
from tickets.errors import Refused
from tickets.models import Callback, Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind

FURTHEST = timedelta(days=14)


@transaction.atomic
def ask_for_callback(
    ticket: Ticket,
    *,
    number: str,
    by: Membership,
    at: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Callback:
    """The customer wants to be called, as soon as possible or between two instants of the next two weeks.

    A number without a country code is read as one of the country of the customer's zone, else of the vendor's. Raises
    Refused, naming the field, when the number or the window is none, the plan has no call-backs at this priority, or
    one is waited for already.
    """
    readers_only(ticket, by)
    ticket = locked(ticket)
    if not callbacks.is_offered(ticket):
        raise Refused(_("The support plan of this ticket has no phone call-backs at its priority."))
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    if Callback.objects.filter(ticket=ticket).open().exists():
        raise Refused(_("A call-back has been asked for already."))
    try:
        dialled = phone_numbers.dialled(number, zones=(by.user.zone, by.vendor.zone))
    except ValueError as error:
        raise Refused(
            _("This is not a telephone number we can call; write it with the country code, as in +49 30 901820."),
            field="number",
        ) from error
    _check_window(starts_at, ends_at, at)
    callback = Callback.objects.create(
        ticket=ticket, number=dialled, starts_at=starts_at, ends_at=ends_at, asked_by=by, asked_at=at
    )
    events.record(
        ticket,
        Kind.CALLBACK_REQUESTED,
        by=by,
        at=at,
        callback=callback.pk,
        number=dialled,
        starts_at=starts_at.isoformat() if starts_at else None,
        ends_at=ends_at.isoformat() if ends_at else None,
    )
    return callback


@transaction.atomic
def cancel_callback(ticket: Ticket, *, by: Membership, at: datetime) -> None:
    """Nobody needs to call any more. Raises Refused when no call is waited for."""
    readers_only(ticket, by)
    ticket = locked(ticket)
    callback = Callback.objects.filter(ticket=ticket).open().first()
    if callback is None:
        raise Refused(_("No call-back is waited for on this ticket."))
    end_callback(ticket, CallbackOutcome.CANCELLED, at=at)
    events.record(ticket, Kind.CALLBACK_CANCELLED, by=by, at=at, callback=callback.pk)


def end_callback(ticket: Ticket, outcome: CallbackOutcome, *, at: datetime) -> None:
    """Closes the open call-back of a locked ticket, if there is one."""
    Callback.objects.filter(ticket=ticket).open().update(ended_at=at, outcome=outcome)


def _check_window(starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> None:
    if starts_at is None and ends_at is None:
        return
    if starts_at is None:
        raise Refused(_("From when can we call?"), field="starts_at")
    if ends_at is None:
        raise Refused(_("Until when can we call?"), field="ends_at")
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the beginning."), field="ends_at")
    if ends_at <= at:
        raise Refused(_("This time has passed."), field="ends_at")
    if starts_at > at + FURTHEST:
        raise Refused(_("Choose a time within the next two weeks."), field="starts_at")
