"""The six states in the vendor's own words."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from plans.states import State
from supportdesk.tenancy.models import VendorModel


class StatusLabel(VendorModel):
    """What a state is called on the desk and in the portal."""

    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    label = models.CharField(max_length=60)
    customer_label = models.CharField(max_length=60)
    description = models.TextField()

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "state"], name="statuslabel_state_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="statuslabel_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label
