"""Desks whose policies wake people: Dan is first on call, Carol stands behind him, Erin administers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk, make_desk
from tests.escalation.nights import on_call


@pytest.fixture
def drud(db: None) -> Iterator[Desk]:
    """Drud's desk, in its scope."""
    desk = make_desk("drud", paging=True)
    with vendor_scope(desk.vendor):
        on_call(desk.dan, desk.carol, rota="DDEV Live on-call")
        yield desk


@pytest.fixture
def apps(db: None) -> Iterator[Desk]:
    """Platform.sh application support's, in its scope."""
    desk = make_desk("platformsh-apps", paging=True)
    with vendor_scope(desk.vendor):
        on_call(desk.dan, desk.carol, rota="Drupal Commerce P1")
        yield desk
