"""A night at a desk that pages: who is on call, a ticket filed, and time that goes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from escalation.models import Page
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.rows import rota_row, version_row
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import PAGE_KINDS

NIGHT = datetime(2026, 3, 3, 9, 10, tzinfo=UTC)
"""Ten past two in Denver, a Tuesday."""
MINUTE = timedelta(minutes=1)


def on_call(*layers: Membership, rota: str) -> None:
    """These people, one to a layer, day and night."""
    version_row(rota_row(rota), *([person] for person in layers))


def filed(desk: Desk, priority: str, at: datetime = NIGHT, *, body: str = "Every address answers 503.") -> Ticket:
    return actions.open_ticket(
        by=desk.alice,
        at=at,
        project=desk.project,
        priority=desk.priority(priority),
        subject="The site is down",
        body=body,
    )


def live(until: datetime) -> None:
    """Everything that is due before ``until`` happens at its instant."""
    while True:
        due = Timer.objects.filter(due_at__lt=until, kind__startswith="escalation.").order_by("due_at").first()
        if due is None or due.due_at is None:
            return
        fire_due(until=due.due_at + timedelta(milliseconds=1))


def page_of(ticket: Ticket, policy: str = "") -> Page:
    pages = Page.objects.filter(ticket=ticket)
    return pages.get(policy=policy) if policy else pages.get()


def told(page: Page, begin: datetime = NIGHT) -> list[tuple[int, str, str]]:
    """Who was told: minutes after the beginning, the name, and by which ways."""
    found = []
    for event in history(page):
        for _member, name, _why, _is_quiet in event.data.get("people", ()):
            found.append((round((event.at - begin) / MINUTE), name, " ".join(event.data["channels"])))
    return found


def history(page: Page) -> list[Event]:
    events = Event.objects.filter(ticket_id=page.ticket_id, kind__in=PAGE_KINDS, data__page=page.pk)
    return list(events.order_by("at", "id"))


def kinds(page: Page) -> list[str]:
    return [event.kind.removeprefix("page.") for event in history(page)]


def sent(page: Page) -> list[Delivery]:
    return list(Delivery.objects.filter(occasion__startswith=f"page-{page.pk}-").order_by("id"))


def notices(page: Page) -> list[Notice]:
    return list(Notice.objects.filter(key__startswith=f"page-{page.pk}-").order_by("id"))
