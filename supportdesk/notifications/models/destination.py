"""How each place that messages go to is doing: the circuit breaker's memory."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.tenancy.models import VendorModel


class Destination(VendorModel):
    """No row: nothing was ever wrong. ``name`` is as in ``Delivery.destination``.

    ``failures`` in a row; from the third on it is open (``opened_at``) and nothing is sent before ``retry_at``, when
    one delivery goes ahead to try (``probe_until``: nobody else does meanwhile). ``throttled_until`` is what the other
    side asked for; urgent deliveries do not heed it.
    """

    name = models.CharField(max_length=60)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)
    throttled_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "name"], name="destination_once"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, retry_at__isnull=True)
                | Q(opened_at__isnull=False, retry_at__isnull=False),
                name="destination_open_has_retry",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None
