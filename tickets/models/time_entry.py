"""Time that the vendor's people spend on tickets, and the timer that runs while they do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.message import Message
from tickets.models.ticket import Ticket

MOST_MINUTES = 24 * 60


class TimeEntryQuerySet(VendorQuerySet["TimeEntry"]):
    def for_rows(self) -> TimeEntryQuerySet:
        """With who and what for, the latest first."""
        return self.select_related("person__user", "ticket__organization").order_by("-spent_on", "-pk")


class TimeEntry(VendorModel):
    """``minutes`` of ``person`` on ``spent_on`` (a date of their zone). ``allowance`` is the slug of the plan's
    allowance that a billable entry is taken from, or empty. ``message``: the reply or call it was spent on."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="time_entries", db_index=False)
    person = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    minutes = models.PositiveSmallIntegerField()
    spent_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    is_billable = models.BooleanField(default=False)
    allowance = models.CharField(max_length=63, blank=True)
    message = VendorForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    objects = VendorManager.from_queryset(TimeEntryQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(1, MOST_MINUTES)), name="timeentry_of_one_day"),
            models.CheckConstraint(
                condition=Q(allowance="") | Q(is_billable=True), name="timeentry_allowance_is_billable"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "ticket", "spent_on"], name="timeentry_ticket"),
            models.Index(fields=["vendor", "spent_on", "id"], name="timeentry_period"),
            models.Index(fields=["vendor", "person", "spent_on"], name="timeentry_person"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.ticket_id}"


class RunningTimer(VendorModel):
    """A person works on a ticket since ``started_at``; at most one runs for each person, wherever they look at it."""

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    started_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "person"], name="runningtimer_one_each")]
        indexes = [models.Index(fields=["vendor", "ticket"], name="runningtimer_ticket")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}"
