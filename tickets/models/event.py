"""The timeline: what happened to a ticket, append-only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class Kind(models.TextChoices):
    """Everything that can stand on a timeline. The data each carries is documented in ``tickets/events.py``."""

    OPENED = "opened"
    CUSTOMER_REPLIED = "customer_replied"
    REPLIED = "replied"
    NOTED = "noted"
    AUTO_REPLIED = "auto_replied"
    CALL_LOGGED = "call_logged"
    ASSIGNED = "assigned"
    TEAM_CHANGED = "team_changed"
    PRIORITY_CHANGED = "priority_changed"
    SEVERITY_CHANGED = "severity_changed"
    CATEGORY_CHANGED = "category_changed"
    PLAN_CHANGED = "plan_changed"
    STATUS_CHANGED = "status_changed"
    UPDATE_PROMISED = "update_promised"
    NO_REPLY_NEEDED = "no_reply_needed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    MERGED = "merged"
    UNMERGED = "unmerged"
    SPLIT = "split"
    LINKED = "linked"
    UNLINKED = "unlinked"
    SCOPE_DECIDED = "scope_decided"
    FEE_ANSWERED = "fee_answered"
    ISSUE_ADDED = "issue_added"
    ISSUE_CHANGED = "issue_changed"
    ISSUE_REMOVED = "issue_removed"
    TIME_LOGGED = "time_logged"
    DELIVERY_REQUESTED = "delivery_requested"
    DELIVERED = "delivered"
    CALLBACK_REQUESTED = "callback_requested"
    CALLBACK_CANCELLED = "callback_cancelled"
    CALLBACK_SCHEDULED = "callback_scheduled"
    CALLBACK_CLAIMED = "callback_claimed"
    CONFERENCE_ADDED = "conference_added"
    CONFERENCE_ENDED = "conference_ended"
    FOLLOWER_ADDED = "follower_added"
    FOLLOWER_REMOVED = "follower_removed"
    PRIORITY_REQUESTED = "priority_requested"
    PRIORITY_DECLINED = "priority_declined"
    ESCALATED = "escalated"
    FOLLOWED_UP = "followed_up"
    RATED = "rated"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    NOBODY_FITS = "nobody_fits"
    SLA_WARNING = "sla.warning"
    SLA_BREACHED = "sla.breached"
    PAGE_OPENED = "page.opened"
    PAGE_STEP = "page.step"
    PAGE_MISSED = "page.missed"
    PAGE_UNTAKEN = "page.untaken"
    PAGE_ACKNOWLEDGED = "page.acknowledged"
    PAGE_RESUMED = "page.resumed"
    PAGE_HANDED = "page.handed"
    PAGE_NOTED = "page.noted"
    PAGE_BRIDGED = "page.bridged"
    PAGE_RESOLVED = "page.resolved"


PAGE_KINDS = (
    Kind.PAGE_OPENED,
    Kind.PAGE_STEP,
    Kind.PAGE_MISSED,
    Kind.PAGE_UNTAKEN,
    Kind.PAGE_ACKNOWLEDGED,
    Kind.PAGE_RESUMED,
    Kind.PAGE_HANDED,
    Kind.PAGE_NOTED,
    Kind.PAGE_BRIDGED,
    Kind.PAGE_RESOLVED,
)
"""What is done about a page, all with its number as ``page``."""

INTERNAL_KINDS = (
    Kind.NOTED,
    Kind.ASSIGNED,
    Kind.TEAM_CHANGED,
    Kind.NOBODY_FITS,
    Kind.SEVERITY_CHANGED,
    Kind.LINKED,
    Kind.UNLINKED,
    Kind.ISSUE_REMOVED,
    Kind.TIME_LOGGED,
    Kind.CALLBACK_CLAIMED,
    Kind.CATEGORY_CHANGED,
    Kind.TAGGED,
    Kind.UNTAGGED,
    Kind.SLA_WARNING,
    Kind.SLA_BREACHED,
    *PAGE_KINDS,
)


class EventQuerySet(VendorQuerySet["Event"]):
    def visible_to(self, who: Membership) -> EventQuerySet:
        return self if who.is_staff_side else self.exclude(kind__in=INTERNAL_KINDS)


class Event(VendorModel):
    """``by`` None is the system. ``at`` is when it happened, which for a breach is its due instant, not its firing."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    message = VendorForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="events", db_index=False)
    data = models.JSONField(default=dict)

    objects = VendorManager.from_queryset(EventQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        indexes = [
            models.Index(fields=["vendor", "ticket", "at", "id"], name="event_timeline"),
            models.Index(
                fields=["vendor", "at"],
                include=["kind", "by"],
                name="event_done",
                condition=Q(kind__in=[Kind.REPLIED, Kind.CALL_LOGGED, Kind.RESOLVED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"
