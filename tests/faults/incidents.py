"""Incidents at services that are the sink."""

from __future__ import annotations

from supportdesk.accounts.models import Vendor
from supportdesk.notifications import sealing
from supportdesk.notifications.incidents import Action, post
from supportdesk.notifications.models import Integration, IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from tests.faults.sink import Sink
from tests.workers import database_now

SECRETS = {
    IntegrationKind.PAGERDUTY: {"routing_key": "R" * 32},
    IntegrationKind.VICTOROPS: {"api_key": "0000-1111-2222"},
}
CONFIG = {IntegrationKind.PAGERDUTY: {}, IntegrationKind.VICTOROPS: {"routing_key": "ddev-live"}}


def service(vendor: Vendor, kind: IntegrationKind) -> Integration:
    with vendor_scope(vendor):
        made: Integration = Integration.objects.create(
            kind=kind,
            name=kind.value,
            config=CONFIG[kind],
            sealed=sealing.seal(SECRETS[kind]),
            created_at=database_now(),
        )
        return made


def step(to: Integration, incident: str, action: Action) -> None:
    with vendor_scope(to.vendor_id):
        post(
            integration=to,
            action=action,
            incident_key=incident,
            title="Down",
            body="",
            severity="critical",
            path="/",
            key=f"{incident}-{action}",
            at=database_now(),
        )


def said(sink: Sink, incident: str) -> list[tuple[str, str]]:
    """What PagerDuty heard of it, in order: the action and the key."""
    heard = [(each.json["event_action"], each.json["dedup_key"]) for each in sink.heard if "event_action" in each.json]
    return [(action, key) for action, key in heard if key.endswith(incident)]
