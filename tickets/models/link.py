"""What one ticket has to do with another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.ticket import Ticket


class LinkKind(models.TextChoices):
    """Read from the ticket that has the link to the other one."""

    RELATED = "related", _("Related to")
    DUPLICATE = "duplicate", _("Duplicate of")
    CAUSED = "caused_by", _("Caused by")
    BLOCKS = "blocks", _("Blocks")
    PART = "part_of", _("Part of the incident")


INVERSE: dict[str, Promise] = {
    LinkKind.RELATED: _("Related to"),
    LinkKind.DUPLICATE: _("Has the duplicate"),
    LinkKind.CAUSED: _("Causes"),
    LinkKind.BLOCKS: _("Blocked by"),
    LinkKind.PART: _("Incident of"),
}
"""The same link, read from the other ticket."""


class LinkQuerySet(VendorQuerySet["Link"]):
    def of(self, ticket: Ticket) -> LinkQuerySet:
        """Those of this ticket, in either direction, the oldest first, with both tickets."""
        return (
            self.filter(Q(source=ticket) | Q(target=ticket))
            .select_related("source__organization", "target__organization")
            .order_by("pk")
        )

    def children_of(self, incident: Ticket) -> LinkQuerySet:
        """The tickets that are part of this incident, each as ``source``."""
        return self.filter(target=incident, kind=LinkKind.PART)


class Link(VendorModel):
    """``source`` is related to, a duplicate of, caused by, blocking or part of ``target``. Two tickets have at most one
    link of a kind, whichever way round; a ticket is part of one incident at most."""

    source = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="links", db_index=False)
    target = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked", db_index=False)
    kind = models.CharField(max_length=9, choices=LinkKind)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = VendorManager.from_queryset(LinkQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_to_another"),
            models.UniqueConstraint(
                F("vendor"), Least(F("source"), F("target")), Greatest(F("source"), F("target")), F("kind"),
                name="link_once",
            ),
            models.UniqueConstraint(
                fields=["vendor", "source"], condition=Q(kind=LinkKind.PART), name="link_one_incident"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["vendor", "source"], name="link_source"),
            models.Index(fields=["vendor", "target", "kind"], name="link_target"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
