"""Saying what one ticket has to do with another, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Event, Link, Ticket
from tickets.models.event import Kind
from tickets.models.link import LinkKind


@transaction.atomic
def link(ticket: Ticket, *, to: Ticket, kind: LinkKind, by: Membership, at: datetime) -> Link:
    """``ticket`` is related to, a duplicate of, caused by, blocking or part of ``to``; both timelines say so.

    Nobody is told, and customers do not see it. Twice is once. Raises Refused (``to``) for the ticket itself, when the
    two have such a link the other way round, and when an incident would be part of another incident.
    """
    staff_only(by)
    if ticket.pk == to.pk:
        raise Refused(_("A ticket cannot be linked with itself."), field="to")
    both = {each.pk: locked(each) for each in sorted((ticket, to), key=lambda each: each.pk)}
    ticket, to = both[ticket.pk], both[to.pk]
    known = Link.objects.filter(source=ticket, target=to, kind=kind).first()
    if known is not None:
        return known
    if kind is not LinkKind.RELATED and Link.objects.filter(source=to, target=ticket, kind=kind).exists():
        raise Refused(
            _("#%(number)s has this link with the present ticket already.") % {"number": to.number}, field="to"
        )
    if kind is LinkKind.RELATED and (other := Link.objects.filter(source=to, target=ticket, kind=kind).first()):
        return other
    if kind is LinkKind.PART:
        _check_incident(ticket, to)
    made = Link.objects.create(source=ticket, target=to, kind=kind, by=by, at=at)
    _record(Kind.LINKED, made, by=by, at=at)
    return made


@transaction.atomic
def unlink(ticket: Ticket, *, link: Link, by: Membership, at: datetime) -> None:
    """The two have this no longer to do with each other."""
    staff_only(by)
    both = sorted((link.source, link.target), key=lambda each: each.pk)
    list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=[each.pk for each in both]).order_by("pk"))
    if not Link.objects.filter(pk=link.pk).delete()[0]:
        return
    _record(Kind.UNLINKED, link, by=by, at=at)


def _check_incident(child: Ticket, incident: Ticket) -> None:
    """One level: an incident has parts and is none, and a ticket is part of one incident."""
    present = Link.objects.filter(source=child, kind=LinkKind.PART).select_related("target").first()
    if present is not None:
        raise Refused(
            _("This ticket is part of incident #%(number)s already.") % {"number": present.target.number}, field="to"
        )
    if Link.objects.filter(source=incident, kind=LinkKind.PART).exists():
        raise Refused(_("#%(number)s is itself part of an incident.") % {"number": incident.number}, field="to")
    if Link.objects.children_of(child).exists():
        raise Refused(_("This ticket is an incident with tickets of its own."), field="to")


def _record(kind: Kind, link: Link, *, by: Membership, at: datetime) -> None:
    """On both timelines, each naming the other ticket."""
    told = ((link.source, link.target, False), (link.target, link.source, True))
    events.record_many(
        [
            Event(
                ticket=ticket,
                kind=kind,
                by=by,
                at=at,
                data={"link": link.kind, "number": other.number, "is_inverse": is_inverse},
            )
            for ticket, other, is_inverse in told
        ]
    )
