"""A request that somebody is still writing."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class DraftQuerySet(VendorQuerySet["Draft"]):
    def of(self, person: Membership) -> DraftQuerySet:
        """A person's own, the last written first. Nobody reads another's."""
        return self.filter(person=person).order_by("-saved_at", "-pk")


class Draft(VendorModel):
    """What stands in one open form, by the form's own mark: sent, it becomes the ticket with the same ``submission``.

    ``content`` has every field with its values, as the form sends them; files are not in it.
    """

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    submission = models.UUIDField()
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    objects = VendorManager.from_queryset(DraftQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "person", "submission"], name="draft_once")]
        indexes = [models.Index(fields=["vendor", "person", "-saved_at"], name="draft_last")]

    def __str__(self) -> str:
        return self.subject or str(self.submission)

    @property
    def subject(self) -> str:
        return self.first("subject")

    def first(self, name: str) -> str:
        """A field's only value; empty where there is none."""
        return next(iter(self.content.get(name, ())), "")
