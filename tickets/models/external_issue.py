"""What another team tracks elsewhere for a ticket: a bug, a patch, a hotfix."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket


class IssueState(models.TextChoices):
    OPEN = "open", _("Open")
    WORKING = "working", _("In work")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Will not be done")


class ExternalIssue(VendorModel):
    """``kind`` is the slug of the contract's ``scope.services[].handover.kinds``, or empty where it has none; ``name``
    is what the contract called it on that day."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="external_issues", db_index=False)
    kind = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=100, blank=True)
    url = models.URLField(max_length=500)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=IssueState, default=IssueState.OPEN)
    added_by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "ticket", "url"], name="externalissue_once"),
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"), name="externalissue_is_web"
            ),
        ]

    def __str__(self) -> str:
        return self.title
