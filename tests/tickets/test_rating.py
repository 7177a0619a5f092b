"""The customer's word on the outcome: one question and a comment, by the requester, changeable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from supportdesk.notifications.models import Notice
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions, ratings
from tickets.errors import Refused
from tickets.models import Event, Rating, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def resolved(in_oro: Desk, ticket: Ticket) -> Ticket:
    actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
    return actions.resolve(ticket, by=in_oro.carol, at=MONDAY)


def test_the_requester_rates_and_the_desk_hears_of_it(in_oro: Desk, resolved: Ticket) -> None:
    rating = actions.rate(resolved, by=in_oro.alice, at=MONDAY + HOUR, is_good=True, comment=" Quick! ")
    assert (rating.is_good, rating.comment, rating.by, rating.at) == (True, "Quick!", in_oro.alice, MONDAY + HOUR)
    assert Event.objects.get(kind=Kind.RATED).data == {"is_good": True}
    assert {notice.membership for notice in Notice.objects.filter(kind="rated")} == {in_oro.carol}


def test_a_bad_outcome_reaches_the_leads(in_oro: Desk, resolved: Ticket) -> None:
    actions.rate(resolved, by=in_oro.alice, at=MONDAY + HOUR, is_good=False)
    told = {notice.membership for notice in Notice.objects.filter(kind="rated")}
    assert told == {in_oro.carol, in_oro.dan, in_oro.erin}


def test_a_later_answer_replaces_it_and_the_timeline_keeps_both(in_oro: Desk, resolved: Ticket) -> None:
    actions.rate(resolved, by=in_oro.alice, at=MONDAY, is_good=False, comment="Not yet.")
    actions.rate(resolved, by=in_oro.alice, at=MONDAY + HOUR, is_good=True)
    rating = Rating.objects.get()
    assert (rating.is_good, rating.comment) == (True, "")
    events = Event.objects.filter(kind=Kind.RATED).order_by("id")
    assert [event.data["is_good"] for event in events] == [False, True]
    with pytest.raises(IntegrityError, match="rating_once"), transaction.atomic():
        Rating.objects.create(ticket=resolved, is_good=True, by=in_oro.alice, at=MONDAY)


def test_an_open_ticket_has_no_outcome_yet(in_oro: Desk, ticket: Ticket) -> None:
    with pytest.raises(Refused, match="once the ticket is resolved"):
        actions.rate(ticket, by=in_oro.alice, at=MONDAY, is_good=True)


def test_nobody_else_rates(in_oro: Desk, resolved: Ticket) -> None:
    for who in (in_oro.bob, in_oro.grace, in_oro.carol):
        with pytest.raises(PermissionDenied):
            actions.rate(resolved, by=who, at=MONDAY, is_good=True)


def test_the_figures_by_month_are_the_vendors_own_months(in_oro: Desk, file: File) -> None:
    """Kyiv is two hours ahead: 22:30 UTC on 31 January is February there."""
    for days, is_good in ((0, True), (1, True), (2, False), (-29.4, False)):
        ticket = actions.resolve(file(), by=in_oro.carol, at=MONDAY)
        actions.rate(ticket, by=in_oro.alice, at=MONDAY + days * DAY, is_good=is_good)
    months = ratings.by_month(in_oro.vendor.zoneinfo, at=MONDAY + 3 * DAY)
    assert [(f"{each.month:%Y-%m}", each.good, each.total, each.share) for each in months] == [
        ("2026-03", 2, 3, pytest.approx(2 / 3)),
        ("2026-02", 0, 1, 0.0),
    ]
