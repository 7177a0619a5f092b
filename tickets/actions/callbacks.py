"""Asking to be called, and no longer wanting it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets import callbacks, events, phone_numbers
from tickets.actions.locking import locked, readers_only, staff_only
from tickets.errors import Refused
from tickets.models import Callback, Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind

FURTHEST = timedelta(days=14)
LASTS = timedelta(minutes=30)
"""In this time after the instant that was arranged the call is expected."""


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
def schedule_callback(
    ticket: Ticket, *, number: str, starts_at: datetime, by: Membership, at: datetime, note: str = ""
) -> Callback:
    """The desk arranges to call the customer at an instant, whatever the plan promises of calls; the customer is told.

    Whoever has the ticket makes the call and is reminded before it. In place of one that is waited for already. Raises
    Refused, naming the field.
    """
    staff_only(by)
    ticket = locked(ticket)
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    try:
        dialled = phone_numbers.dialled(number, zones=(ticket.requester.user.zone, by.vendor.zone))
    except ValueError as error:
        raise Refused(
            _("This is not a telephone number; write it with the country code, as in +49 30 901820."), field="number"
        ) from error
    ends_at = starts_at + LASTS
    _check_window(starts_at, ends_at, at)
    end_callback(ticket, CallbackOutcome.CANCELLED, at=at)
    callback = Callback.objects.create(
        ticket=ticket,
        number=dialled,
        starts_at=starts_at,
        ends_at=ends_at,
        asked_by=by,
        asked_at=at,
        note=" ".join(note.split())[:300],
        claimed_by=ticket.assignee or by,
    )
    said: dict[str, Any] = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    events.record(ticket, Kind.CALLBACK_SCHEDULED, by=by, at=at, callback=callback.pk, number=dialled, **said)
    return callback


@transaction.atomic
def claim_callback(ticket: Ticket, *, by: Membership, at: datetime, seen: int | None = None) -> Callback:
    """``by`` will make the call. ``seen``: the id of who was to make it, as the person saw it; Refused says who was
    quicker, and when no call is waited for."""
    staff_only(by)
    ticket = locked(ticket)
    callback = Callback.objects.filter(ticket=ticket).open().select_related("claimed_by__user").first()
    if callback is None:
        raise Refused(_("No call-back is waited for on this ticket."))
    if callback.claimed_by_id == by.pk:
        return callback
    if callback.claimed_by is not None and callback.claimed_by_id != seen:
        raise Refused(_("Somebody was quicker: %(name)s makes this call.") % {"name": callback.claimed_by.name})
    callback.claimed_by = by
    callback.save(update_fields=["claimed_by"])
    events.record(ticket, Kind.CALLBACK_CLAIMED, by=by, at=at, callback=callback.pk)
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
