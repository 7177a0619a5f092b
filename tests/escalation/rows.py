"""Rotas for tests, in the active vendor scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from escalation.models import Layer, Participant, Rota, RotaVersion, Unit
from supportdesk.accounts.models import Membership
from tests.factories import LONG_AGO

FIRST_DAY = date(2026, 1, 5)
"""A Monday."""


def rota_row(name: str = "Support", *, at: datetime = LONG_AGO, zone: str = "UTC", **more: Any) -> Rota:
    return Rota.objects.create(name=name, slug=name.lower().replace(" ", "-"), zone=zone, made_at=at, **more)


def version_row(rota: Rota, *orders: Iterable[Membership], at: datetime = LONG_AGO, **more: Any) -> RotaVersion:
    """Layers named 1, 2, …, each of daily turns from 09:00 in the rota's zone, unless said otherwise."""
    version = RotaVersion.objects.create(rota=rota, effective_at=at, made_at=at)
    for position, people in enumerate(orders, start=1):
        said = {"starts_on": FIRST_DAY, "hands_over_at": time(9), "length": 1, "unit": Unit.DAYS, "zone": rota.zone}
        layer = Layer.objects.create(
            version=version, key=position, position=position, name=f"{position}", **(said | more)
        )
        for place, person in enumerate(people):
            Participant.objects.create(layer=layer, position=place, person=person)
    return version
