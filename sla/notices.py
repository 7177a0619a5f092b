"""Who is told that a clock is at risk or broken: the assignee and the vendor's leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sla.models import METRICS
from supportdesk.accounts.models import Membership, TeamMember, Vendor
from supportdesk.notifications import actions as notifications
from tickets.models import Event
from tickets.models.event import Kind

_METRIC_NAMES = dict(METRICS)


def tell(alarms: Sequence[Event]) -> None:
    """One notice and one e-mail per alarm and person. Without an assignee the ticket's team hears of it too. A warning
    that comes together with the breach it warned of (after an outage) is not worth a message."""
    broken = {event.data["clock"] for event in alarms if event.kind == Kind.SLA_BREACHED}
    events = [each for each in alarms if each.kind == Kind.SLA_BREACHED or each.data["clock"] not in broken]
    if not events:
        return
    leads = list(Membership.objects.leads())
    team_ids = {event.ticket.team_id for event in events if event.ticket.assignee_id is None and event.ticket.team_id}
    members: dict[int, list[Membership]] = {}
    if team_ids:
        rows = TeamMember.objects.filter(team_id__in=team_ids, membership__is_active=True)
        for row in rows.select_related("membership__user"):
            members.setdefault(row.team_id, []).append(row.membership)
    slugs = dict(Vendor.objects.filter(pk__in={event.vendor_id for event in events}).values_list("pk", "slug"))
    for event in events:
        ticket = event.ticket
        holder = [ticket.assignee] if ticket.assignee is not None else members.get(ticket.team_id or 0, [])
        notifications.tell(
            {person.pk: person for person in (*holder, *leads)}.values(),
            kind=event.kind,
            title=_title(event),
            body=_body(event),
            path=reverse("desk-ticket", kwargs={"vendor": slugs[ticket.vendor_id], "number": ticket.number}),
            key=f"event-{event.pk}",
            at=event.at,
            ticket_number=ticket.number,
            thread=f"ticket-{ticket.vendor_id}-{ticket.number}",
        )


def _title(event: Event) -> str:
    metric = _METRIC_NAMES.get(event.data["metric"], event.data["metric"])
    named = {"number": event.ticket.number, "subject": event.ticket.subject, "metric": metric}
    if event.kind == Kind.SLA_BREACHED:
        return _("Overdue: %(metric)s of #%(number)s, %(subject)s") % named
    return _("At risk: %(metric)s of #%(number)s, %(subject)s") % named


def _body(event: Event) -> str:
    due = datetime.fromisoformat(event.data["due_at"]).strftime("%Y-%m-%d %H:%M UTC") if event.data["due_at"] else "–"
    promised = {"promise": event.data["promise"], "due": due}
    if event.kind == Kind.SLA_BREACHED:
        return _("Promised: %(promise)s. It was due at %(due)s and has not been kept.") % promised
    return _("Promised: %(promise)s. It is due at %(due)s.") % promised
