"""An agent's day, time and calls as pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from sla.week import figures, week_of
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import as_, filed, page, queries, text_of
from tickets import actions
from tickets.models import RunningTimer, TimeEntry

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = "/orocloud/desk/day/"
DESK = "/orocloud/desk/tickets/1/"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def carol(client: Client, oro: Desk) -> Client:
    client.force_login(oro.carol.user)
    return client


class TestTheDay:
    def test_begins_with_what_is_due_next(self, oro: Desk, carol: Client) -> None:
        later, sooner = filed(oro, subject="Later"), filed(oro, subject="Sooner", priority="P1")
        filed(oro, subject="Nobody's")
        with vendor_scope(oro.vendor):
            for ticket in (later, sooner):
                actions.assign(ticket, to=oro.carol, by=oro.carol, at=MONDAY)
        shown = page(carol, DAY)
        assert shown.index("Sooner") < shown.index("Later")
        assert "Nobody's" not in shown

    def test_teaches_when_nothing_is_mine(self, carol: Client) -> None:
        assert "Nothing is waiting for you" in page(carol, DAY)

    def test_has_my_calls_and_those_nobody_claimed_of_my_tickets(self, oro: Desk, carol: Client) -> None:
        mine, dans = filed(oro, subject="Of Carol"), filed(oro, subject="Of Dan")
        with vendor_scope(oro.vendor):
            for ticket, who, hours in ((mine, oro.carol, 2), (dans, oro.dan, 1)):
                actions.assign(ticket, to=who, by=who, at=MONDAY)
                starts_at = MONDAY + hours * HOUR
                actions.schedule_callback(ticket, number="+49 30 901820", starts_at=starts_at, by=who, at=MONDAY)
        shown = page(carol, DAY)
        assert "12:00 Alice, Northwind +49 30 901820" in shown
        assert "11:00 Alice" not in shown

    def test_costs_the_same_with_one_ticket_and_with_fifty(self, oro: Desk, carol: Client) -> None:
        def take() -> None:
            with vendor_scope(oro.vendor):
                actions.assign(filed(oro), to=oro.carol, by=oro.carol, at=MONDAY)

        take()
        page(carol, DAY)
        few = queries(carol, DAY)
        for _each in range(10):
            take()
        assert queries(carol, DAY) == few

    def test_is_for_the_desk(self, oro: Desk, carol: Client) -> None:
        assert as_(oro.alice.user).get(DAY).status_code == 403

    def test_sounds_only_for_those_who_asked(self, oro: Desk, carol: Client) -> None:
        assert "data-sound" not in carol.get(DAY).content.decode()
        carol.post(DAY + "sound/", {"plays_sound": "yes"})
        assert "data-sound" in carol.get(DAY).content.decode()
        assert "data-sound" not in as_(oro.dan.user).get(DAY).content.decode()


class TestTheWeek:
    def test_counts_my_answers_against_my_colleagues(self, oro: Desk) -> None:
        start = week_of(MONDAY, oro.vendor.zoneinfo)
        one, two = filed(oro, at=MONDAY, priority="P1"), filed(oro, at=MONDAY, priority="P1")
        with vendor_scope(oro.vendor):
            actions.reply(one, by=oro.carol, at=MONDAY + HOUR, body="We look into it.")
            actions.reply(one, by=oro.carol, at=MONDAY + 2 * HOUR, body="Mended.")
            actions.resolve(one, by=oro.alice, at=MONDAY + 2 * HOUR)
            actions.reply(two, by=oro.dan, at=MONDAY + 5 * HOUR, body="Late, sorry.")
            actions.resolve(two, by=oro.dan, at=MONDAY + 6 * HOUR)
            mine, team = figures(oro.carol, start=start, end=MONDAY + 7 * HOUR)
        assert (mine.answered, mine.resolved, mine.met, mine.median) == (2, 0, 1.0, HOUR)
        assert (team.answered, team.resolved, team.met, team.median) == (1.5, 1, 0.5, 3 * HOUR)

    def test_of_nobody_is_empty(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            mine, team = figures(oro.carol, start=MONDAY - HOUR, end=MONDAY)
        assert (mine.answered, mine.met, mine.median, team.met) == (0, None, None, None)


class TestTime:
    def test_is_logged_beside_the_ticket_and_corrected(self, oro: Desk, carol: Client) -> None:
        filed(oro)
        sent = {"time-minutes": "25", "time-spent_on": "2026-03-02", "time-note": "Read logs", "time-is_billable": "on"}
        carol.post(DESK + "time/", sent)
        assert "25 min Read logs Carol" in page(carol, DESK)
        with vendor_scope(oro.vendor):
            entry = TimeEntry.objects.get()
        carol.post(f"{DESK}time/{entry.pk}/", sent | {"time-minutes": "95"})
        assert "1 h 35 min in all, 1 h 35 min billable" in page(carol, DESK)
        assert "25 min" not in page(as_(oro.alice.user), "/orocloud/tickets/1/")
        carol.post(f"{DESK}time/{entry.pk}/removal/")
        gone = carol.get(DESK).content.decode()
        assert "in all" not in gone
        assert f'action="{DESK}time/{entry.pk}/return/"' in gone
        back = carol.post(f"{DESK}time/{entry.pk}/return/", follow=True).content.decode()
        assert "95 minutes are back on this ticket." in back
        assert "1 h 35 min in all, 1 h 35 min billable" in page(carol, DESK)

    def test_is_logged_with_a_reply(self, oro: Desk, carol: Client) -> None:
        filed(oro)
        carol.post(DESK + "replies/", {"kind": "reply", "body": "On it.", "minutes": "7"})
        with vendor_scope(oro.vendor):
            entry = TimeEntry.objects.select_related("message").get()
            assert (entry.minutes, entry.message.body) == (7, "On it.")

    def test_says_what_is_wrong_beside_the_field(self, oro: Desk, carol: Client) -> None:
        filed(oro)
        answer = carol.post(DESK + "time/", {"time-minutes": "5", "time-spent_on": "2026-03-09"})
        assert answer.status_code == 422
        assert "This day is yet to come." in text_of(answer.content.decode())

    def test_a_timer_survives_the_page_and_is_seen_elsewhere(self, oro: Desk, carol: Client) -> None:
        filed(oro), filed(oro)
        carol.post(DESK + "timer/")
        other = "/orocloud/desk/tickets/2/"
        assert "on #1" in page(carol, other)
        assert "#1 Checkout is down" in page(carol, DAY)
        with time_machine.travel(MONDAY + HOUR, tick=False):
            assert "60 minutes are logged there" in text_of(carol.post(other + "timer/", follow=True).content.decode())
            carol.post(other + "timer/discard/")
        with vendor_scope(oro.vendor):
            assert not RunningTimer.objects.exists()
            assert TimeEntry.objects.get().ticket.number == 1

    def test_leads_read_a_period_and_take_it_along(self, oro: Desk, carol: Client) -> None:
        ticket = filed(oro, subject="=2+2")
        with vendor_scope(oro.vendor):
            actions.log_time(ticket, by=oro.carol, at=MONDAY, minutes=90, is_billable=True)
            actions.log_time(ticket, by=oro.dan, at=MONDAY - 40 * 24 * HOUR, minutes=30)
        dan = as_(oro.dan.user)
        shown = page(dan, "/orocloud/desk/time/")
        assert "Northwind 1 h 30 min Billable 1 h 30 min Tickets 1" in shown
        assert "30 min Billable 0 min" not in shown
        lines = dan.get("/orocloud/desk/time/list.csv", {"start": "2026-01-01", "end": "2026-03-02"})
        rows = lines.content.decode().splitlines()
        assert len(rows) == 3
        assert "'=2+2" in rows[1]
        wrong = dan.get("/orocloud/desk/time/", {"start": "2026-03-02", "end": "2026-01-01"})
        assert wrong.status_code == 422
        assert carol.get("/orocloud/desk/time/").status_code == 403


class TestCalls:
    def test_are_arranged_claimed_and_cancelled(self, oro: Desk, carol: Client) -> None:
        filed(oro)
        sent = {"number": "+49 30 901820", "starts_at": "2026-03-02T12:00", "note": "Ask for the theme"}
        assert carol.post(DESK + "call-back/", {"number": "soon"}).status_code == 422
        carol.post(DESK + "call-back/", sent)
        shown = page(carol, DESK)
        assert "Call Alice back: +49 30 901820 between 12:00 and 12:30" in shown
        assert "You make this call." in shown
        told = page(as_(oro.alice.user), "/orocloud/tickets/1/")
        assert "We call +49 30 901820 between 12:00 and 12:30" in told
        assert "Ask for the theme" not in told
        dan = as_(oro.dan.user)
        dan.post(DESK + "call-back/claim/", {"seen": oro.carol.pk})
        assert "Dan makes this call." in page(carol, DESK)

    def test_a_meeting_stands_on_both_pages(self, oro: Desk, carol: Client) -> None:
        filed(oro)
        assert carol.post(DESK + "conference/", {"url": "http://meet.example/1"}).status_code == 422
        assert carol.post(DESK + "conference/", {}).status_code == 422
        carol.post(DESK + "conference/", {"url": "https://meet.example/1", "starts_at": "2026-03-02T15:00"})
        for reader, address in ((carol, DESK), (as_(oro.alice.user), "/orocloud/tickets/1/")):
            assert 'href="https://meet.example/1"' in reader.get(address).content.decode()
        carol.post(DESK + "conference/end/")
        assert "meet.example" not in carol.get(DESK).content.decode()
