"""Messages to the sink's webhooks, and what has become of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from supportdesk.accounts.models import Vendor
from supportdesk.notifications import sealing
from supportdesk.notifications.actions import send
from supportdesk.notifications.models import Delivery, Integration, IntegrationKind
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from tests.faults.sink import Heard, Sink
from tests.workers import database_now

LEASE = 4
"""Seconds. The real one is longer than the longest exchange; here everybody answers at once or is meant to be late."""

Record = Callable[[str, object], None]


def hook(vendor: Vendor, sink: Sink, name: str = "hook") -> Integration:
    with vendor_scope(vendor):
        made: Integration = Integration.objects.create(
            kind=IntegrationKind.WEBHOOK,
            name=name,
            config={"url": f"{sink.url}/{name}"},
            sealed=sealing.seal({"secret": "whsec_" + "A" * 43 + "="}),
            created_at=database_now(),
        )
        return made


def queue(to: Integration, count: int, *, prefix: str = "m", kind: str = "report") -> None:
    with vendor_scope(to.vendor_id):
        recipient = Recipient("webhook", to.name, "x", integration_id=to.pk, destination=to.destination)
        at = database_now()
        for number in range(count):
            send([recipient], kind=kind, title="x", body="", path="", key=f"{to.name}-{prefix}{number}", at=at)


def states(vendor: Vendor, **of: Any) -> Counter[str]:
    with vendor_scope(vendor):
        return Counter(Delivery.objects.filter(**of).values_list("state", flat=True))


def unsettled(vendor: Vendor, **of: Any) -> int:
    found = states(vendor, **of)
    return found["pending"] + found["sending"]


def identity(heard: Heard) -> object:
    return heard.headers["webhook-id"]


def check_each_once(vendor: Vendor, sink: Sink, count: int, record: Record, *, most_repeats: int) -> None:
    """Everything is sent, under as many identities as there are messages; repeats bear the identity of the first."""
    assert states(vendor) == {"sent": count}
    heard = sink.by(identity)
    assert len(heard) == count
    with vendor_scope(vendor):
        assert set(Delivery.objects.values_list("reference", flat=True)) == set(heard)
    repeats = sum(heard.values()) - count
    assert repeats <= most_repeats
    record("sent again", repeats)
