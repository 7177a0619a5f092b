"""What people and services are told of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from escalation import policies
from escalation.links import make_links
from escalation.models import Page
from escalation.whom import Contact
from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import EMAIL, INBOX, SMS, VOICE, Occasion, Recipient, send, tell_many
from supportdesk.notifications.reach import Carrier, carrier
from tickets.models import Ticket

PHONE = frozenset((SMS, VOICE))
KIND = "page"
"""Of the notices and deliveries: they come by every way the policy chose, and by the lane that nothing holds up."""


@dataclass(frozen=True, slots=True)
class Message:
    """One landing's step of a page for one person. ``key`` names the step: everybody is told of it once."""

    page: Page
    ticket: Ticket
    contact: Contact
    channels: tuple[str, ...]
    key: str
    note: str = ""


def tell(messages: Sequence[Message], *, vendor: str, at: datetime) -> None:
    """Everybody by their channels; e-mails carry a link of the person's own that answers the page. The same number of
    statements for any number of pages of a policy."""
    members = [each for each in messages if each.contact.member is not None]
    for channels, some in _by_channels(members):
        if channels:
            tell_many(((_occasion(each, vendor, at), [_member(each)]) for each in some), channels=channels)
    by_email = [each for each in messages if EMAIL in each.channels]
    links = make_links([(each.page, each.contact) for each in by_email], vendor=vendor, at=at) if by_email else []
    written = [
        (each, _with_link(_occasion(each, vendor, at), link)) for each, link in zip(by_email, links, strict=True)
    ]
    tell_many(
        ((occasion, [_member(each)]) for each, occasion in written if each.contact.member is not None),
        channels=(EMAIL,),
    )
    for each, occasion in written:
        if each.contact.member is None and each.contact.email:
            _send(occasion, Recipient(EMAIL, each.contact.email, each.contact.key))
    called = [each for each in messages if each.contact.phone and PHONE & set(each.channels)]
    by = carrier() if called else Carrier()
    for each in called:
        for channel in sorted(PHONE & set(each.channels)):
            _send(_occasion(each, vendor, at), _by_phone(each.contact, channel, by))


def page_number(key: str) -> int | None:
    """The page that a notice or delivery of ``KIND`` with this key tells of: ``page-12-3-1`` is of page 12."""
    kind, _dash, rest = key.partition("-")
    number = rest.partition("-")[0]
    return int(number) if kind == "page" and number.isdecimal() else None


def title_of(page: Page, ticket: Ticket) -> str:
    """The line that a phone shows."""
    named = {"priority": page.priority, "number": ticket.number, "subject": ticket.subject}
    return _("%(priority)s, #%(number)s: %(subject)s") % named


def body_of(page: Page, ticket: Ticket, *, why: str = "", note: str = "") -> str:
    """What happened, to whom, and why the reader is told."""
    named = {"org": ticket.organization.name, "policy": policies.name_of(page.contract_version_id, page.policy)}
    trigger = policies.trigger_names().get(page.trigger, page.trigger)
    lines = [f"{trigger}. " + _("%(org)s waits for an answer.") % named]
    if note:
        lines.append(note)
    if page.bridge:
        lines.append(_("Conference bridge: %(url)s") % {"url": page.bridge})
    if why:
        lines.append(_("You are told because of the policy “%(policy)s”: %(why)s.") % (named | {"why": why}))
    return "\n\n".join(lines)


def path_of(page: Page, vendor: str) -> str:
    return reverse("desk-page", kwargs={"vendor": vendor, "pk": page.pk})


def _occasion(message: Message, vendor: str, at: datetime) -> Occasion:
    page, ticket = message.page, message.ticket
    return Occasion(
        kind=KIND,
        title=title_of(page, ticket),
        body=body_of(page, ticket, why=message.contact.why, note=message.note),
        path=path_of(page, vendor),
        key=message.key,
        at=at,
        ticket_number=ticket.number,
        thread=f"page-{page.vendor_id}-{page.pk}",
    )


def _with_link(occasion: Occasion, link: str) -> Occasion:
    said = _("Answer for it without signing in: %(link)s") % {"link": link}
    return replace(occasion, body=f"{said}\n\n{occasion.body}")


def _by_channels(messages: Iterable[Message]) -> Iterable[tuple[tuple[str, ...], list[Message]]]:
    """The messages by what is the same for everybody told so: all but e-mail, and but what goes to the telephone that
    the contract names for somebody."""

    def channels(message: Message) -> tuple[str, ...]:
        return tuple(sorted({*message.channels, INBOX} - {EMAIL} - (PHONE if message.contact.phone else set())))

    for same, some in groupby(sorted(messages, key=channels), key=channels):
        yield same, list(some)


def _member(message: Message) -> Membership:
    assert message.contact.member is not None
    return message.contact.member


def _by_phone(contact: Contact, channel: str, by: Carrier) -> Recipient:
    return Recipient(
        channel,
        contact.phone,
        contact.key,
        contact.member.pk if contact.member is not None else None,
        integration_id=by.integration_id,
        destination=by.destination,
        unreachable=by.missing,
    )


def _send(occasion: Occasion, recipient: Recipient) -> None:
    send(
        [recipient],
        kind=occasion.kind,
        title=occasion.title,
        body=occasion.body,
        path=occasion.path,
        key=occasion.key,
        at=occasion.at,
        ticket_number=occasion.ticket_number,
        thread=occasion.thread,
    )
