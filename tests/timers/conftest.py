from __future__ import annotations

from collections.abc import Iterator

import pytest

from supportdesk.accounts.models import Vendor
from supportdesk.timers import lateness, registry
from tests import factories
from tests.timers.recorder import Recorder


@pytest.fixture
def oro(db: None) -> Vendor:
    return factories.VendorFactory.create(slug="oro")


@pytest.fixture
def drud(db: None) -> Vendor:
    return factories.VendorFactory.create(slug="drud")


@pytest.fixture(autouse=True)
def only_our_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handlers that the application registered stay out of these tests, and no lateness is left over."""
    monkeypatch.setattr(registry, "ENTRIES", {})
    for module in ("firing", "tasks"):
        monkeypatch.setattr(f"supportdesk.timers.{module}.ENTRIES", registry.ENTRIES)
    lateness.take_summary()
    yield
    lateness.take_summary()


@pytest.fixture
def alarms() -> Recorder:
    recorder = Recorder()
    registry.register("alarm", recorder)
    return recorder
