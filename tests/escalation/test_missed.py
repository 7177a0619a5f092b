"""Calls that nobody takes: the ladder goes on at once, and only where it may."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from escalation import missed
from escalation.actions import acknowledge, hand_to
from escalation.history import Told, history_of
from escalation.ladder import Hold, Ladder, Notify, Post, Repeat, Standing, Step, Wait, lost_way, may_go_on
from escalation.models import Page
from supportdesk.notifications import receipts, sealing
from supportdesk.notifications.inbound import Receipt
from supportdesk.notifications.models import ContactMethod, Delivery, Integration, IntegrationKind
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.nights import MINUTE, NIGHT, filed, history, live, page_of, told
from tickets.models.event import Kind

LATER = NIGHT + 5 * MINUTE + timedelta(seconds=40)
TICK = timedelta(milliseconds=1)
VOICE = ["inbox", "voice"]
DAN, WAIT, SERVICE = Notify(("person:dan",), ("voice",)), Wait(300), Post("VictorOps")


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        ([], ""),
        ([("voice", True)], "voice"),
        ([("voice", True), ("voice", False)], ""),
        ([("voice", True), ("sms", False)], "voice"),
        ([("voice", True), ("service", False)], "voice"),
        ([("sms", True), ("sms", True)], "sms"),
        ([("sms", True), ("sms", False)], ""),
        ([("service", True), ("sms", False)], ""),
        ([("service", True), ("service", True)], "service"),
        ([("service", True), ("service", False)], ""),
        ([("service", True), ("email", False), ("inbox", False)], "service"),
        ([("email", True), ("email", True)], "email"),
        ([("email", True), ("email", False)], ""),
        ([("email", True), ("inbox", False)], ""),
    ],
)
def test_a_landing_is_in_vain_when_nobody_took_the_loudest(copies: list[tuple[str, bool]], expected: str) -> None:
    assert lost_way(copies) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([DAN, WAIT, DAN], True),
        ([DAN, WAIT], False),
        ([DAN, WAIT, Repeat(0, 3)], False),
        ([DAN, Hold("office"), DAN], False),
    ],
)
def test_it_goes_on_before_its_time_within_a_round_only(steps: list[Step], expected: bool) -> None:
    reached = Standing(step=2, has_reached=True, round_reached=True)
    assert may_go_on(Ladder(tuple(steps)), reached) is expected


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        ([SERVICE, WAIT], {}, True),
        ([SERVICE, WAIT, Repeat(0, 3)], {}, True),
        ([SERVICE, Hold("office"), DAN], {}, False),
        ([SERVICE, WAIT], {"fell_back": True}, False),
        ([SERVICE, WAIT], {"has_reached": True}, False),
    ],
)
def test_while_nobody_was_reached_the_fallback_is_left(
    steps: list[Step], more: dict[str, bool], expected: bool
) -> None:
    assert may_go_on(Ladder(tuple(steps)), Standing(step=2, **more)) is expected


def test_where_there_is_no_fallback_the_end_is_the_end() -> None:
    assert not may_go_on(Ladder((SERVICE, WAIT), fallback=()), Standing(step=2))


def test_whoever_it_was_handed_to_is_waited_for_while_there_are_steps_left() -> None:
    ladder = Ladder((DAN, Hold("office"), DAN))
    assert may_go_on(ladder, Standing(step=2), is_handed=True)
    assert not may_go_on(ladder, Standing(step=3, has_reached=True), is_handed=True)


def called(page: Page) -> Told:
    """Who was called first."""
    told = [told for line in history_of(page) for told in line.told]
    return next(each for each in told if [way.channel for way in each.ways] == VOICE)


class TestAPage:
    @pytest.fixture
    def page(self, drud: Desk) -> Page:
        """Five minutes into Dan's night: his telephone rings."""
        Integration.objects.create(
            kind=IntegrationKind.TWILIO, name="Twilio", sealed=sealing.seal({"token": "t"}), created_at=NIGHT
        )
        for person, number in ((drud.dan, "+13035550101"), (drud.carol, "+13035550102")):
            ContactMethod.objects.create(membership=person, number=number, created_at=NIGHT, verified_at=NIGHT)
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + 6 * MINUTE)
        return page

    def lose(self, page: Page, channel: str = "voice", *, at: datetime = LATER, why: str = "no-answer") -> None:
        for each in Delivery.objects.filter(channel=channel, occasion__startswith=f"page-{page.pk}-", lost_at=None):
            receipts.write(each.pk, Receipt("", "lost", why), at=at)

    def test_goes_on_when_nobody_takes_the_call(self, page: Page) -> None:
        self.lose(page)
        live(LATER + MINUTE)
        assert told(page) == [(0, "Dan", "inbox email sms"), (5, "Dan", "voice"), (6, "Carol", "inbox email sms voice")]
        assert [event.at for event in history(page) if event.kind == Kind.PAGE_MISSED] == [LATER + TICK]
        dan = called(page)
        assert [(way.channel, way.state, way.at, way.why) for way in dan.ways if way.channel == "voice"] == [
            ("voice", "lost", LATER, "no-answer")
        ]
        assert dan.has_failed

    def test_waits_from_then_on(self, page: Page) -> None:
        self.lose(page)
        live(LATER + 12 * MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)][2:] == [(6, "Carol"), (16, "Dan"), (16, "Erin")]

    def test_waits_when_the_call_was_answered(self, page: Page) -> None:
        [call] = Delivery.objects.filter(channel="voice")
        receipts.write(call.pk, Receipt("", "seen"), at=LATER)
        live(NIGHT + 9 * MINUTE)
        assert len(told(page)) == 2
        assert called(page).seen_at == LATER

    def test_waits_when_an_earlier_text_was_lost(self, page: Page) -> None:
        self.lose(page, "sms", why="undelivered")
        live(NIGHT + 9 * MINUTE)
        assert len(told(page)) == 2

    def test_is_left_alone_once_somebody_answers_for_it(self, page: Page, drud: Desk) -> None:
        acknowledge(page, by=drud.carol, at=LATER)
        self.lose(page)
        live(LATER + MINUTE)
        assert Kind.PAGE_MISSED not in [event.kind for event in history(page)]

    def test_that_was_handed_on_goes_on_when_the_text_does_not_arrive(self, page: Page, drud: Desk) -> None:
        hand_to(page, to=drud.carol, by=drud.erin, at=LATER)
        self.lose(page, "sms", why="undelivered (30003)")
        live(LATER + MINUTE)
        assert told(page)[-1] == (6, "Carol", "inbox email sms voice")

    def test_says_so_once(self, page: Page) -> None:
        self.lose(page)
        missed.follow(list(Delivery.objects.filter(channel="voice")), at=LATER)
        live(LATER + MINUTE)
        missed.follow(list(Delivery.objects.filter(channel="voice")), at=LATER + MINUTE)
        live(LATER + 2 * MINUTE)
        assert [event.kind for event in history(page)].count(Kind.PAGE_MISSED) == 1

    def test_of_what_is_no_page_nothing_is_set(self, page: Page) -> None:
        [call] = Delivery.objects.filter(channel="voice")
        others = (
            {"occasion": "ticket-1-2"},
            {"occasion": "page-x"},
            {"kind": "sla.breached"},
            {"kind": "page.incident"},
        )
        for wrong in others:
            other = Delivery(**({"kind": call.kind, "channel": "voice", "occasion": call.occasion} | wrong))
            missed.follow([other], at=LATER)
        assert not Timer.objects.filter(kind=missed.TIMER).exists()
