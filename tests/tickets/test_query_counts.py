"""The portal's pages ask the database no more with 50 tickets, 200 messages and 50 attachments than with few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import LIST, NEW, filed, page, queries
from tickets import actions
from tickets.models import Attachment, Message, Ticket
from tickets.models.message import MessageChannel, MessageKind

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def monday(settings: LazySettings, tmp_path: object) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def alice(client: Client, oro: Desk) -> Client:
    client.force_login(oro.alice.user)
    return client


def test_a_list_of_fifty(oro: Desk, alice: Client) -> None:
    filed(oro)
    page(alice, LIST)
    few = queries(alice, LIST)
    for number in range(50):
        filed(oro, subject=f"Checkout is down {number}", is_shared=bool(number % 2))
    assert queries(alice, LIST) == few


def test_a_ticket_with_two_hundred_messages_and_fifty_files(oro: Desk, alice: Client) -> None:
    ticket = filed(oro, files=[SimpleUploadedFile("a.log", b"x")])
    address = f"{LIST}{ticket.number}/"
    page(alice, address)
    few = queries(alice, address)
    with vendor_scope(oro.vendor):
        said = [
            Message(
                ticket=ticket,
                author=(oro.alice, oro.bob, oro.carol)[number % 3],
                kind=MessageKind.PUBLIC,
                channel=MessageChannel.PORTAL,
                body=f"Message {number}",
                created_at=MONDAY - timedelta(minutes=number),
            )
            for number in range(200)
        ]
        Message.objects.bulk_create(said)
        for number, message in enumerate(Message.objects.filter(ticket=ticket).order_by("-pk")[:50]):
            Attachment.objects.create(
                ticket=ticket,
                message=message,
                name=f"{number}.log",
                size=1,
                content_type="text/plain",
                file=f"x/{number}.log",
                created_at=MONDAY,
            )
    assert page(alice, address).count(".log") >= 50
    assert queries(alice, address) == few


def test_the_form_and_its_suggestions(oro: Desk, alice: Client) -> None:
    address = f"{NEW}suggestions/?subject=Checkout+is+down"
    page(alice, NEW)
    form, near = queries(alice, NEW), queries(alice, address)
    for number in range(50):
        ticket = filed(oro, subject=f"Checkout is down {number}")
        with vendor_scope(oro.vendor):
            actions.resolve(Ticket.objects.get(pk=ticket.pk), by=oro.alice, at=MONDAY)
    assert page(alice, address).count("Checkout is down") == 3
    assert (queries(alice, NEW), queries(alice, address)) == (form, near)
