"""The ticket: a request for support and where it stands."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _

from plans.states import State
from supportdesk.accounts.models import EnvironmentKind, Membership, Organization, Project, Role, Team
from supportdesk.accounts.models.organization import seen_projects
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.follower import Follower

SETTLED_STATES = (State.RESOLVED,)
STATES_OF_WORK = tuple(state.value for state in State if state not in SETTLED_STATES)


NEVER = Cast(models.Value("infinity"), models.DateTimeField())
"""What stands in the queue's order for an instant that there is none of: after all others."""


class PlanOrder(models.Func):
    """The column ``plan_order``, which the database makes of ``plan_rank`` so that the higher plan comes first in an
    ascending order: see the migration ``queue``."""

    arity = 1
    output_field = models.SmallIntegerField()

    def __init__(self) -> None:
        super().__init__(F("plan_rank"))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        column, params = super().as_sql(compiler, connection, template="%(expressions)s")
        return column.replace('"plan_rank"', '"plan_order"'), params


def queue_order() -> tuple[Combinable, ...]:
    """The columns of the queue's order, all ascending and none ever null, as the index ``ticket_queue`` has them."""
    return _or_never("next_due_at"), _or_never("unanswered_since"), PlanOrder(), F("id")


def _or_never(column: str) -> Combinable:
    """By CASE, because PostgreSQL does not take COALESCE for leakproof: under row-level security it leads no index."""
    empty = models.When(**{f"{column}__isnull": True}, then=NEVER)
    return models.Case(empty, default=F(column), output_field=models.DateTimeField())


IN_ROWS = (
    "organization",
    "project",
    "priority",
    "severity",
    "assignee__user",
    "requester__user",
    "team",
    "plan_version__plan",
)
"""The relations that a list row can show."""

WIDE = {
    "priority": ("priority__definition", "priority__examples", "priority__criteria"),
    "severity": ("severity__definition", "severity__examples", "severity__criteria"),
    "category": ("category__description", "category__fields"),
    "plan_version__plan": ("plan_version__details", "plan_version__plan__description"),
}
"""Of a joined relation, what no row shows and is long: it would come again with every row."""


class TicketQuerySet(VendorQuerySet["Ticket"]):
    def visible_to(self, who: Membership) -> TicketQuerySet:
        """The only door: staff see the vendor's tickets; customers their own, those shared with their organization and
        those of their organization that they follow, of the projects that they see; organization managers all of their
        organization's."""
        if who.is_staff_side:
            return self
        if who.organization_id is None or not who.is_active:
            return self.none()
        own_organization = self.filter(organization_id=who.organization_id)
        if who.role == Role.MANAGER:
            return own_organization
        return own_organization.filter(
            Q(requester_id=who.pk) | Q(is_shared=True) | _followed_by(who), seen_projects(who, "project_id")
        )

    def told_to(self, who: Membership) -> TicketQuerySet:
        """Of the visible ones those that others filed and that this person may know of by name: shared with the
        organization, or followed."""
        return self.filter(Q(is_shared=True) | _followed_by(who)).exclude(requester=who)

    def with_draft_of(self, who: Membership) -> TicketQuerySet:
        """With what this person has left unsent on each (``reply_draft`` reads it), at no query of its own."""
        theirs = FilteredRelation("reply_drafts", condition=Q(reply_drafts__person_id=who.pk))
        return self.annotate(theirs=theirs, draft_content=F("theirs__content"), draft_saved_at=F("theirs__saved_at"))

    def open(self) -> TicketQuerySet:
        """Those that are not resolved: named one by one, which lets an index on the state serve."""
        return self.filter(state__in=STATES_OF_WORK)

    def for_rows(self) -> TicketQuerySet:
        """With what a list row shows, and without the wide columns."""
        return self.for_queue(IN_ROWS)

    def for_queue(self, joins: Collection[str]) -> TicketQuerySet:
        """With these relations alone, and without the wide columns: a page of the queue is asked for every few seconds
        by every desk."""
        rows: TicketQuerySet = self.select_related(*joins) if joins else self
        return rows.defer("fields", "url", *(column for join in set(joins) for column in WIDE.get(join, ())))

    def for_page(self) -> TicketQuerySet:
        """With what a ticket's own page shows."""
        return self.select_related(
            "organization",
            "project",
            "priority",
            "severity",
            "category",
            "team",
            "assignee__user",
            "requester__user",
            "plan_version__plan__offering",
            "follow_up_of",
            "merged_into",
        )

    def by_next_due(self) -> TicketQuerySet:
        """The next right ticket on top: the earliest due instant; then, where nothing is due, the customer who waits
        longest for an answer; then the higher plan, then the oldest."""
        return self.order_by(*queue_order())


