from __future__ import annotations

from dataclasses import dataclass

import pytest

from supportdesk.accounts.models import Membership, Role, User, Vendor
from supportdesk.notifications import delivery
from supportdesk.notifications.actions import KIND, URGENT
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import registry
from tests import factories


@dataclass
class People:
    vendor: Vendor
    alice: Membership
    carol: Membership
    erin: Membership


@pytest.fixture
def people(db: None) -> People:
    """Oro's people, with no contract loaded: telling them something needs none. No scope is active."""
    vendor = factories.VendorFactory.create(slug="oro", name="Oro & Sons")
    with vendor_scope(vendor):
        alice = factories.MembershipFactory.create(
            user=User.objects.create(name="Alice", email="alice@northwind.example")
        )
        carol = factories.StaffFactory.create(user=User.objects.create(name="Carol", email="carol@oro.example"))
        erin = factories.StaffFactory.create(
            user=User.objects.create(name="Erin", email="erin@oro.example"), role=Role.ADMIN, tier=None
        )
    return People(vendor, alice, carol, erin)


@pytest.fixture(autouse=True)
def only_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: dict[str, registry.Entry] = {}
    for module in ("registry", "firing", "tasks"):
        monkeypatch.setattr(f"supportdesk.timers.{module}.ENTRIES", entries)
    registry.register_batches(KIND, delivery.deliver, split=delivery.batches)
    registry.register_batches(URGENT, delivery.deliver_urgent, split=delivery.batches, queue=registry.URGENT_QUEUE)
