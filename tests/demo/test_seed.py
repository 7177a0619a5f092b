"""One vendor's demo, told small: what stands on the desk at the moment of seeding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils.text import slugify
from pytest_django import DjangoDbBlocker

from escalation.models import Rota
from escalation.on_call import people_on_call
from plans.actions import load_contract
from plans.contract import read_file
from plans.models import Subscription
from plans.states import State
from sla.chips import ChipState
from sla.models import Clock
from sla.queries import pressing_chips
from sla.runs import Outcome
from supportdesk.accounts.models import Membership, Role, User, Vendor
from supportdesk.demo.outbox import telling_since
from supportdesk.demo.people import CASTS, PASSWORD, Cast
from supportdesk.demo.rotas import PLANS
from supportdesk.demo.seed import is_seeded, seed, seed_imminent
from supportdesk.demo.stage import make_users
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail, Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tickets.models import Attachment, Event, Message, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
YESTERDAY = WEDNESDAY - timedelta(days=1)
TICKETS = 30
CONTRACTS = Path(__file__).parent.parent.parent / "contracts"


@dataclass(frozen=True, slots=True)
class Told:
    cast: Cast
    vendor: Vendor


@pytest.fixture(scope="module", params=["platformsh-apps", "drud", "commercetools"])
def told(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Told]:
    """The vendor's demo as of a Wednesday at one o'clock, in its scope; gone after the module's tests."""
    cast = next(cast for cast in CASTS if cast.vendor == request.param)
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, transaction.atomic(), telling_since(YESTERDAY):
        contract, text = read_file(CONTRACTS / f"{cast.vendor}.yaml")
        load_contract(contract, by=None, at=WEDNESDAY - timedelta(days=90), source_text=text)
        vendor = Vendor.objects.get(slug=cast.vendor)
        make_users([cast])
        seed(cast, vendor, at=WEDNESDAY, tickets_per_vendor=TICKETS)
        seed_imminent(cast, vendor, at=WEDNESDAY)
        with vendor_scope(vendor):
            yield Told(cast, vendor)
        transaction.set_rollback(True)