def _followed_by(who: Membership) -> Q:
    return Q(pk__in=Follower.objects.filter(person=who).values("ticket"))


class Ticket(VendorModel):
    """``next_due_at`` is kept by the SLA engine: the most pressing running clock's due instant, and ``next_warn_at``
    from when on that one is at risk. ``unanswered_since`` is
    when the customer wrote what nobody has answered yet, whether or not an answer was promised by an instant."""

    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    organization = VendorForeignKey(Organization, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    project = VendorForeignKey(Project, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    plan_version = VendorForeignKey(
        "plans.PlanVersion", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    plan_rank = models.PositiveSmallIntegerField(default=0)
    category = VendorForeignKey(
        "plans.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    environment = models.CharField(max_length=12, choices=EnvironmentKind, blank=True)
    priority = VendorForeignKey("plans.Priority", on_delete=models.PROTECT, related_name="+", db_index=False)
    severity = VendorForeignKey(
        "plans.Priority", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in State], default=State.NEW.value
    )
    state_since = models.DateTimeField()
    requester = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="requested", db_index=False)
    assignee = VendorForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned", db_index=False
    )
    team = VendorForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False
    )
    is_shared = models.BooleanField(_("shared with the organization"), default=False)
    url = models.URLField(_("address of the problem"), max_length=500, blank=True)
    fields = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_warn_at = models.DateTimeField(null=True, blank=True)
    merged_into = VendorForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="merged", db_index=False
    )
    follow_up_of = VendorForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="follow_ups", db_index=False
    )
    unanswered_since = models.DateTimeField(null=True, blank=True)
    submission = models.UUIDField(null=True, blank=True)

    objects = VendorManager.from_queryset(TicketQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "number"], name="ticket_number_once"),
            models.UniqueConstraint(fields=["vendor", "submission"], name="ticket_submission_once"),
            models.CheckConstraint(condition=~Q(subject=""), name="ticket_has_subject"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="ticket_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.RESOLVED, resolved_at__isnull=False)
                | (~Q(state=State.RESOLVED) & Q(resolved_at__isnull=True)),
                name="ticket_resolved_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(state=State.RESOLVED) & ~Q(merged_into=F("id"))),
                name="ticket_merged_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(follow_up_of__isnull=True) | ~Q(follow_up_of=F("id")), name="ticket_follows_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "next_warn_at", "next_due_at"],
                name="ticket_at_risk",
                condition=Q(next_warn_at__isnull=False),
            ),
            models.Index(fields=["vendor", "-updated_at", "-id"], name="ticket_updated"),
            models.Index(fields=["vendor", "assignee", "state"], name="ticket_assignee"),
            models.Index(fields=["vendor", "organization", "-id"], name="ticket_organization"),
            models.Index(fields=["vendor", "requester", "-id"], name="ticket_requester"),
            models.Index(fields=["vendor", "team", "state"], name="ticket_team"),
            models.Index(fields=["vendor", "state", "-updated_at"], name="ticket_state"),
            models.Index(fields=["vendor", "project"], name="ticket_project"),
            models.Index(
                F("vendor"), Lower("subject"), F("id"), name="ticket_subject", condition=~Q(state=State.RESOLVED)
            ),
            models.Index(
                fields=["vendor", "merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["vendor", "follow_up_of"], name="ticket_follow_up", condition=Q(follow_up_of__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.state not in SETTLED_STATES
