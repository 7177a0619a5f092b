"""The demo's canned responses and macros."""

from __future__ import annotations

import pytest

from supportdesk.demo.prepared import RESPONSES, seed_prepared
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, make_desk
from tickets.models import CannedResponse, Macro

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("vendor", ["drud", "orocloud"])
def test_every_desk_has_some_and_once(vendor: str) -> None:
    desk = make_desk(vendor)
    with vendor_scope(desk.vendor):
        for _again in range(2):
            seed_prepared(at=MONDAY)
        assert CannedResponse.objects.usable_by(desk.carol).count() == len(RESPONSES)
        assert Macro.objects.usable_by(desk.carol).count() >= 2
