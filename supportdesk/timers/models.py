"""Everything that will happen later is a row here; nothing else in the product waits for an instant."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.tenancy.models import VendorModel


class Timer(VendorModel):
    """At ``due_at`` the handler registered for ``kind`` is called about ``subject_id``.

    ``due_at`` None: it has fired and its handler set no further instant. ``epoch`` comes from one sequence and changes
    whenever the timer is set, fired or begun, so whoever still holds an older value has been overtaken, even when the
    row was removed and made again in between.
    """

    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    epoch = models.BigIntegerField()
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    quarantined_at = models.DateTimeField(null=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "kind", "subject_id"], name="timer_once")]
        indexes = [
            # The one index that does not lead with the vendor: the pump's sweep is over all vendors, in due order.
            models.Index(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False, quarantined_at__isnull=True),
                name="timer_due",
            ),
            models.Index(
                fields=["vendor", "quarantined_at"], condition=Q(quarantined_at__isnull=False), name="timer_quarantine"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Heartbeat(models.Model):
    """One row per running pump; of the machine, not of any vendor.

    Lateness figures are seconds between the due instant and the firing, over the minute before ``beat_at``.
    """

    worker = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    fired = models.BigIntegerField(default=0)
    late_p50 = models.FloatField(null=True)
    late_p99 = models.FloatField(null=True)
    late_max = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.worker
