"""Filing a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _

from plans import queries as plan_queries
from plans.models import Category, Priority
from plans.states import State
from supportdesk.accounts.models import Membership, Project, Team, VendorCounter
from tickets import events, uploads
from tickets.actions.escalating import heed_keyword
from tickets.errors import Refused
from tickets.models import Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageChannel, MessageKind


@transaction.atomic
def open_ticket(
    *,
    by: Membership,
    at: datetime,
    project: Project,
    priority: Priority,
    subject: str,
    body: str,
    requester: Membership | None = None,
    contact_at: datetime | None = None,
    category: Category | None = None,
    environment: str = "",
    url: str = "",
    fields: dict[str, Any] | None = None,
    is_shared: bool = False,
    team: Team | None = None,
    files: Sequence[UploadedFile[Any]] = (),
    channel: MessageChannel = MessageChannel.PORTAL,
    submission: UUID | None = None,
    follow_up_of: Ticket | None = None,
) -> Ticket:
    """A new ticket, in the state *new*, under the plan to which its project is subscribed at ``at``.

    Agents open one for a ``requester`` and state when the customer made contact (``contact_at``, not after ``at``):
    clocks run from there. The vendor's keyword in what a customer files escalates it at once. The same
    ``submission`` twice answers the ticket that the first made. Raises Refused, naming the field, when the project has
    no active subscription, is another organization's or closed to the requester, or when text or files are not
    acceptable.
    """
    if submission is not None and (made := _made_by(submission)) is not None:
        return made
    requester = requester or by
    received_at = contact_at or at
    if not subject.strip():
        raise Refused(_("Say in a few words what is wrong."), field="subject")
    if not body.strip():
        raise Refused(_("Describe the issue."), field="body")
    if received_at > at:
        raise Refused(_("The customer's contact cannot be in the future."), field="contact_at")
    if requester.organization_id != project.organization_id:
        raise Refused(_("This project belongs to another organization."), field="project")
    if not Membership.objects.seeing(project.pk).filter(pk=requester.pk).exists():
        raise Refused(
            _("%(name)s does not see %(project)s.") % {"name": requester.name, "project": project.name}, field="project"
        )
    plan_version = plan_queries.plan_version_for(project, received_at)
    if plan_version is None:
        raise Refused(
            _("%(project)s has no active support subscription, so a ticket cannot be filed for it.")
            % {"project": project.name},
            field="project",
        )
    uploads.check(files)
    vendor_id = project.vendor_id
    ticket = Ticket.objects.create(
        number=VendorCounter.take(vendor_id, "ticket"),
        subject=" ".join(subject.split())[:200],
        organization_id=project.organization_id,
        project=project,
        plan_version=plan_version,
        plan_rank=plan_version.plan.rank,
        category=category,
        environment=environment,
        priority=priority,
        state=State.NEW,
        state_since=at,
        requester=requester,
        team=team or Team.objects.order_by("id").first(),
        is_shared=is_shared,
        url=url,
        fields=fields or {},
        received_at=received_at,
        created_at=at,
        updated_at=at,
        unanswered_since=received_at,
        submission=submission,
        follow_up_of=follow_up_of,
    )
    message = Message.objects.create(
        ticket=ticket,
        author=requester,
        kind=MessageKind.PUBLIC,
        channel=channel,
        body=body.strip(),
        created_at=received_at,
    )
    uploads.keep(files, ticket=ticket, message=message, at=at)
    events.record(
        ticket,
        Kind.OPENED,
        by=by,
        at=received_at,
        message=message,
        priority=priority.code,
        severity=None,
        state=State.NEW.value,
        plan_version=plan_version.pk,
        received_at=received_at.isoformat(),
    )
    if by.is_customer_side:
        heed_keyword(ticket, message, by=by, at=at, title=ticket.subject)
    return ticket


def _made_by(submission: UUID) -> Ticket | None:
    """The ticket that this submission made already. Of two at one instant, the second waits here for the first."""
    key = submission.int % 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    return Ticket.objects.filter(submission=submission).first()
