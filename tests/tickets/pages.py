"""Reading the portal's pages as a customer does."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.models import Category
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Ticket

HOUR = timedelta(hours=1)
LIST = "/orocloud/tickets/"
NEW = "/orocloud/tickets/new/"


def as_(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def filed(desk: Desk, **said: object) -> Ticket:
    facts: dict[str, object] = {
        "by": desk.alice,
        "at": MONDAY - HOUR,
        "project": desk.project,
        "subject": "Checkout is down",
        "body": "It answers 502.",
    }
    with vendor_scope(desk.vendor):
        facts["priority"] = desk.priority(str(said.pop("priority", "P2")))
        return actions.open_ticket(**(facts | said))  # type: ignore[arg-type]


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return text_of(response.content.decode())


def text_of(html: str) -> str:
    """The words of a page, without its markup."""
    unscripted = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", unscripted)).split())


def queries(client: Client, path: str, **headers: str) -> int:
    """What a page asks of the database, the statements of the transaction around it left out."""
    with CaptureQueriesContext(connection) as asked:
        client.get(path, headers=headers)
    return sum(not re.match("SAVEPOINT|RELEASE|SELECT set_config", query["sql"]) for query in asked)


def answers(desk: Desk, **changed: object) -> dict[str, object]:
    """A form filled in well."""
    with vendor_scope(desk.vendor):
        category = Category.objects.get(slug="technical-request")
        filled: dict[str, object] = {
            "submission": str(uuid.uuid4()),
            "project": desk.project.pk,
            "category": category.pk,
            "field_license_key": "LIC-1",
            "field_company_name": "Northwind",
            "environment": "production",
            "subject": "Checkout is down",
            "url": "shop.example/checkout",
            "body": "It answers **502**.",
            "priority": desk.priority("P1").pk,
            "is_shared": "false",
        }
    return filled | changed
