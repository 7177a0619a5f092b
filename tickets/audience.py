"""Who hears of a ticket, and where each of them reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse

from supportdesk.accounts.models import Membership, TeamMember, Vendor
from supportdesk.notifications.actions import EMAIL, INBOX, tell
from tickets.models import Event, Follower, Ticket

BOTH = (INBOX, EMAIL)


def path_for(ticket: Ticket, who: Membership) -> str:
    """Where this person reads the ticket: customers in the portal, staff on the desk."""
    vendor = Vendor.objects.get(pk=ticket.vendor_id)
    name = "desk-ticket" if who.is_staff_side else "portal-ticket"
    return reverse(name, kwargs={"vendor": vendor.slug, "number": ticket.number})


def desk_people(ticket: Ticket) -> list[Membership]:
    """The assignee; without one the team's members; without a team everybody on the desk."""
    if ticket.assignee is not None:
        return [ticket.assignee]
    if ticket.team_id is not None:
        members = TeamMember.objects.filter(team_id=ticket.team_id, membership__is_active=True)
        people = [each.membership for each in members.select_related("membership__user")]
        if people:
            return people
    return list(Membership.objects.staff())


def readers(ticket: Ticket) -> list[Membership]:
    """The requester, as long as they see the project, and everybody who follows. Two queries."""
    asked = Membership.objects.seeing(ticket.project_id).filter(pk=ticket.requester_id).exists()
    return [*([ticket.requester] if asked else []), *followers(ticket)]


def followers(ticket: Ticket) -> list[Membership]:
    """Those who follow and may still read the ticket. One query."""
    follow = Follower.objects.filter(ticket=ticket, person__in=Membership.objects.seeing(ticket.project_id))
    people = [each.person for each in follow.with_people()]
    return [each for each in people if each.is_staff_side or each.organization_id == ticket.organization_id]


def tell_of(
    event: Event, people: Iterable[Membership], title: str, body: str = "", *, channels: Sequence[str] = BOTH
) -> None:
    """One notice and one e-mail for each of these people, never for the one who did it. Customers are sent to the
    portal and staff to the desk."""
    others = {person.pk: person for person in people if person.pk != event.by_id}.values()
    ticket = event.ticket
    for side in (
        [person for person in others if person.is_customer_side],
        [person for person in others if person.is_staff_side],
    ):
        if side:
            tell(
                side,
                kind=event.kind,
                title=title,
                body=body,
                path=path_for(ticket, side[0]),
                key=f"event-{event.pk}",
                at=event.at,
                channels=channels,
                ticket_number=ticket.number,
                thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
            )
