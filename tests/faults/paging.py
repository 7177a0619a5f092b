"""Drud's desk as it pages in the night, with VictorOps and Twilio on the loopback and waits of seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from escalation.models import Page
from plans.actions import load_contract
from plans.contract import canonical, write
from plans.contract.edit import with_policies
from plans.queries import current_contract
from supportdesk.notifications.integrations import add
from supportdesk.notifications.models import ContactMethod, IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk, make_desk
from tests.escalation.nights import on_call
from tests.faults.sink import Heard, Say, Sink
from tests.workers import database_now

DAN, CAROL, ERIN = "+13035550101", "+13035550102", "+13035550103"
ACCOUNT = "AC" + "0" * 32
SECONDS = {"5 min": "4 s", "10 min": "60 s"}


def answer(heard: Heard) -> Say:
    """As VictorOps and Twilio do when all is well."""
    if "/alert/" in heard.path:
        return Say(body=json.dumps({"result": "success", "entity_id": heard.json["entity_id"]}))
    if heard.method == "GET":
        return Say(body=json.dumps({"messages": [], "calls": []}))
    return Say(status=201, body=json.dumps({"sid": f"SM{len(heard.body):032d}", "status": "queued"}))


def make_quick_desk() -> Desk:
    """With VictorOps, telephones, and Dan and Carol on call."""
    desk = make_desk("drud", paging=True)
    with vendor_scope(desk.vendor):
        contract = current_contract()
        assert contract is not None
        sections = canonical(contract)["escalation"]["policies"]
        for section in sections:
            section["steps"] = [
                step | ({"wait": SECONDS[step["wait"]]} if step.get("wait") in SECONDS else {})
                for step in section["steps"]
            ]
        load_policies(sections)
        on_call(desk.dan, desk.carol, rota="DDEV Live on-call")
        at = database_now()
        for kind, name, config, secrets in (
            (
                IntegrationKind.VICTOROPS,
                "VictorOps",
                {"routing_key": "ddev-live"},
                {"api_key": "0000-1111-2222", "shared_secret": "a-secret-of-sixteen"},
            ),
            (IntegrationKind.TWILIO, "Twilio", {"account": ACCOUNT, "sender": "+13035550100"}, {"token": "t" * 32}),
        ):
            add(kind=kind, name=name, config=config, secrets=secrets, by=desk.erin, at=at)
        for person, number in ((desk.dan, DAN), (desk.carol, CAROL), (desk.erin, ERIN)):
            ContactMethod.objects.create(membership=person, number=number, created_at=at, verified_at=at)
    return desk


def load_policies(sections: Sequence[Mapping[str, Any]]) -> None:
    """The contract in scope with these policies instead of its own, from now on."""
    contract = current_contract()
    assert contract is not None
    changed = with_policies(contract, sections)
    load_contract(changed, by=None, at=database_now(), source_text=write(changed))


def incidents(sink: Sink) -> list[tuple[str, str]]:
    """What VictorOps heard, in order: the message's type and the incident's key."""
    return [(each.json["message_type"], each.json["entity_id"]) for each in sink.heard if "/alert/" in each.path]


def rung(sink: Sink, collection: str) -> list[str]:
    """The numbers that were texted or called, in order."""
    return [
        parse_qs(each.body.decode())["To"][0]
        for each in sink.heard
        if each.method == "POST" and each.path.endswith(f"/{collection}.json")
    ]


def landings(desk: Desk, page: Page) -> int:
    with vendor_scope(desk.vendor):
        taken: int = Page.objects.values_list("landings", flat=True).get(pk=page.pk)
        return taken
