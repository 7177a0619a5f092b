"""Handing a matter to those who build the product, and following what they track for it elsewhere."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from plans.contract.desk import HandoverKindSection, HandoverSection
from supportdesk.accounts.models import Membership, Team
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.actions.triage import set_team
from tickets.errors import Refused
from tickets.models import ExternalIssue, Ticket
from tickets.models.event import Kind
from tickets.models.external_issue import IssueState

WEB = ("https", "http")


@transaction.atomic
def add_issue(
    ticket: Ticket,
    *,
    url: str,
    title: str,
    by: Membership,
    at: datetime,
    asked: tuple[HandoverSection, HandoverKindSection] | None = None,
    hands_over: bool = False,
) -> ExternalIssue:
    """Notes where the ticket's matter is tracked elsewhere; ``asked``: what the contract calls it and whose it is.

    With ``hands_over`` the ticket goes to that team too. The customer is shown the kind, its state and its warning, and
    neither address nor title. Raises Refused, naming the field, for what is no web address or there already.
    """
    staff_only(by)
    ticket = locked(ticket)
    parts = urlsplit(url.strip())
    if parts.scheme not in WEB or not parts.hostname or parts.username or parts.password:
        raise Refused(_("Write the web address of the issue, as in https://tracker.example.com/123."), field="url")
    if not title.strip():
        raise Refused(_("Say in a few words what the issue is."), field="title")
    if ExternalIssue.objects.filter(ticket=ticket, url=url.strip()).exists():
        raise Refused(_("This issue is on the ticket already."), field="url")
    kind = asked[1] if asked else None
    issue = ExternalIssue.objects.create(
        ticket=ticket,
        kind=kind.slug if kind else "",
        name=kind.name if kind else "",
        url=url.strip(),
        title=title.strip()[:200],
        added_by=by,
        added_at=at,
        changed_at=at,
    )
    _record(issue, Kind.ISSUE_ADDED, by=by, at=at)
    if asked and hands_over:
        set_team(ticket, team=Team.objects.get(slug=asked[0].team), by=by, at=at)
    return issue


@transaction.atomic
def change_issue(issue: ExternalIssue, *, state: IssueState, by: Membership, at: datetime) -> ExternalIssue:
    """What has become of it there. Twice is once."""
    staff_only(by)
    locked(issue.ticket)
    issue.refresh_from_db()
    before = issue.state
    if before != state:
        issue.state, issue.changed_at = state, at
        issue.save(update_fields=["state", "changed_at"])
        _record(issue, Kind.ISSUE_CHANGED, {"from": before}, by=by, at=at)
    return issue


@transaction.atomic
def remove_issue(issue: ExternalIssue, *, by: Membership, at: datetime) -> None:
    """It is not about this ticket."""
    staff_only(by)
    locked(issue.ticket)
    if ExternalIssue.objects.filter(pk=issue.pk).delete()[0]:
        _record(issue, Kind.ISSUE_REMOVED, by=by, at=at)


def _record(
    issue: ExternalIssue, kind: Kind, moved: dict[str, str] | None = None, *, by: Membership, at: datetime
) -> None:
    """Customers are told of what the contract has a name for."""
    said = {"kind": issue.kind, "name": issue.name, "title": issue.title, "url": issue.url, "state": issue.state}
    events.record(issue.ticket, kind, (moved or {}) | said, by=by, at=at, is_staff=not issue.name)
