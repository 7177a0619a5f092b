"""Rows become people: who is on call, of which rotas, and what no later change can alter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from escalation.models import Override, Rota, Swap, SwapState, TimeOff
from escalation.on_call import fallback_of, is_on_shift, on_call_of, people_on_call, rotas_of
from supportdesk.accounts.models import TeamMember
from tests.cast import Desk
from tests.escalation.rows import rota_row, version_row
from tests.factories import LONG_AGO, TeamFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Carol's turn, of Carol and Dan who change at 09:00 every day."""
DAY = timedelta(days=1)


@pytest.fixture
def rota(in_oro: Desk) -> Rota:
    found = rota_row()
    version_row(found, [in_oro.carol, in_oro.dan], [in_oro.erin])
    return found


def off(person: Any, start: datetime, end: datetime, told_at: datetime = LONG_AGO, **more: Any) -> TimeOff:
    return TimeOff.objects.create(person=person, starts_at=start, ends_at=end, told_at=told_at, **more)


class TestWhoIsOnCall:
    def test_a_place_for_each_layer(self, in_oro: Desk, rota: Rota) -> None:
        assert people_on_call(rota, NOON) == (in_oro.carol, in_oro.erin)
        assert people_on_call(rota, NOON + DAY) == (in_oro.dan, in_oro.erin)

    def test_nobody_before_the_first_version_and_in_an_empty_layer(self, in_oro: Desk, rota: Rota) -> None:
        assert people_on_call(rota, LONG_AGO - DAY) == ()
        empty = rota_row("Empty")
        version_row(empty, [])
        assert people_on_call(empty, NOON) == (None,)

    def test_of_a_rota_without_layers(self, in_oro: Desk) -> None:
        assert people_on_call(rota_row("Bare"), NOON) == ()

    def test_an_override(self, in_oro: Desk, rota: Rota) -> None:
        Override.objects.create(
            rota=rota, layer_key=1, person=in_oro.dan, starts_at=NOON, ends_at=NOON + DAY, made_at=LONG_AGO
        )
        assert people_on_call(rota, NOON)[0] == in_oro.dan

    def test_a_taken_swap_and_not_an_open_one(self, in_oro: Desk, rota: Rota) -> None:
        swap = Swap.objects.create(
            rota=rota, layer_key=1, giver=in_oro.carol, starts_at=NOON, ends_at=NOON + DAY, asked_at=LONG_AGO
        )
        assert people_on_call(rota, NOON)[0] == in_oro.carol
        Swap.objects.filter(pk=swap.pk).update(state=SwapState.TAKEN, taker=in_oro.dan, taken_at=LONG_AGO)
        assert people_on_call(rota, NOON)[0] == in_oro.dan

    def test_an_absence(self, in_oro: Desk, rota: Rota) -> None:
        off(in_oro.carol, NOON - DAY, NOON + DAY)
        assert people_on_call(rota, NOON)[0] == in_oro.dan

    def test_not_who_has_left_the_desk(self, in_oro: Desk, rota: Rota) -> None:
        in_oro.carol.is_active = False
        in_oro.carol.save()
        assert people_on_call(rota, NOON)[0] == in_oro.dan

    def test_by_person(self, in_oro: Desk, rota: Rota) -> None:
        assert rotas_of(in_oro.carol, NOON) == [rota]
        assert is_on_shift(in_oro.carol, NOON)
        assert not is_on_shift(in_oro.dan, NOON)

    def test_is_as_many_queries_for_one_rota_as_for_many(
        self, in_oro: Desk, rota: Rota, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(8):
            people_on_call(rota, NOON)
        for number in range(20):
            version_row(rota_row(f"Rota {number}"), [in_oro.carol, in_oro.dan])
        with django_assert_num_queries(9):
            assert len(on_call_of(Rota.objects.in_use(), NOON)) == 21


class TestThePast:
    def test_is_not_changed_by_a_new_version(self, in_oro: Desk, rota: Rota) -> None:
        version_row(rota, [in_oro.erin], at=NOON)
        assert people_on_call(rota, NOON - timedelta(seconds=1)) == (in_oro.carol, in_oro.erin)
        assert people_on_call(rota, NOON) == (in_oro.erin,)

    def test_is_not_changed_by_an_absence_told_later(self, in_oro: Desk, rota: Rota) -> None:
        off(in_oro.carol, NOON - DAY, NOON + DAY, told_at=NOON + timedelta(hours=1))
        assert people_on_call(rota, NOON)[0] == in_oro.carol
        assert people_on_call(rota, NOON + timedelta(hours=2))[0] == in_oro.dan

    def test_is_not_changed_by_taking_an_override_back(self, in_oro: Desk, rota: Rota) -> None:
        later = NOON + timedelta(hours=1)
        Override.objects.create(
            rota=rota,
            layer_key=1,
            person=in_oro.dan,
            starts_at=NOON,
            ends_at=NOON + DAY,
            made_at=LONG_AGO,
            withdrawn_at=later,
        )
        assert people_on_call(rota, NOON)[0] == in_oro.dan
        assert people_on_call(rota, later)[0] == in_oro.carol


class TestTheFallback:
    def test_is_the_person_then_the_team(self, in_oro: Desk) -> None:
        team = TeamFactory.create(slug="directors")
        TeamMember.objects.create(team=team, membership=in_oro.dan)
        rota = rota_row("Fallen", fallback_person=in_oro.erin, fallback_team=team)
        assert fallback_of(rota) == [in_oro.erin, in_oro.dan]

    def test_is_the_leads_where_none_is_named(self, in_oro: Desk, rota: Rota) -> None:
        assert fallback_of(rota) == [in_oro.dan, in_oro.erin]
