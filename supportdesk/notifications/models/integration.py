"""The services that a vendor's messages go out to, as its admins set them up."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.notifications import sealing
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class IntegrationKind(models.TextChoices):
    """``TWILIO`` carries texts and calls to people's phones; the others take incidents."""

    PAGERDUTY = "pagerduty", _("PagerDuty")
    VICTOROPS = "victorops", _("Splunk On-Call (VictorOps)")
    OPSGENIE = "opsgenie", _("Opsgenie")
    SLACK = "slack", _("Slack")
    WEBHOOK = "webhook", _("Signed webhook")
    TWILIO = "twilio", _("Twilio")


class IntegrationQuerySet(VendorQuerySet["Integration"]):
    def enabled(self) -> IntegrationQuerySet:
        return self.filter(disabled_at=None)

    def taking_incidents(self) -> IntegrationQuerySet:
        """Those that escalations can post to."""
        return self.exclude(kind=IntegrationKind.TWILIO)


class Integration(VendorModel):
    """``config`` is what may be shown, ``sealed`` holds the secrets (see ``sealing``). ``token`` is the last part of
    the address that the other side reports to; by itself it opens nothing, what comes there must be signed."""

    kind = models.CharField(max_length=20, choices=IntegrationKind)
    name = models.CharField(max_length=100)
    config = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    token = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField()
    created_by = VendorForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=300, blank=True, default="")

    objects = VendorManager.from_queryset(IntegrationQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint("vendor", Lower("name"), name="integration_name_once"),
            models.UniqueConstraint(fields=["vendor"], condition=Q(kind="twilio"), name="integration_one_twilio"),
            models.UniqueConstraint(fields=["token"], name="integration_token_once"),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=False) | Q(disabled_because=""), name="integration_reason_when_disabled"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def destination(self) -> str:
        """The name under which its state of health is kept."""
        return f"integration-{self.pk}"

    @property
    def secrets(self) -> dict[str, str]:
        """For the channels alone. Raises ``sealing.Unreadable`` when no key of the settings opens them."""
        return sealing.unseal(self.sealed)
