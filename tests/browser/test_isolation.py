"""Signed in at another vendor, nothing of Oro's ticket is there: every address that its own pages name answers 404."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

from supportdesk.tenancy.scope import vendor_scope
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions

NAMED = """() => {
    const names = ["href", "action", "formaction", "data-live", "hx-post", "hx-get"];
    const elements = [...document.querySelectorAll(names.map((name) => `[${name}]`).join())];
    return elements.flatMap((each) => names.map((name) => each.getAttribute(name))).filter(Boolean);
}"""


def test_every_address_of_oros_ticket_is_404_for_people_of_another_vendor(
    live: LiveDesk, desks: dict[str, Desk], visit: Callable[..., Visit]
) -> None:
    oro = desks["orocloud"]
    with live.at_hand(), vendor_scope(oro.vendor):
        ticket = actions.open_ticket(
            by=oro.alice,
            at=database_now(),
            project=oro.project,
            priority=oro.priority("P2"),
            subject="Prices differ between the list and the cart",
            body="See the file.",
            files=[SimpleUploadedFile("cart.csv", b"sku,list,cart\nA-1,10,12\n", content_type="text/csv")],
        )
        number = ticket.number
    carol, alice = visit("carol", "orocloud"), visit("alice", "orocloud")
    carol.go(f"desk/tickets/{number}/")
    alice.go(f"tickets/{number}/")
    found = {urlsplit(address).path for page in (carol.page, alice.page) for address in page.evaluate(NAMED)}
    of_ticket = sorted(path for path in found if f"/tickets/{number}/" in path or "/attachments/" in path)
    assert len(of_ticket) >= 14, of_ticket
    assert all(path.startswith("/orocloud/") for path in of_ticket)

    for name in ("alice", "carol", "erin"):
        stranger = visit(name, "drud")
        token = stranger.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        for path in of_ticket:
            asked = stranger.context.request.get(path)
            assert (asked.status, path) == (404, path)
            sent = stranger.context.request.post(path, headers={"X-CSRFToken": token, "Referer": live.address})
            assert (sent.status, path) == (404, path)
    with live.at_hand(), vendor_scope(oro.vendor):
        ticket.refresh_from_db()
        assert (ticket.state, ticket.assignee_id) == ("new", None)
        actions.resolve(ticket, by=oro.carol, at=database_now())
