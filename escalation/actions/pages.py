"""What is done about a page: acknowledging, passing on, noting, resolving. Of two who do it at once, one wins.

``by`` is a person with a place here; where it was somebody else (a director by their e-mail's link, a service),
``named`` says who. ``by_what`` says from where: desk, email, inbox, service or ticket.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import answers, bridges, messages, policies, steps
from escalation.doing import report
from escalation.ladder import Standing
from escalation.messages import Message
from escalation.models import Page
from escalation.opening import TIMER, Opening, open_pages
from escalation.whom import Contact
from plans.policies import Matter
from plans.queries import policy_book
from supportdesk.accounts.models import Membership, Vendor
from supportdesk.timers import actions as timers
from tickets import events as timeline
from tickets.actions.locking import staff_only
from tickets.errors import Refused
from tickets.matters import matters_of
from tickets.models import Ticket
from tickets.models.event import Kind

HANDED_FOR = timedelta(minutes=5)
"""How long somebody to whom a page was handed has before the ladder goes on without them."""


@transaction.atomic
def acknowledge(page: Page, *, by: Membership | None, at: datetime, by_what: str = "desk", named: str = "") -> Page:
    """Answers for it: nobody further is woken. Acknowledging again what one has is nothing; Refused says who was
    quicker, or that it is over."""
    staff_only(by)
    page, ticket = locked(page)
    _unsettled(page)
    if not page.is_open:
        if (by is not None and page.acknowledged_by_id == by.pk) or (by is None and page.acknowledged_as == named):
            return page
        raise Refused(_("%(name)s was quicker: it is acknowledged already.") % {"name": page.answered_by})
    answers.acknowledge(page, ticket, by=by, at=at, by_what=by_what, named=named)
    return page


@transaction.atomic
def escalate_now(page: Page, *, by: Membership | None, at: datetime, by_what: str = "desk", named: str = "") -> Page:
    """Takes the next step of its ladder at once, acknowledged or not; from the first one when all were taken."""
    staff_only(by)
    page, ticket = locked(page)
    _unsettled(page)
    answers.reopen(page)
    page.save()
    ladder = policies.ladder_in(page.contract_version_id, page.policy)
    if page.step >= len(ladder.steps):
        page.standing = Standing()
    who = by.name if by is not None else named
    data = {"page": page.pk, "policy": page.policy, "to": None, "to_name": "", "by_what": by_what, "as": named}
    timeline.record(ticket, Kind.PAGE_HANDED, data, by=by, at=at, key="")
    report(
        page,
        ticket,
        "annotate",
        key=f"escalated-{page.landings}",
        vendor=_slug(page),
        at=at,
        text=_("%(name)s escalates to the next step.") % {"name": who},
        author=who,
    )
    steps.take([page], {ticket.pk: ticket}, {page.pk: at}, at=at)
    return page


@transaction.atomic
def hand_to(page: Page, *, to: Membership, by: Membership, at: datetime) -> Page:
    """Asks this colleague to answer for it; the ladder goes on when they have not within ``HANDED_FOR``."""
    staff_only(by)
    if not to.is_staff_side or not to.is_active:
        raise Refused(_("Only the support team’s people can answer for a page."), field="to")
    page, ticket = locked(page)
    _unsettled(page)
    answers.reopen(page)
    page.holder = to
    page.next_at = at + HANDED_FOR
    page.landings += 1
    page.has_reached = True
    page.save()
    timers.set(TIMER, page.pk, page.next_at)
    key = f"page-{page.pk}-{page.landings}-handed"
    why = _("%(name)s hands it to you") % {"name": by.name}
    contact = Contact(f"member-{to.pk}", to.name, why, to, to.user.email)
    message = Message(page, ticket, contact, ("inbox", "email", "sms"), key)
    messages.tell([message], vendor=_slug(page), at=at)
    data = {"page": page.pk, "policy": page.policy, "to": to.pk, "to_name": to.name, "key": key}
    timeline.record(ticket, Kind.PAGE_HANDED, data, by=by, at=at)
    report(
        page,
        ticket,
        "annotate",
        key=f"handed-{page.landings}",
        vendor=_slug(page),
        at=at,
        text=_("%(name)s hands it to %(to)s.") % {"name": by.name, "to": to.name},
        author=by.name,
    )
    return page


@transaction.atomic
def annotate(page: Page, *, text: str, by: Membership, at: datetime) -> None:
    """A line on the page's and the ticket's timelines, and on the incident where a service has one."""
    staff_only(by)
    if not text.strip():
        raise Refused(_("Write something first."), field="text")
    page, ticket = locked(page)
    text = text.strip()[:1000]
    data = {"page": page.pk, "policy": page.policy, "text": text}
    event = timeline.record(ticket, Kind.PAGE_NOTED, data, by=by, at=at)
    report(page, ticket, "annotate", key=f"note-{event.pk}", vendor=_slug(page), at=at, text=text, author=by.name)


@transaction.atomic
def open_bridge(page: Page, *, url: str, by: Membership, at: datetime) -> Page:
    """Gives the page a conference bridge: the address pasted, or else the one the vendor's contract makes."""
    staff_only(by)
    page, ticket = locked(page)
    _unsettled(page)
    url = url.strip() or bridges.made_for(page, ticket)
    try:
        URLValidator(schemes=["https"])(url)
    except ValidationError:
        raise Refused(_("A bridge has an https address."), field="url") from None
    if urlsplit(url).username is not None or len(url) > 500:
        raise Refused(_("A bridge has an https address."), field="url")
    page.bridge = url
    page.save(update_fields=["bridge"])
    data = {"page": page.pk, "policy": page.policy, "url": url}
    event = timeline.record(ticket, Kind.PAGE_BRIDGED, data, by=by, at=at)
    report(
        page,
        ticket,
        "annotate",
        key=f"bridge-{event.pk}",
        vendor=_slug(page),
        at=at,
        text=_("Conference bridge: %(url)s") % {"url": url},
        author=by.name,
    )
    return page


