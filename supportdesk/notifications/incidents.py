"""Incidents in the services that vendors are paged by: one delivery per step and integration, in order.

Everything about one incident goes out under one identity, ``outside_key``, so that the other side takes a repeated
trigger for the same incident and finds it again when it is acknowledged or resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.utils.translation import gettext as _

from supportdesk.notifications.actions import is_muted
from supportdesk.notifications.models import Integration, IntegrationKind
from supportdesk.notifications.outbox import (
    Occasion,
    Recipient,
    clear_timers,
    mail_domain,
    put_in_outbox,
    vendor_in_scope,
)

Action = Literal["trigger", "acknowledge", "resolve", "annotate"]
Severity = Literal["critical", "error", "warning", "info"]
ACTIONS: tuple[Action, ...] = ("trigger", "acknowledge", "resolve", "annotate")
SEVERITIES: tuple[Severity, ...] = ("critical", "error", "warning", "info")
KIND_OF_INCIDENT = "page.incident"


@dataclass(frozen=True, slots=True)
class Post:
    """One step of an incident for one integration. ``key`` names the step: it is posted once. ``links`` are pairs of
    an address and what it is called (a conference bridge, a runbook); ``author`` is who acknowledged or wrote."""

    integration: Integration
    action: Action
    incident_key: str
    title: str
    body: str
    severity: Severity
    path: str
    key: str
    at: datetime
    ticket_number: int | None = None
    links: Sequence[tuple[str, str]] = ()
    author: str = ""


def post(
    *,
    integration: Integration,
    action: Action,
    incident_key: str,
    title: str,
    body: str,
    severity: Severity,
    path: str,
    key: str,
    at: datetime,
    ticket_number: int | None = None,
    links: Sequence[tuple[str, str]] = (),
    author: str = "",
) -> None:
    """Posts one step of an incident; see ``Post`` and ``post_many``."""
    post_many(
        [Post(integration, action, incident_key, title, body, severity, path, key, at, ticket_number, links, author)]
    )


def post_many(posts: Iterable[Post]) -> None:
    """Each step becomes one delivery, in the caller's transaction, in the same number of statements whatever their
    number. Steps of one incident at one integration leave in this order; a step waits while one before it is unsent.

    An incident that is resolved before anything of it was ever tried is called off: neither leaves. Nothing is posted
    to a disabled integration, and the delivery says so.
    """
    wanted = [each for each in posts if not is_muted(each.at)]
    if not wanted:
        return
    called_off = _call_off([each for each in wanted if each.action == "resolve"])
    put_in_outbox([(_occasion(each), [_recipient(each, called_off)]) for each in wanted])


def order_of(integration_id: int, incident_key: str) -> str:
    """The ``Delivery.order_key`` of an incident at an integration."""
    return f"integration-{integration_id}/{incident_key}"


def outside_key(vendor_slug: str, incident_key: str) -> str:
    """What the other side knows the incident by: unique over vendors and installations, at most 255 characters."""
    return f"{mail_domain()}/{vendor_slug}/{incident_key}"[:255]


def inside_key(vendor_slug: str, key: str) -> str | None:
    """The incident that another side speaks of; None when it is none of ours."""
    start = f"{mail_domain()}/{vendor_slug}/"
    return key.removeprefix(start) if key.startswith(start) else None


def _occasion(step: Post) -> Occasion:
    return Occasion(
        kind=KIND_OF_INCIDENT,
        title=step.title,
        body=step.body,
        path=step.path,
        key=step.key,
        at=step.at,
        ticket_number=step.ticket_number,
        urgent=True,
        payload={
            "action": step.action,
            "incident": step.incident_key,
            "severity": step.severity,
            "links": [list(link) for link in step.links],
            "author": step.author,
        },
    )


def _recipient(step: Post, called_off: set[str]) -> Recipient:
    integration = step.integration
    order = order_of(integration.pk, step.incident_key)
    is_off = step.action == "resolve" and order in called_off
    return Recipient(
        channel=integration.kind,
        address=integration.name,
        who=integration.destination,
        integration_id=integration.pk,
        destination=integration.destination,
        order=order,
        unreachable=_why_not(step),
        cancelled=_("It was resolved before anybody had been told.") if is_off else "",
    )


def _why_not(step: Post) -> str:
    if not step.integration.is_enabled:
        return _("The integration is disabled.")
    if step.action == "annotate" and step.integration.kind == IntegrationKind.PAGERDUTY:
        return _("PagerDuty takes no notes by its events.")
    return ""


def _call_off(resolves: Sequence[Post]) -> set[str]:
    """Calls off what waits of incidents of which nothing was ever tried; their order keys. A sender that is about to
    begin holds its row: then it is no longer untried."""
    if not resolves:
        return set()
    orders = sorted({order_of(each.integration.pk, each.incident_key) for each in resolves})
    with connection.cursor() as cursor:
        cursor.execute(CALL_OFF, {"vendor": vendor_in_scope(), "orders": orders, "why": _("Resolved before it left.")})
        rows = cursor.fetchall()
    clear_timers(pk for pk, _order in rows)
    return {order for _pk, order in rows}


CALL_OFF = """
WITH found AS (
    SELECT id FROM notifications_delivery AS untried
    WHERE vendor_id = %(vendor)s AND order_key = ANY(%(orders)s) AND order_key <> '' AND state = 'pending'
        AND attempts = 0 AND NOT EXISTS (
            SELECT 1 FROM notifications_delivery AS tried
            WHERE tried.vendor_id = %(vendor)s AND tried.integration_id = untried.integration_id
                AND tried.order_key = untried.order_key
                AND (tried.attempts > 0 OR tried.state IN ('sending', 'sent')))
    ORDER BY id FOR UPDATE OF untried)
UPDATE notifications_delivery SET state = 'cancelled', last_error = %(why)s
FROM found WHERE notifications_delivery.id = found.id RETURNING found.id, order_key"""
"""Locked in the order of their ids and before their timers, as by whoever sends a batch (``batch.lock``)."""
