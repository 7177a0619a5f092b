from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from supportdesk.accounts.models import Vendor
from tests import factories
from tests.cast import Desk, make_desk
from tests.faults.figures import Figures
from tests.faults.messages import LEASE
from tests.faults.paging import answer, make_quick_desk
from tests.faults.sink import Sink, listening
from tests.workers import Workers

PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def published(figures: Figures, request: pytest.FixtureRequest) -> Iterator[None]:
    """No fault test goes without saying how late things were."""
    yield
    if request.node.stash.get(PASSED, False):
        assert figures.is_checked, "a fault test asserts its figures: figures.check(…)"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@pytest.fixture
def fleet(workers: Workers, sink: Sink) -> Workers:
    """Workers that may speak to the sink, as to a webhook or to a service, and whose leases are short."""
    workers.env |= {
        "OUTGOING_ALLOW": "127.0.0.0/8",
        "PROVIDER_URLS": json.dumps({"pagerduty": sink.url, "victorops": sink.url}),
        "DELIVERY_LEASE": str(LEASE),
    }
    return workers


@pytest.fixture
def oro(database: None) -> Vendor:
    return factories.VendorFactory.create(slug="oro", name="Oro")


@pytest.fixture
def desk(database: None) -> Desk:
    """OroCloud's, with a first ticket that was answered long ago: the pattern of the others."""
    return make_desk("orocloud")


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """VictorOps and Twilio on the loopback, which the workers may reach."""
    with listening() as sink:
        sink.script = answer
        monkeypatch.setenv("PROVIDER_URLS", json.dumps({"victorops": sink.url, "twilio": sink.url}))
        monkeypatch.setenv("OUTGOING_ALLOW", "127.0.0.0/8")
        yield sink


@pytest.fixture
def drud(database: None, services: Sink) -> Desk:
    """Drud's, which pages."""
    return make_quick_desk()
