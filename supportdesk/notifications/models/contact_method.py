"""Where a person can be reached beside their e-mail address: telephone numbers that were proved to be theirs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class ContactMethodQuerySet(VendorQuerySet["ContactMethod"]):
    def of(self, person: Membership) -> ContactMethodQuerySet:
        return self.filter(membership=person).order_by("id")

    def verified(self) -> ContactMethodQuerySet:
        return self.filter(verified_at__isnull=False)


class ContactMethod(VendorModel):
    """``number`` is E.164. Until ``verified_at`` it gets nothing but the code that proves it; of the code only a hash
    is kept, with how often it was tried."""

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="contacts", db_index=False)
    number = models.CharField(max_length=16)
    takes_texts = models.BooleanField(default=True)
    takes_calls = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    code_hash = models.CharField(max_length=64, blank=True, default="")
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    objects = VendorManager.from_queryset(ContactMethodQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "membership", "number"], name="contactmethod_once"),
            models.CheckConstraint(condition=Q(number__regex=r"^\+[1-9][0-9]{6,14}$"), name="contactmethod_e164"),
            models.CheckConstraint(
                condition=Q(takes_texts=True) | Q(takes_calls=True), name="contactmethod_takes_something"
            ),
        ]

    def __str__(self) -> str:
        return self.number
