"""Every page of the portal, of organizations and of Solutions: on a desk and on a phone, in light and in dark, it
fits and breaks no rule of WCAG 2.2 A and AA that axe knows. The pictures under var/shots/ are for people to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Browser

from onboarding import actions as onboarding
from onboarding import launching
from plans.states import State
from sla.models import Clock
from supportdesk.accounts import actions as accounts
from supportdesk.accounts.models import Role
from supportdesk.knowledge import actions as knowledge
from supportdesk.knowledge.models import Audience
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions
from tickets.actions.drafting import save_draft
from tickets.models import Ticket

VENDOR = "platformsh"
APPS = "platformsh-apps"
COMMERCE = "commercetools"
SIZES = (1280, 390)


@dataclass(frozen=True)
class Sheet:
    """One page: who opens it, and where. ``{…}`` in the address is filled in from what ``told`` made."""

    name: str
    path: str
    who: str = "alice"
    vendor: str = VENDOR
    opens: str = ""
    """A chip, folded part or button (its text) that is pressed before looking."""
    status: int = 200


SHEETS = [
    Sheet("sign-in", "/accounts/login/", who=""),
    Sheet("password-forgotten", "/accounts/password/reset/", who=""),
    Sheet("invitation", "/accounts/invitation/{invitation}/", who=""),
    Sheet("not-found", "tickets/999999/", status=404),
    Sheet("profile", "/accounts/profile/"),
    Sheet("addresses", "/accounts/email/"),
    Sheet("password", "/accounts/password/change/"),
    Sheet("two-factor", "/accounts/2fa/"),
    Sheet("two-factor-app", "/accounts/2fa/totp/activate/"),
    Sheet("list", "tickets/"),
    Sheet("list-filtered", "tickets/?status=waiting&q=checkout", who="grace"),
    Sheet("list-nothing-found", "tickets/?q=nothinglikethis"),
    Sheet("list-empty", "tickets/?scope=mine", vendor="drud"),
    Sheet("new", "tickets/new/"),
    Sheet("new-wrong", "tickets/new/", opens="File the ticket"),
    Sheet("new-with-questions", "tickets/new/", vendor="orocloud"),
    Sheet("new-with-draft", "tickets/new/", vendor=COMMERCE),
    Sheet("ticket", "tickets/{told}/"),
    Sheet("ticket-details", "tickets/{told}/", opens="Details of the request"),
    Sheet("ticket-resolved", "tickets/{resolved}/"),
    Sheet("ticket-closed", "tickets/{closed}/"),
    Sheet("ticket-with-everything", "tickets/{call}/", vendor=COMMERCE),
    Sheet("explanation", "{clock}"),
    Sheet("explanation-dialog", "tickets/{told}/", opens="Resolution"),
    Sheet("higher-priority", "tickets/{low}/priority-request/"),
    Sheet("escalation", "tickets/{urgent}/escalation/", vendor=APPS),
    Sheet("call-back", "tickets/{uncalled}/call-back/", vendor=COMMERCE),
    Sheet("rating", "tickets/{resolved}/rating/"),
    Sheet("follow-up", "tickets/{closed}/follow-up/"),
    Sheet("followers", "tickets/{told}/followers/"),
    Sheet("inbox", "inbox/"),
    Sheet("tokens", "tokens/"),
    Sheet("organization", "organization/"),
    Sheet("organization-managed", "organization/", who="grace"),
    Sheet("person", "organization/people/{bob}/", who="grace"),
    Sheet("promises", "organization/promises/"),
    Sheet("promises-with-hours", "organization/promises/", vendor=COMMERCE),
    Sheet("hours", "organization/hours/", vendor=COMMERCE),
    Sheet("absences", "organization/absences/", who="grace"),
    Sheet("launches", "organization/launches/", who="grace"),
    Sheet("customers", "desk/organizations/", who="erin"),
    Sheet("customer-new", "desk/organizations/new/", who="erin"),
    Sheet("customer", "desk/organizations/northwind/", who="erin"),
    Sheet("customer-projects", "desk/organizations/northwind/projects/", who="erin"),
    Sheet("customer-project", "desk/organizations/northwind/projects/{project}/", who="erin"),
    Sheet("customer-person", "desk/organizations/northwind/people/{bob}/", who="erin"),
    Sheet("solutions", "solutions/"),
    Sheet("solutions-found", "solutions/?q=backup"),
    Sheet("solutions-section", "solutions/sections/{section}/"),
    Sheet("solutions-article", "solutions/articles/{article}/"),
    Sheet("solutions-empty", "solutions/", vendor="drud"),
]


@pytest.fixture(scope="module")
def told(everybody: tuple[LiveDesk, dict[str, Desk]]) -> dict[str, object]:
    """All that there is to read, by the names that the addresses use."""
    live, desks = everybody
    with live.at_hand():
        made: dict[str, object] = {}
        with vendor_scope(desks[VENDOR].vendor):
            made |= _conversations(desks[VENDOR]) | _organization(desks[VENDOR]) | _solutions(desks[VENDOR])
        with vendor_scope(desks[APPS].vendor):
            made["urgent"] = _filed(desks[APPS], "P1", "The shop is down").number
        with vendor_scope(desks[COMMERCE].vendor):
            made |= _calls(desks[COMMERCE])
    return made


@pytest.fixture(scope="module")
def readers(
    chromium: Browser, everybody: tuple[LiveDesk, dict[str, Desk]]
) -> Iterator[Callable[[str, str, int], Visit]]:
    """A person at a browser, signed in once for all pages."""
    visits: dict[tuple[str, str, int], Visit] = {}

    def reader(who: str, vendor: str, width: int) -> Visit:
        key = (who, vendor, width)
        if key not in visits:
            visits[key] = Visit(chromium, everybody[0].address, who, vendor, width=width)
            if who:
                visits[key].sign_in()
        visits[key].complaints.clear()
        return visits[key]

    yield reader
    for visit in visits.values():
        visit.end()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_fits_and_can_be_read_by_everybody(
    sheet: Sheet, told: dict[str, object], live: LiveDesk, readers: Callable[[str, str, int], Visit]
) -> None:
    faults: list[str] = []
    for width in SIZES:
        visit = readers(sheet.who, sheet.vendor, width)
        visit.darken(False)
        path = sheet.path.format(**told)
        answer = visit.page.goto(path) if path.startswith("/") else visit.go(path)
        assert answer is not None
        assert answer.status == sheet.status
        if sheet.opens:
            _open(visit, sheet.opens)
        for dark in (False, True):
            visit.darken(dark)
            visit.shoot(f"page-{sheet.name}")
            visit.fits()
            faults += faults_of(visit.page)
        faults += [each for each in visit.complaints if sheet.status < 400 or str(sheet.status) not in each]
    assert not faults, "\n".join(faults)


def _open(visit: Visit, text: str) -> None:
    main = visit.page.get_by_role("main")
    if text == "Resolution":
        main.get_by_role("link").filter(has_text=text).click()
        visit.page.get_by_role("dialog").get_by_text("Times are shown in").wait_for()
    elif text == "File the ticket":
        visit.page.locator("form#filing").evaluate("form => { form.noValidate = true }")
        visit.press(text)
        visit.page.get_by_role("alert").first.wait_for()
        visit.complaints.clear()  # the browser notes the 422
    else:
        main.get_by_text(text, exact=True).click()


def _filed(desk: Desk, code: str, subject: str, **more: object) -> Ticket:
    body = "# What happens\n\n- pay\n- `500`\n\n> quoted\n\n[the page](https://shop.example/) is **down**"
    given = {"by": desk.alice, "at": database_now(), "body": body} | more
    return actions.open_ticket(project=desk.project, priority=desk.priority(code), subject=subject, **given)  # type: ignore[arg-type]


def _conversations(desk: Desk) -> dict[str, object]:
    files = [SimpleUploadedFile("checkout.log", b"500 /checkout\n" * 9, content_type="text/plain")]
    told = _filed(desk, "Critical", "Checkout fails for cards from abroad", files=files)
    actions.assign(told, to=desk.carol, by=desk.carol, at=database_now())
    actions.follow(told, who=desk.bob, by=desk.alice, at=database_now())
    actions.reply(told, by=desk.carol, at=database_now(), body="Which cards?\n\n```\ncurl -v\n```")
    actions.set_state(told, State.WAITING, by=desk.carol, at=database_now())
    resolved = _filed(desk, "Normal", "Invoices carry last year's address")
    actions.reply(resolved, by=desk.carol, at=database_now(), body="They carry the new one now.")
    actions.resolve(resolved, by=desk.alice, at=database_now())
    past = database_now() - timedelta(days=60)
    closed = _filed(desk, "Low", "A typing error in the footer", at=past)
    actions.resolve(closed, by=desk.carol, at=past + timedelta(days=1))
    low = _filed(desk, "Low", "The search is slow")
    clock = Clock.objects.filter(ticket=told).earliest("pk")
    numbers: dict[str, object] = {
        "told": told.number,
        "resolved": resolved.number,
        "closed": closed.number,
        "low": low.number,
    }
    return numbers | {"clock": f"tickets/{told.number}/clocks/{clock.pk}/"}


def _calls(desk: Desk) -> dict[str, object]:
    call = _filed(desk, "S2", "Orders arrive twice")
    actions.ask_for_callback(call, number="+49 30 901820", by=desk.alice, at=database_now())
    actions.ask_for_priority(
        call, priority=desk.priority("S1"), reason="All orders are.", by=desk.alice, at=database_now()
    )
    _draft(desk)
    return {"call": call.number, "uncalled": _filed(desk, "S3", "A question of VAT").number}


def _organization(desk: Desk) -> dict[str, object]:
    now, today = database_now(), database_now().date()
    away = {"starts_on": today, "ends_on": today + timedelta(days=9)}
    onboarding.note_absence(
        organization=desk.organization, person=desk.bob, note="Ask Alice.", by=desk.grace, at=now, **away
    )
    launching.announce(project=desk.project, planned_on=today + timedelta(days=2), by=desk.grace, at=now)
    _row, secret = accounts.invite(
        email="frank@northwind.example", role=Role.CUSTOMER, organization=desk.organization, by=desk.grace, at=now
    )
    return {"invitation": secret, "bob": desk.bob.pk, "project": desk.project.pk}


def _solutions(desk: Desk) -> dict[str, object]:
    now = database_now()
    section = knowledge.add_section(name="Backups", audience=Audience.EXTERNAL, by=desk.erin, at=now)
    article = knowledge.write(
        section=section,
        title="Restoring a backup",
        body="## Where\n\n1. Open\n2. `drush`",
        by=desk.erin,
        at=now,
    )
    knowledge.publish(article, by=desk.erin, at=now)
    return {"section": section.slug, "article": article.slug}


def _draft(desk: Desk) -> None:
    content = {"subject": ["Half a sentence"], "body": ["It began"], "project": [str(desk.project.pk)]}
    save_draft(by=desk.alice, at=database_now(), submission=uuid4(), content=content)
