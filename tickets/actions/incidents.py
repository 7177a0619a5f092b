"""One answer for all tickets that an incident has caused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets.actions.conversation import reply
from tickets.actions.locking import staff_only
from tickets.errors import Refused
from tickets.models import Link, Ticket


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one ticket: ``refused`` says why it was left alone, empty when it was answered."""

    ticket: Ticket
    refused: str = ""


@transaction.atomic
def answer_together(
    incident: Ticket,
    *,
    children: Sequence[Ticket],
    by: Membership,
    at: datetime,
    body: str,
    then_state: State | None = None,
    next_update_at: datetime | None = None,
) -> list[Answered]:
    """Writes the same public message to each of these tickets, parts of the incident, each to its own customer.

    A ticket that refuses it (moved on, merged) is left as it was, and the others are answered. Raises Refused
    (``body``, ``children``) when nothing is written or nobody is chosen.
    """
    staff_only(by)
    if not body.strip():
        raise Refused(_("Write something first."), field="body")
    if not children:
        raise Refused(_("Choose at least one ticket."), field="children")
    parts = set(Link.objects.children_of(incident).values_list("source_id", flat=True))
    done = []
    for child in sorted(children, key=lambda each: each.pk):
        if child.pk not in parts:
            done.append(Answered(child, _("It is no longer part of this incident.")))
            continue
        try:
            with transaction.atomic():
                reply(child, by=by, at=at, body=body, then_state=then_state, next_update_at=next_update_at)
        except ValidationError as error:
            done.append(Answered(child, " ".join(error.messages)))
        else:
            done.append(Answered(child))
    return done