@pytest.fixture
def undone(told: Told) -> Iterator[None]:
    """What the test does is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fingerprint() -> list[tuple[object, ...]]:
    rows = Ticket.objects.order_by("id").values_list("subject", "received_at", "state", "assignee__user__email")
    return [*rows, *Message.objects.order_by("id").values_list("body", "created_at")]


def test_everybody_of_the_cast_has_a_place_and_the_one_password(told: Told) -> None:
    expected = {person.email for person in told.cast.people} | {"olga@supportdesk.example"}
    assert set(Membership.objects.values_list("user__email", flat=True)) == expected
    assert all(User.objects.get(email=email).check_password(PASSWORD) for email in sorted(expected)[:2])


def test_every_plan_of_the_vendor_is_sold_to_somebody(told: Told) -> None:
    sold = set(Subscription.objects.values_list("plan__offering__slug", "plan__slug"))
    assert sold == {(site.offering, site.plan) for company in told.cast.companies for site in company.sites}


def test_open_tickets_stand_in_every_way(told: Told) -> None:
    open_tickets = list(Ticket.objects.open().for_rows())
    chips = {chip.state for chip in pressing_chips(open_tickets, at=WEDNESDAY).values()}
    states = {ticket.state for ticket in open_tickets}
    assert {ChipState.BREACHED, ChipState.AT_RISK, ChipState.RUNNING} <= chips
    assert states >= {State.NEW, State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING, State.REOPENED}
    assert any(ticket.assignee is None for ticket in open_tickets)
    assert any(ticket.assignee is not None for ticket in open_tickets)


def test_best_effort_is_there_where_a_plan_has_it(told: Told) -> None:
    if told.vendor.slug != "platformsh-apps":
        pytest.skip("this vendor promises every first response by an instant")
    chips = pressing_chips(Ticket.objects.open().for_rows(), at=WEDNESDAY)
    assert ChipState.BEST_EFFORT in {chip.state for chip in chips.values()}


def test_nothing_happened_after_the_moment_of_seeding(told: Told) -> None:
    assert not Event.objects.filter(at__gt=WEDNESDAY).exists()
    assert not Ticket.objects.filter(received_at__gt=WEDNESDAY).exists()


def test_a_late_answer_stands_after_its_breach(told: Told) -> None:
    late = list(Clock.objects.filter(outcome=Outcome.LATE.value))
    assert late
    for clock in late:
        assert clock.due_at is not None
        assert clock.settled_at is not None
        assert clock.settled_at > clock.due_at
        assert Event.objects.filter(
            ticket=clock.ticket_id, kind=Kind.SLA_BREACHED, at=clock.due_at, data__metric=clock.metric
        ).exists()


def test_every_breach_that_has_come_due_is_on_the_timeline(told: Told) -> None:
    assert not Clock.objects.open().filter(due_at__lt=WEDNESDAY, breached_at=None, paused_at=None).exists()
    assert not Timer.objects.filter(due_at__lt=WEDNESDAY).exists()


def test_one_warning_and_one_breach_come_within_two_minutes(told: Told, undone: None) -> None:
    def alarms(until: timedelta) -> list[str]:
        while fire_due(until=WEDNESDAY + until):
            pass
        found = Event.objects.filter(kind__in=(Kind.SLA_WARNING, Kind.SLA_BREACHED), at__gt=WEDNESDAY)
        return list(found.order_by("at").values_list("kind", flat=True))

    assert alarms(timedelta(seconds=29)) == []
    assert alarms(timedelta(seconds=60)) == [Kind.SLA_WARNING]
    assert alarms(timedelta(seconds=120)) == [Kind.SLA_WARNING, Kind.SLA_BREACHED]


def test_nobody_is_told_of_old_news_and_no_mail_waits(told: Told) -> None:
    assert not Notice.objects.filter(at__lt=YESTERDAY).exists()
    states = set(Delivery.objects.values_list("state", flat=True))
    assert DeliveryState.SENT in states
    assert states <= {DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.CANCELLED}
    kept = KeptMail.objects.filter(vendor_slug=told.vendor.slug)
    assert kept.count() == Delivery.objects.filter(state=DeliveryState.SENT).count()
    assert not kept.filter(sent_at__lt=YESTERDAY).exists()
    assert not Notice.objects.filter(at__lt=WEDNESDAY - timedelta(hours=3), read_at=None).exists()


def test_files_come_with_some_tickets(told: Told) -> None:
    for attachment in Attachment.objects.all():
        assert attachment.file.size == attachment.size


def test_told_again_it_is_the_same_demo(told: Told, undone: None) -> None:
    before = fingerprint()
    assert is_seeded(told.vendor)
    seed(told.cast, told.vendor, at=WEDNESDAY, tickets_per_vendor=TICKETS)
    assert not is_seeded(told.vendor), "the tickets to be watched are still missing"
    seed_imminent(told.cast, told.vendor, at=WEDNESDAY)
    assert is_seeded(told.vendor)
    assert fingerprint() == before


def test_admins_and_leads_are_among_the_staff(told: Told) -> None:
    roles = set(Membership.objects.values_list("role", flat=True))
    assert roles >= {Role.CUSTOMER, Role.MANAGER, Role.AGENT, Role.LEAD, Role.ADMIN, Role.OPERATOR}


def test_policies_find_who_is_on_call(told: Told) -> None:
    named = set(re.findall(r"rota:([\w-]+)", (CONTRACTS / f"{told.cast.vendor}.yaml").read_text()))
    rotas = {rota.slug: rota for rota in Rota.objects.in_use()}
    assert named == rotas.keys()
    assert all(people_on_call(rota, WEDNESDAY)[:2].count(None) == 0 for rota in rotas.values())


@pytest.mark.parametrize("slug", PLANS)
def test_the_rota_of_each_vendor_is_the_one_of_its_policies(slug: str) -> None:
    assert f"rota:{slugify(PLANS[slug].name)}]" in (CONTRACTS / f"{slug}.yaml").read_text()
