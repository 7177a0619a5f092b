"""How a locked page is answered: what every way of acknowledging and resolving it comes down to."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import policies
from escalation.doing import report
from escalation.models import Page, PageState
from escalation.opening import TIMER
from supportdesk.accounts.models import Membership, Vendor
from supportdesk.notifications.calling_off import call_off
from supportdesk.timers import actions as timers
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind


def acknowledge(
    page: Page, ticket: Ticket, *, by: Membership | None, at: datetime, by_what: str, named: str = ""
) -> None:
    """Writes that somebody answers for it. What has not left yet does not leave any more."""
    lasts = policies.ladder_in(page.contract_version_id, page.policy).acknowledged_for
    page.state, page.acknowledged_at, page.acknowledged_by = PageState.ACKNOWLEDGED, at, by
    page.acknowledged_as = "" if by is not None else named[:200]
    page.next_at = at + lasts if lasts is not None else None
    page.save()
    timers.set(TIMER, page.pk, page.next_at)
    who = page.answered_by
    call_off(occasions_of(page), why=_("%(name)s had acknowledged.") % {"name": who}, at=at)
    until = page.next_at.isoformat() if page.next_at is not None else None
    data = {"page": page.pk, "policy": page.policy, "as": page.acknowledged_as, "by_what": by_what, "until": until}
    event = timeline.record(ticket, Kind.PAGE_ACKNOWLEDGED, data, by=by, at=at)
    text = _("%(name)s acknowledged.") % {"name": who}
    _report(page, ticket, "acknowledge", f"acknowledged-{event.pk}", at=at, text=text, author=who)


def resolve(
    page: Page,
    ticket: Ticket,
    *,
    by: Membership | None,
    at: datetime,
    by_what: str,
    named: str = "",
    reason: str = "",
) -> None:
    """Writes that it is over."""
    page.state, page.resolved_at, page.resolved_by = PageState.RESOLVED, at, by
    page.resolved_as = "" if by is not None else named[:200]
    page.next_at = None
    page.save()
    timers.clear(TIMER, page.pk)
    call_off(occasions_of(page), why=_("It was over before."), at=at)
    data = {"page": page.pk, "policy": page.policy, "as": page.resolved_as, "by_what": by_what, "why": reason}
    event = timeline.record(ticket, Kind.PAGE_RESOLVED, data, by=by, at=at)
    who = page.settled_by
    text = reason or (_("%(name)s resolved it.") % {"name": who} if who else _("Resolved."))
    _report(page, ticket, "resolve", f"resolved-{event.pk}", at=at, text=text, author=who)


def occasions_of(page: Page) -> list[str]:
    """The keys under which people were told of it. One query."""
    steps = Event.objects.filter(ticket=page.ticket_id, kind__in=(Kind.PAGE_STEP, Kind.PAGE_HANDED), data__page=page.pk)
    return [key for key in steps.values_list("data__key", flat=True) if key]


def reopen(page: Page) -> None:
    """Takes an acknowledgement back, unsaved."""
    page.state = PageState.OPEN
    page.acknowledged_at = page.acknowledged_by = None
    page.acknowledged_as = ""


def _report(page: Page, ticket: Ticket, action: str, key: str, *, at: datetime, text: str, author: str) -> None:
    if page.posted_to:
        slug = Vendor.objects.get(pk=page.vendor_id).slug
        report(page, ticket, action, key=key, vendor=slug, at=at, text=text, author=author)
