"""Writes about integrations: setting up, changing, disabling, removing; and shutting one off that wants no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role
from supportdesk.notifications import destinations, sealing
from supportdesk.notifications.actions import INBOX, SMS, send, tell
from supportdesk.notifications.models import ContactMethod, Delivery, Integration, IntegrationKind
from supportdesk.notifications.outbox import Recipient

TEST = "integration.test"
"""The kind of a message that an admin sends to see whether it arrives: one attempt, and nobody else is told."""


@transaction.atomic
def add(
    *,
    kind: IntegrationKind,
    name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    by: Membership,
    at: datetime,
) -> Integration:
    """Sets up an integration, enabled. Raises PermissionDenied for others than admins."""
    _check(by)
    integration = Integration.objects.create(
        kind=kind,
        name=name,
        config=dict(config),
        sealed=sealing.seal({key: value for key, value in secrets.items() if value}),
        created_at=at,
        created_by=by,
    )
    audit.record("integration.added", by=by, at=at, subject=integration, name=name, kind=kind.value)
    return integration


@transaction.atomic
def change(
    integration: Integration,
    *,
    name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    by: Membership,
    at: datetime,
) -> None:
    """Changes it; a secret that is left out or empty stays as it is. What was held back is tried afresh.

    Raises PermissionDenied for others than admins.
    """
    _check(by)
    replaced = {key: value for key, value in secrets.items() if value}
    before = {"name": integration.name, "config": integration.config}
    if replaced:
        integration.sealed = sealing.seal(_readable(integration) | replaced)
    integration.name, integration.config = name, dict(config)
    integration.save(update_fields=["name", "config", "sealed"])
    destinations.forget(integration.destination, at=at)
    after = {"name": name, "config": dict(config)}
    if before != after or replaced:
        audit.record(
            "integration.changed",
            by=by,
            at=at,
            subject=integration,
            before=before,
            after=after,
            secrets_replaced=sorted(replaced),
        )


@transaction.atomic
def disable(integration: Integration, *, by: Membership, at: datetime) -> None:
    """Nothing is sent there any more. Raises PermissionDenied for others than admins."""
    _check(by)
    if integration.is_enabled:
        integration.disabled_at, integration.disabled_because = at, ""
        integration.save(update_fields=["disabled_at", "disabled_because"])
        audit.record("integration.disabled", by=by, at=at, subject=integration, name=integration.name)


@transaction.atomic
def enable(integration: Integration, *, by: Membership, at: datetime) -> None:
    """It is used again, with a clean slate. Raises PermissionDenied for others than admins."""
    _check(by)
    if not integration.is_enabled:
        integration.disabled_at, integration.disabled_because = None, ""
        integration.save(update_fields=["disabled_at", "disabled_because"])
        destinations.forget(integration.destination, at=at)
        audit.record("integration.enabled", by=by, at=at, subject=integration, name=integration.name)


@transaction.atomic
def remove(integration: Integration, *, by: Membership, at: datetime) -> None:
    """Removes it with its secrets; what was sent through it stays on record.

    Raises PermissionDenied for others than admins, ValidationError while an escalation policy posts to it.
    """
    _check(by)
    name, pk, kind = integration.name, integration.pk, integration.kind
    try:
        with transaction.atomic():
            integration.delete()
    except ProtectedError:
        raise ValidationError(
            _("An escalation policy posts to it: take it out there first, or disable it here.")
        ) from None
    audit.record("integration.removed", by=by, at=at, name=name, id=pk, kind=kind)


@transaction.atomic
def send_test(integration: Integration, *, to: str = "", by: Membership, at: datetime) -> Delivery:
    """Sends a message that says it is one, by the same way as any other; once, and nobody else hears of it.

    Through Twilio it goes as a text to ``to``, one of one's own verified numbers. Raises PermissionDenied for others
    than admins, ValidationError without such a number.
    """
    _check(by)
    channel, address = str(integration.kind), integration.name
    if integration.kind == IntegrationKind.TWILIO:
        numbers = [each.number for each in numbers_of(by)]
        address = to or next(iter(numbers), "")
        channel = SMS
        if not address or address not in numbers:
            raise ValidationError(_("Texts for testing go to one of your own numbers: note one first."))
    key = f"test-{integration.pk}-{at.isoformat()}"
    recipient = Recipient(channel, address, "test", integration_id=integration.pk, destination=integration.destination)
    send(
        [recipient],
        kind=TEST,
        title=_("This is a test of {name}").format(name=integration.name),
        body=_("{who} has sent it to see whether it arrives. Nothing is wrong.").format(who=by.name),
        path="",
        key=key,
        at=at,
        urgent=True,
    )
    sent: Delivery = Delivery.objects.about([key]).get()
    return sent


def numbers_of(person: Membership) -> list[ContactMethod]:
    """This person's numbers that take texts, proved or not: before Twilio is set up there is no way to prove them."""
    return list(ContactMethod.objects.of(person).filter(takes_texts=True))


def shut_off(integration: Integration, reason: str, *, at: datetime) -> None:
    """Disables one whose other side says that it is gone for good, and tells the admins."""
    changed = (
        Integration.objects.enabled().filter(pk=integration.pk).update(disabled_at=at, disabled_because=reason[:300])
    )
    if not changed:
        return
    audit.record("integration.shut_off", by=None, at=at, subject=integration, name=integration.name, reason=reason)
    tell(
        Membership.objects.filter(role=Role.ADMIN, is_active=True),
        kind="integration.shut_off",
        title=_("{name} was disabled: its address is gone").format(name=integration.name),
        body=reason,
        path=f"/{integration.vendor.slug}/desk/integrations/{integration.pk}/",
        key=f"integration-{integration.pk}-gone-{at.isoformat()}",
        at=at,
        channels=(INBOX,),
    )


def _check(by: Membership) -> None:
    if not (by.is_active and by.is_at_least(Role.ADMIN)):
        raise PermissionDenied(_("Only admins set up integrations."))


def kept(integration: Integration) -> frozenset[str]:
    """The names of the secrets that it has and that can be read."""
    return frozenset(name for name, value in _readable(integration).items() if value)


def _readable(integration: Integration) -> dict[str, str]:
    """Its secrets; none when no key opens them any more: they are being replaced."""
    try:
        return integration.secrets
    except sealing.Unreadable:
        return {}
