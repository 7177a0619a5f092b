"""The steps of a ladder that do something else than telling people: posting, and handing the ticket on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext as _

from escalation import messages, policies
from escalation.ladder import Assign, Deed, Post, RaiseSeverity, SetTeam
from escalation.models import Page
from escalation.whom import People
from plans.models import Priority
from supportdesk.accounts.models import Team
from supportdesk.notifications import incidents
from supportdesk.notifications.models import Integration
from tickets import actions as tickets
from tickets.models import Ticket


def do(
    page: Page,
    ticket: Ticket,
    deed: Deed,
    people: People,
    posts: list[incidents.Post],
    *,
    vendor: str,
    at: datetime,
) -> dict[str, Any]:
    """Does it, and answers what the timeline says of it beside: ``detail``, and ``missing`` where it could not be
    done. A step that names something that is gone is passed over and says so; it holds nobody up. What is to be posted
    is added to ``posts``."""
    match deed.step:
        case Post(name):
            return _post(page, ticket, people.integrations.get(name.lower()), name, posts, vendor=vendor, at=at)
        case Assign():
            found = [people.contacts[each.key].member for each in deed.people]
            to = found[0] if found else None
            if deed.step.whom and to is None:
                return {"detail": deed.step.whom, "missing": True}
            tickets.assign(ticket, to=to, by=None, at=at)
            return {"detail": to.name if to is not None else ""}
        case SetTeam(slug):
            team = Team.objects.filter(slug=slug).first()
            if team is not None:
                tickets.set_team(ticket, team=team, by=None, at=at)
            return {"detail": team.name if team is not None else slug, "missing": team is None}
        case RaiseSeverity(code):
            return {"detail": code, "missing": not _raise(ticket, code, at=at)}
    return {"detail": "", "missing": False}


def report(page: Page, ticket: Ticket, action: str, *, key: str, vendor: str, at: datetime, **said: str) -> None:
    """Tells every service that has an incident of the page what became of it."""
    if not page.posted_to:
        return
    for integration in Integration.objects.filter(name__in=page.posted_to).order_by("pk"):
        incidents.post(
            integration=integration,
            action=cast("incidents.Action", action),
            incident_key=page.incident_key,
            title=messages.title_of(page, ticket),
            body=said.get("text", ""),
            severity=cast("incidents.Severity", policies.severity_of(page.rank)),
            path=messages.path_of(page, vendor),
            key=f"page-{page.pk}-{key}",
            at=at,
            ticket_number=ticket.number,
            links=[(page.bridge, _("Conference bridge"))] if page.bridge else (),
            author=said.get("author", ""),
        )


def trigger_key(page: Page, landing: int) -> str:
    """The key of the incidents that a landing of the page opened, by its number."""
    return f"page-{page.pk}-trigger-{landing}"


def _post(
    page: Page,
    ticket: Ticket,
    integration: Integration | None,
    name: str,
    posts: list[incidents.Post],
    *,
    vendor: str,
    at: datetime,
) -> dict[str, Any]:
    if integration is None:
        return {"detail": name, "missing": True}
    posts.append(
        incidents.Post(
            integration=integration,
            action="trigger",
            incident_key=page.incident_key,
            title=messages.title_of(page, ticket),
            body=messages.body_of(page, ticket),
            severity=cast("incidents.Severity", policies.severity_of(page.rank)),
            path=messages.path_of(page, vendor),
            key=trigger_key(page, page.landings),
            at=at,
            ticket_number=ticket.number,
            links=[(page.bridge, _("Conference bridge"))] if page.bridge else (),
        )
    )
    page.posted_to = sorted({*page.posted_to, integration.name})
    return {"detail": integration.name, "missing": not integration.is_enabled}


def _raise(ticket: Ticket, code: str, *, at: datetime) -> bool:
    """Sets the severity unless the ticket's is as grave; False when the contract no longer has it."""
    schemes = list(Priority.objects.current().of_kind("severity")) or list(
        Priority.objects.current().of_kind("priority")
    )
    severity = next((each for each in schemes if each.code == code), None)
    if severity is not None and (ticket.severity is None or ticket.severity.rank > severity.rank):
        tickets.triage(ticket, severity=severity, by=None, at=at)
    return severity is not None
