"""Who else is at a ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import presence
from tickets.models import Presence, Ticket

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def names(company: presence.Company) -> list[tuple[str, str]]:
    return [(each.name, each.writing) for each in company.others]


def test_each_sees_the_others_and_not_themself(in_oro: Desk, ticket: Ticket) -> None:
    assert names(presence.look(ticket, by=in_oro.carol, at=MONDAY)) == []
    assert names(presence.look(ticket, by=in_oro.dan, at=MONDAY)) == [("Carol", "")]
    assert names(presence.look(ticket, by=in_oro.carol, at=MONDAY)) == [("Dan", "")]


def test_who_writes_comes_first_and_changes_the_tag(in_oro: Desk, ticket: Ticket) -> None:
    presence.look(ticket, by=in_oro.carol, at=MONDAY)
    presence.look(ticket, by=in_oro.dan, at=MONDAY)
    before = presence.look(ticket, by=in_oro.erin, at=MONDAY)
    presence.look(ticket, by=in_oro.dan, at=MONDAY + SECOND, writing="reply")
    after = presence.look(ticket, by=in_oro.erin, at=MONDAY + SECOND)
    assert names(before) == [("Carol", ""), ("Dan", "")]
    assert names(after) == [("Dan", "reply"), ("Carol", "")]
    assert before.tag != after.tag


def test_somebody_who_says_nothing_more_is_gone(in_oro: Desk, ticket: Ticket) -> None:
    presence.look(ticket, by=in_oro.dan, at=MONDAY)
    assert names(presence.look(ticket, by=in_oro.carol, at=MONDAY + presence.GONE_AFTER)) == []
    almost = MONDAY + presence.GONE_AFTER - SECOND
    assert names(presence.look(ticket, by=in_oro.carol, at=almost)) == [("Dan", "")]


def test_leaving_is_seen_at_once(in_oro: Desk, ticket: Ticket) -> None:
    presence.look(ticket, by=in_oro.dan, at=MONDAY, read_to=7)
    presence.leave(ticket, by=in_oro.dan, at=MONDAY)
    assert names(presence.look(ticket, by=in_oro.carol, at=MONDAY)) == []
    assert presence.look(ticket, by=in_oro.dan, at=MONDAY).read_to == 7, "where reading ended stays known"


def test_answers_what_had_been_read_before(in_oro: Desk, ticket: Ticket) -> None:
    assert presence.look(ticket, by=in_oro.carol, at=MONDAY, read_to=3).read_to is None
    assert presence.look(ticket, by=in_oro.carol, at=MONDAY, read_to=9).read_to == 3
    assert presence.look(ticket, by=in_oro.carol, at=MONDAY, read_to=5).read_to == 9, "never backwards"
    assert presence.look(ticket, by=in_oro.carol, at=MONDAY).read_to == 9


def test_a_page_with_nothing_new_to_say_writes_seldom(in_oro: Desk, ticket: Ticket) -> None:
    presence.look(ticket, by=in_oro.carol, at=MONDAY)
    presence.look(ticket, by=in_oro.carol, at=MONDAY + 5 * SECOND)
    assert Presence.objects.get().seen_at == MONDAY
    presence.look(ticket, by=in_oro.carol, at=MONDAY + 10 * SECOND)
    assert Presence.objects.get().seen_at == MONDAY + 10 * SECOND


def test_tickets_looked_at_long_ago_are_forgotten(in_oro: Desk, file: File) -> None:
    old, new = file(), file()
    presence.look(old, by=in_oro.carol, at=MONDAY)
    presence.look(old, by=in_oro.dan, at=MONDAY)
    presence.look(new, by=in_oro.carol, at=MONDAY + presence.KEPT_FOR + SECOND)
    assert set(Presence.objects.values_list("ticket", "person")) == {
        (old.pk, in_oro.dan.pk),
        (new.pk, in_oro.carol.pk),
    }


def test_what_a_page_invents_is_not_shown(in_oro: Desk, ticket: Ticket) -> None:
    presence.look(ticket, by=in_oro.dan, at=MONDAY, writing="<b>everything</b>")
    assert names(presence.look(ticket, by=in_oro.carol, at=MONDAY)) == [("Dan", "")]


def test_another_vendor_sees_nobody(in_oro: Desk, ticket: Ticket, mallory: Membership) -> None:
    presence.look(ticket, by=in_oro.dan, at=MONDAY)
    with vendor_scope(mallory.vendor_id):
        assert not Presence.objects.exists()


def test_nothing_of_it_is_written_ahead(in_oro: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE oid = 'tickets_presence'::regclass")
        assert cursor.fetchone() == ("u",)
