"""Writes about people's telephone numbers. A number counts when the code that was sent to it came back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import SMS, VOICE, send
from supportdesk.notifications.models import ContactMethod, Delivery
from supportdesk.notifications.outbox import Recipient
from supportdesk.notifications.reach import carrier

CODE_DIGITS = 6
CODE_LIVES = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=30)
MOST_TRIES = 5
MOST_NUMBERS = 5
A_DAY = 10
"""Codes that one person is sent: each costs the vendor something."""

CODE_KIND = "page.code"
"""Urgent: somebody waits for it."""


@transaction.atomic
def add(person: Membership, *, number: str, takes_texts: bool, takes_calls: bool, at: datetime) -> ContactMethod:
    """Notes an E.164 number, not yet proved, and sends it a code. Raises ValidationError."""
    if not (takes_texts or takes_calls):
        raise ValidationError({"takes_texts": _("Choose at least one: texts or calls.")})
    mine = ContactMethod.objects.of(person).select_for_update()
    if any(each.number == number for each in mine):
        raise ValidationError({"number": _("This number is there already.")})
    if len(mine) >= MOST_NUMBERS:
        raise ValidationError({"number": _("Five numbers are enough: remove one first.")})
    contact = ContactMethod.objects.create(
        membership=person, number=number, takes_texts=takes_texts, takes_calls=takes_calls, created_at=at
    )
    send_code(contact, at=at)
    return contact


@transaction.atomic
def send_code(contact: ContactMethod, *, at: datetime) -> None:
    """Sends a new code, by text or else by a call; the one before is worth nothing.

    Raises ValidationError when there is no service for it, or the last one is younger than half a minute.
    """
    contact = ContactMethod.objects.select_for_update().get(pk=contact.pk)
    if contact.verified_at is not None:
        return
    if contact.code_sent_at is not None and at < contact.code_sent_at + CODE_PAUSE:
        raise ValidationError(_("The last code is on its way: wait half a minute before asking for another."))
    since = at - timedelta(days=1)
    if Delivery.objects.filter(membership=contact.membership_id, kind=CODE_KIND, queued_at__gt=since).count() >= A_DAY:
        raise ValidationError(_("Ten codes in a day are enough: try again tomorrow."))
    way = carrier()
    if way.missing:
        raise ValidationError(_("Nothing can be sent to telephones yet: an admin has to set up Twilio first."))
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    contact.code_hash, contact.code_sent_at, contact.code_tries = _hash(contact, code), at, 0
    contact.save(update_fields=["code_hash", "code_sent_at", "code_tries"])
    channel = SMS if contact.takes_texts else VOICE
    said = code if channel == SMS else ", ".join(code)
    send(
        [
            Recipient(
                channel,
                contact.number,
                f"contact-{contact.pk}",
                contact.membership_id,
                integration_id=way.integration_id,
                destination=way.destination,
            )
        ],
        kind=CODE_KIND,
        title=_("Your code is {code}").format(code=said),
        body="",
        path="",
        key=f"contact-{contact.pk}-{at.isoformat()}",
        at=at,
    )


def verify(contact: ContactMethod, *, code: str, at: datetime) -> None:
    """The number is proved. Raises ValidationError for a wrong code, an old one, and after five wrong ones."""
    with transaction.atomic():
        contact = ContactMethod.objects.select_for_update().get(pk=contact.pk)
        if contact.verified_at is not None:
            return
        if contact.code_sent_at is None or at >= contact.code_sent_at + CODE_LIVES or contact.code_tries >= MOST_TRIES:
            raise ValidationError(_("This code is no longer valid: ask for a new one."))
        is_right = hmac.compare_digest(contact.code_hash, _hash(contact, "".join(code.split())))
        if is_right:
            contact.verified_at, contact.code_hash = at, ""
        else:
            contact.code_tries += 1
        contact.save(update_fields=["verified_at", "code_hash", "code_tries"])
    if not is_right:
        raise ValidationError(_("That is not the code that was sent to this number."))
    audit.record("contact.verified", by=contact.membership, at=at, subject=contact, number=contact.number)


def remove(contact: ContactMethod, *, at: datetime) -> None:
    """Nothing is sent there any more."""
    audit.record("contact.removed", by=contact.membership, at=at, number=contact.number)
    contact.delete()


def _hash(contact: ContactMethod, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"contact-{contact.pk}:{code}".encode(), hashlib.sha256).hexdigest()
