"""By which ways a person is reached: what was asked for, what they prefer, and what is possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, Role
from supportdesk.accounts.models.membership import CUSTOMER_ROLES
from supportdesk.notifications.groups import Group, group_of
from supportdesk.notifications.models import ContactMethod, Integration, IntegrationKind
from supportdesk.notifications.outbox import Occasion, Recipient, vendor_in_scope
from supportdesk.notifications.quiet import quiet_until as quiet_hours_until

INBOX = "inbox"
EMAIL = "email"
SMS = "sms"
VOICE = "voice"
PHONE = (SMS, VOICE)

STAFF_BUNDLE = timedelta(minutes=2)
"""An agent's e-mails that follow one another within this are put together; a customer's are not, unless they say so."""

FACTS = """
SELECT member.id, person.email, person.zone, member.role, preference.email_off, preference.sms_on,
    preference.quiet_from, preference.quiet_to, preference.bundle_minutes, latest.sent_at
FROM accounts_membership AS member JOIN accounts_user AS person ON person.id = member.user_id
LEFT JOIN notifications_preference AS preference
    ON preference.vendor_id = member.vendor_id AND preference.membership_id = member.id
LEFT JOIN LATERAL (
    SELECT sent_at FROM notifications_delivery AS sent
    WHERE sent.vendor_id = member.vendor_id AND sent.membership_id = member.id AND sent.state = 'sent'
        AND sent.channel = 'email' ORDER BY sent_at DESC LIMIT 1) AS latest ON true
WHERE member.vendor_id = %s AND member.id = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of one person's ways: their address, choices, quiet hours and verified numbers."""

    membership_id: int
    email: str
    zone: str
    role: str
    email_off: Sequence[str] = ()
    sms_on: Sequence[str] = ()
    quiet_from: time | None = None
    quiet_to: time | None = None
    bundle_minutes: int | None = None
    last_email_at: datetime | None = None
    contacts: list[ContactMethod] = field(default_factory=list)

    def channels_for(self, group: Group | None, asked: Sequence[str]) -> list[str]:
        """The ways out that were asked for, less what the person does not want and plus what they do."""
        if group is None:
            return [channel for channel in asked if channel != INBOX]
        wanted = [channel for channel in asked if channel in PHONE]
        if EMAIL in asked:
            wanted += [] if group.slug in self.email_off else [EMAIL]
            wanted += [SMS] if group.slug in self.sms_on and SMS not in wanted and self.contacts else []
        return wanted

    def quiet_until(self, at: datetime) -> datetime | None:
        return quiet_hours_until(self.quiet_from, self.quiet_to, ZoneInfo(self.zone), at)

    def email_not_before(self, group: Group, at: datetime) -> datetime | None:
        """When an e-mail of this group may leave: after quiet hours, and not too soon after the one before (which a
        clock that was wrong may have dated after ``at``)."""
        quiet = self.quiet_until(at)
        window = self._window() if group.is_bundled else timedelta(0)
        follows = min(self.last_email_at, at) + window if self.last_email_at is not None and window else None
        return max((each for each in (quiet, follows) if each is not None and each > at), default=None)

    def is_bundled(self, group: Group | None) -> bool:
        return group is not None and group.is_bundled and bool(self._window())

    def _window(self) -> timedelta:
        if self.bundle_minutes is not None:
            return timedelta(minutes=self.bundle_minutes)
        return timedelta(0) if Role(self.role) in CUSTOMER_ROLES else STAFF_BUNDLE


def quiet_until(person: Membership, at: datetime) -> datetime | None:
    """When this person's quiet hours are over, if ``at`` is within them; else None. One query.

    Whoever pages somebody asks this, and decides whether the page is worth it.
    """
    return quiet_until_of([person.pk], at).get(person.pk)


def quiet_until_of(memberships: Iterable[int], at: datetime) -> dict[int, datetime]:
    """``quiet_until`` for many, by membership; those who are not in quiet hours are left out. One query."""
    found = reach_of(memberships, phones=False)
    ends = {pk: each.quiet_until(at) for pk, each in found.items()}
    return {pk: end for pk, end in ends.items() if end is not None}


def reach_of(memberships: Iterable[int], *, phones: bool) -> dict[int, Reach]:
    """By membership; with their verified numbers if ``phones``. One query, or two."""
    ids = sorted(memberships)
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [vendor_in_scope(), ids])
        rows = [
            [*row[:4], row[4] or (), row[5] or (), *row[6:]]  # no row of preferences: none
            for row in cursor.fetchall()
        ]
    found = {row[0]: Reach(*row) for row in rows}
    if phones or any(each.sms_on for each in found.values()):
        for contact in ContactMethod.objects.verified().filter(membership_id__in=ids).order_by("id"):
            found[contact.membership_id].contacts.append(contact)
    return found


def recipients(
    occasion: Occasion, people: Iterable[int], reach: Mapping[int, Reach], asked: Sequence[str], carrier: Carrier
) -> Iterator[Recipient]:
    """The copies of one occasion. A way that was asked for by name and is not possible is a copy that says why."""
    group = group_of(occasion.kind)
    for pk in people:
        person = reach.get(pk)
        if person is None:  # of another vendor; the notice's foreign key says so aloud
            continue
        for channel in person.channels_for(group, asked):
            if channel == EMAIL:
                yield _by_email(occasion, person, group)
            elif channel in PHONE:
                yield from _by_phone(occasion, person, channel, group, carrier)
            else:
                yield Recipient(channel, person.email, f"member-{pk}", pk)


def _by_email(occasion: Occasion, person: Reach, group: Group | None) -> Recipient:
    is_held = group is not None and not occasion.is_urgent
    is_bundled = is_held and person.is_bundled(group)
    lane = "urgent" if occasion.is_urgent else "bundled" if is_bundled else "single"
    number = occasion.ticket_number
    return Recipient(
        EMAIL,
        person.email,
        f"member-{person.membership_id}",
        person.membership_id,
        order=f"email/{lane}/{number}/{person.email}" if number is not None else "",
        not_before=person.email_not_before(group, occasion.at) if is_held and group is not None else None,
        bundled=is_bundled,
    )


def _by_phone(
    occasion: Occasion, person: Reach, channel: str, group: Group | None, carrier: Carrier
) -> Iterator[Recipient]:
    takes = [each for each in person.contacts if (each.takes_texts if channel == SMS else each.takes_calls)]
    who = f"member-{person.membership_id}"
    if not takes or carrier.missing:
        reason = carrier.missing if takes else _("There is no verified telephone number.")
        yield Recipient(channel, "", who, person.membership_id, unreachable=reason)
        return
    is_held = group is not None and not occasion.is_urgent
    for contact in takes:
        yield Recipient(
            channel,
            contact.number,
            f"{who}-{contact.pk}",
            person.membership_id,
            integration_id=carrier.integration_id,
            destination=carrier.destination,
            not_before=person.quiet_until(occasion.at) if is_held else None,
        )


@dataclass(frozen=True, slots=True)
class Carrier:
    """What carries texts and calls at this vendor; ``missing`` says why nothing does."""

    integration_id: int | None = None
    destination: str = ""
    missing: str = ""


def carrier() -> Carrier:
    """The vendor's Twilio integration. The demo needs none: it keeps texts and calls as it keeps e-mails."""
    found = Integration.objects.enabled().filter(kind=IntegrationKind.TWILIO).first()
    if found is not None:
        return Carrier(found.pk, found.destination)
    if settings.DEMO:
        return Carrier(destination="kept")
    return Carrier(missing=_("No service for texts and calls is set up."))