@transaction.atomic
def resolve(
    page: Page,
    *,
    by: Membership | None,
    at: datetime,
    by_what: str = "desk",
    named: str = "",
    reason: str = "",
) -> Page:
    """It is over, whatever the ticket's state. Twice is once."""
    staff_only(by)
    page, ticket = locked(page)
    if not page.is_settled:
        answers.resolve(page, ticket, by=by, at=at, by_what=by_what, named=named, reason=reason.strip()[:300])
    return page


@transaction.atomic
def page_by_hand(ticket: Ticket, *, policy: str, by: Membership, at: datetime) -> Page:
    """Opens a page of one of the vendor's policies; Refused when the ticket is resolved or has one open already."""
    staff_only(by)
    ticket = steps.lock([ticket.pk])[ticket.pk]
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    book = policy_book()
    chosen = next((each for each in book.policies if each.slug == policy), None) if book is not None else None
    if book is None or chosen is None:
        raise Refused(_("Choose a policy."), field="policy")
    matter: Matter = matters_of([ticket.pk])[ticket.pk]
    opened = open_pages([Opening(ticket, chosen, matter, "manual", at, by)], version_id=book.version_id)
    if not opened:
        raise Refused(_("“%(name)s” is waking people about this ticket already.") % {"name": chosen.name})
    return Page.objects.get(pk=opened[0])


def locked(page: Page) -> tuple[Page, Ticket]:
    """The page as it is now and its ticket, both locked until the transaction ends."""
    tickets = steps.lock([page.ticket_id])
    now = Page.objects.select_for_update(of=("self",)).select_related("acknowledged_by__user", "resolved_by__user")
    return now.get(pk=page.pk), tickets[page.ticket_id]


def _unsettled(page: Page) -> None:
    if page.is_settled:
        raise Refused(_("This page is over."))


def _slug(page: Page) -> str:
    return Vendor.objects.get(pk=page.vendor_id).slug
