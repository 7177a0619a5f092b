"""`manage.py demo`: once, for every vendor whose contract is there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from supportdesk.accounts.models import Membership, User, Vendor
from supportdesk.demo.people import CASTS, GRACE_AT_NORTHWIND, sign_ins
from supportdesk.tenancy.scope import all_vendors
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path


def demo(*, again: bool = False) -> str:
    said = io.StringIO()
    call_command("demo", again=again, tickets_per_vendor=6, stdout=said)
    return said.getvalue()


def counts() -> tuple[int, ...]:
    with all_vendors("counting what the demo made"):
        return (
            Vendor.objects.count(),
            User.objects.count(),
            Membership.objects.count(),
            Ticket.objects.count(),
            Event.objects.count(),
        )


@pytest.mark.slow
def test_a_second_call_says_so_and_changes_nothing_and_again_tells_it_anew() -> None:
    demo()
    first = counts()
    assert first[0] == len(CASTS)
    assert "there already" in demo()
    assert counts() == first
    demo(again=True)
    assert counts()[:4] == first[:4]


def test_where_it_is_no_demo_nothing_is_made(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        demo()
    assert counts() == (0, 0, 0, 0, 0)


def test_a_customer_an_agent_and_an_admin_of_each_vendor_are_named_to_begin_with() -> None:
    emails = [email for _, _, email in sign_ins()]
    assert len(emails) == len(set(emails)) == 3 * len(CASTS)


def test_one_person_is_a_customer_of_two_vendors_and_all_others_of_one() -> None:
    emails = [person.email for cast in CASTS for person in cast.people]
    assert {email for email in emails if emails.count(email) > 1} == {GRACE_AT_NORTHWIND}
    assert all(email.endswith(".example") for email in emails)
