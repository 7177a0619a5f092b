"""One change made to many tickets at once, with what each was before, so that it can be taken back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket


class Change(models.TextChoices):
    """What can be done to many tickets at once."""

    ASSIGN = "assign", _("Assign")
    TEAM = "team", _("Move to a group")
    STATE = "state", _("Set the status")
    SEVERITY = "severity", _("Set the severity")
    TAG = "tag", _("Add a tag")
    UNTAG = "untag", _("Remove a tag")
    MERGE = "merge", _("Merge")


class BulkChange(VendorModel):
    change = models.CharField(max_length=8, choices=Change)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta(VendorModel.Meta):
        indexes = [models.Index(fields=["vendor", "by", "-at"], name="bulkchange_by")]

    def __str__(self) -> str:
        return f"{self.get_change_display()}, {self.at:%Y-%m-%d %H:%M}"


class BulkItem(VendorModel):
    """A ticket that was changed. ``before`` is what it had, as JSON; ``last_event`` the id of the last thing that
    people did to it, this change included: nobody has touched it since while that is still the last."""

    bulk = VendorForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items", db_index=False)
    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    before = models.JSONField(null=True)
    last_event = models.BigIntegerField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "bulk", "ticket"], name="bulkitem_once")]
        indexes = [models.Index(fields=["vendor", "ticket"], name="bulkitem_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} in {self.bulk_id}"
